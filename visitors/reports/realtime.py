"""What happens on the site now: who is here, on which pages, from where, and what they did last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import BigIntegerField, Count, F, Value

from visitors.models import TIME_SHIFT, PageView, VisitorInteraction, VisitorSession, first_id
from visitors.querysets import SessionQuerySet

from .answers import UNKNOWN, Counted
from .metrics import definitions
from .periods import CURRENT, SESSION_GAP

METRICS: Final = ("current_visitors", "sessions", "page_views")
MINUTES: Final = 30
LATEST: Final = 20
TOP: Final = 10
ONE_MS: Final = timedelta(milliseconds=1)
CLOCK_SET_BACK: Final = timedelta(hours=1)

MINUTE_OF_IDS: Final = 60_000 << TIME_SHIFT


@dataclass(frozen=True, slots=True)
class Minute:
    """`minutes_ago` 0 is the minute that ends now."""

    minutes_ago: int
    visitors: int
    page_views: int


@dataclass(frozen=True, slots=True)
class SessionInProgress:
    session_id: UUID
    started_at: datetime
    last_activity_at: datetime
    exit_path: str
    page_views: int
    interactions: int
    source: str
    country: str
    device_type: str
    recruiter_band: str


@dataclass(frozen=True, slots=True)
class LatestInteraction:
    occurred_at: datetime
    kind: str
    target: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTime:
    """People only. `sessions_in_progress` shows the 20 that moved last of the `sessions` that have not ended."""

    now: datetime
    definitions: dict[str, str]
    current_visitors: int
    sessions: int
    minutes: tuple[Minute, ...]
    pages: tuple[Counted, ...]
    sources: tuple[Counted, ...]
    sessions_in_progress: tuple[SessionInProgress, ...]
    latest_interactions: tuple[LatestInteraction, ...]


def real_time(now: datetime) -> RealTime:
    """Five queries over the last half hour; the oldest minute comes first. Each names its few columns and filters once:
    the statements are small, and making them is half of what they cost."""
    here = list(_people(now, within=CURRENT).values_list("source", "exit_path", "visitor_id"))
    alive = _people(now, within=SESSION_GAP)
    return RealTime(
        now=now,
        definitions=definitions(METRICS),
        current_visitors=len({visitor_id for *_, visitor_id in here}),
        sessions=alive.count(),
        minutes=_minutes(now),
        # The last page that somebody opened is where he is, however long ago that was.
        pages=_ranked(Counter(path for path, _ in {each[1:] for each in here} if path)),
        sources=_ranked(Counter(source for source, *_ in here)),
        sessions_in_progress=_in_progress(alive),
        latest_interactions=_interactions(now),
    )


def current_visitors(now: datetime) -> int:
    """What `RealTime.current_visitors` says, in one query."""
    here = _people(now, within=CURRENT)
    return int(here.aggregate(number=Count("visitor_id", distinct=True))["number"])


def _people(now: datetime, *, within: timedelta) -> SessionQuerySet:
    """Those who did something in the time up to now, in no order."""
    people = VisitorSession.objects.humans().order_by()
    return people.filter(last_activity_at__gte=now - within, last_activity_at__lte=now)


def _minutes(now: datetime) -> tuple[Minute, ...]:
    """By the time in their ids: reading the time of each row takes ten times as long as counting it. Where a clock was
    set back ids run ahead of it, and what they number counts in the latest minute."""
    since = now - timedelta(minutes=MINUTES)
    ago = (Value(first_id(now + ONE_MS) - 1) - F("id")) / Value(MINUTE_OF_IDS, output_field=BigIntegerField())
    recent = PageView.objects.humans().shown().order_by().filter(viewed_at__gt=since, viewed_at__lte=now)
    visitors, page_views = Counter[int](), Counter[int]()
    for minute, people, shown in recent.values_list(ago).annotate(Count("visitor_id", distinct=True), Count("id")):
        visitors[max(minute, 0)] += people
        page_views[max(minute, 0)] += shown
    return tuple(Minute(ago, visitors[ago], page_views[ago]) for ago in reversed(range(MINUTES)))


def _ranked(counts: Mapping[str, int]) -> tuple[Counted, ...]:
    ranked = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return tuple(Counted(name or UNKNOWN, number) for name, number in ranked[:TOP])


def _in_progress(alive: SessionQuerySet) -> tuple[SessionInProgress, ...]:
    rows = alive.order_by("-last_activity_at").values_list(
        "session_id",
        "started_at",
        "last_activity_at",
        "exit_path",
        "page_views_count",
        "interactions_count",
        "source",
        "country",
        "device_type",
        "recruiter_band",
    )
    return tuple(SessionInProgress(*row) for row in rows[:LATEST])


def _interactions(now: datetime) -> tuple[LatestInteraction, ...]:
    # Ids are ordered by time, and only the key has an index that a list over all kinds can follow. It begins at ids
    # that a clock made before it was set back by an hour; set back further, acts are listed once it has caught up.
    known = VisitorInteraction.objects.humans().filter(id__lt=first_id(now + CLOCK_SET_BACK), occurred_at__lte=now)
    rows = known.order_by("-id").values_list("occurred_at", "kind", "target", "path")[:LATEST]
    return tuple(LatestInteraction(*row) for row in rows)
