"""Bound how many visits and shares a minute may begin, so that invented visitors cannot fill the database.

Visits that are open already go on. Decided here and not in the request: no page view is refused, and only the recorder
knows which visits are open.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final

from visitors.conf import conf
from visitors.models import Share, VisitorSession
from visitors.observation import DropReason

from .pings import can_open
from .sessions import SESSION_GAP_MS
from .steps import Classified, Draft
from .summary import moment

MINUTE_MS: Final = 60_000
REMEMBERED_MINUTES: Final = 30

Key = tuple[int, str]  # visitor and campaign: what makes a visit of its own

# What this process has stored of late, by kind and minute. It knows nothing of other machines' recorders, nor of
# visits that went on, so it only tells when to ask the database.
_begun: Counter[tuple[str, int]] = Counter()


def leave_out_flood(classified: Classified) -> None:
    """Drop what would begin more visits or shares in a minute than the cap, and count it. No query on a quiet day."""
    cap = conf.MAX_NEW_SESSIONS_PER_MINUTE
    if not cap:
        return
    over: set[int] = set()
    for minute, drafts in _by_minute(draft for draft in classified.drafts if draft.is_share).items():
        over |= _over(_Shares(minute), drafts, cap)
    for minute, drafts in _by_minute(draft for draft in classified.drafts if _may_begin(draft)).items():
        over |= _over(_Visits(minute), drafts, cap)
    if over:
        classified.dropped.update(
            (draft.seen.day, DropReason.OVER_CAP) for draft in classified.drafts if draft.seen.id in over
        )
        classified.drafts = [draft for draft in classified.drafts if draft.seen.id not in over]


def forget() -> None:
    """What this process remembers, as after its start."""
    _begun.clear()


class _Visits:
    name = "visits"

    def __init__(self, minute: int) -> None:
        self.minute = minute

    def key(self, draft: Draft) -> Key:
        return draft.seen.visitor_id, draft.campaign

    def stored(self) -> int:
        return VisitorSession.objects.filter(**_within("started_at", self.minute)).count()

    def known(self, drafts: Iterable[Draft]) -> set[Key]:
        """Keys whose visit is open: with their campaign, or with any when the draft brings none."""
        visitors = {draft.seen.visitor_id for draft in drafts} | {draft.seen.previous_visitor_id for draft in drafts}
        near = VisitorSession.objects.filter(
            visitor_id__in=visitors - {0},
            last_activity_at__gte=moment(self.minute * MINUTE_MS - SESSION_GAP_MS),
            started_at__lte=moment((self.minute + 1) * MINUTE_MS + SESSION_GAP_MS),
        )
        open_ones = set(near.values_list("visitor_id", "campaign"))
        return open_ones | {(visitor, "") for visitor, _ in open_ones}


class _Shares:
    name = "shares"

    def __init__(self, minute: int) -> None:
        self.minute = minute

    def key(self, draft: Draft) -> Key:
        return draft.seen.id, ""

    def stored(self) -> int:
        return Share.objects.filter(**_within("shared_at", self.minute)).count()

    def known(self, drafts: Iterable[Draft]) -> set[Key]:  # noqa: ARG002
        return set()


def _over(kind: _Visits | _Shares, drafts: list[Draft], cap: int) -> set[int]:
    """Ids of the observations that would begin what is beyond the cap; the earliest are kept."""
    by_key: defaultdict[Key, list[Draft]] = defaultdict(list)
    for draft in sorted(drafts, key=lambda draft: draft.seen.id):
        by_key[kind.key(draft)].append(draft)
    counted = (kind.name, kind.minute)
    if _begun[counted] + len(by_key) <= cap // 2:
        _remember(counted, len(by_key))
        return set()
    known = kind.known(drafts)
    fresh = [key for key in by_key if key not in known and not _is_continued(by_key[key], known)]
    stored = kind.stored()
    allowed = max(cap - stored, 0)
    _begun[counted] = max(_begun[counted], stored)
    _remember(counted, min(len(fresh), allowed))
    return {draft.seen.id for key in fresh[allowed:] for draft in by_key[key]}


def _is_continued(drafts: list[Draft], known: set[Key]) -> bool:
    """Midnight does not end a visit: it is open under yesterday's id."""
    return any((draft.seen.previous_visitor_id, draft.campaign) in known for draft in drafts)


def _may_begin(draft: Draft) -> bool:
    return draft.is_visit and can_open(draft.seen)


def _by_minute(drafts: Iterable[Draft]) -> dict[int, list[Draft]]:
    minutes: defaultdict[int, list[Draft]] = defaultdict(list)
    for draft in drafts:
        minutes[draft.seen.at_ms // MINUTE_MS].append(draft)
    return minutes


def _remember(counted: tuple[str, int], more: int) -> None:
    _begun[counted] += more
    if len(_begun) > 2 * REMEMBERED_MINUTES:
        for old in sorted(_begun, key=lambda each: each[1])[:REMEMBERED_MINUTES]:
            del _begun[old]


def _within(field: str, minute: int) -> dict[str, Any]:
    return {f"{field}__gte": moment(minute * MINUTE_MS), f"{field}__lt": moment((minute + 1) * MINUTE_MS)}
