"""Tell a visitor what is kept of him: the facts, and of verdicts only that there are some.

Who asks is known by address and browser alone, so whoever shares both reads the same; a verdict would tell one person
what was concluded of another, and any visitor that he is taken for a recruiter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from visitors.identity import local_day, now_ms
from visitors.models import PageView, VisitorInteraction, VisitorSession

from .retention import last_day_of

MAX_VISITS: Final = 50
MAX_ROWS: Final = 100  # pages and acts of one visit
DERIVED: Final = (
    "whether the visit looks automated",
    "how deeply the site was read, 0-100",
    "how likely the visit is a recruiter's or a client's, 0-100",
    "phrases of a fixed list found in typed text",
)


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A page that was shown; `engaged_ms` is how long it was looked at, `scroll_depth` percent."""

    host: str
    path: str
    title: str
    viewed_at: datetime
    engaged_ms: int
    scroll_depth: int | None


@dataclass(frozen=True, slots=True)
class HeldAct:
    """Something that was done: a download, a question, an outbound link."""

    kind: str
    target: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class HeldVisit:
    """One visit; `deleted_after` is the last local day on which it is kept."""

    session_id: UUID
    started_at: datetime
    last_activity_at: datetime
    referrer: str
    source: str
    campaign: str
    personal_link: bool
    country: str
    region: str
    city: str
    network: str
    device: str
    browser: str
    os: str
    language: str
    time_zone: str
    pages: tuple[HeldPage, ...]
    acts: tuple[HeldAct, ...]
    deleted_after: date
    days_left: int


def held_visits(visitor_ids: Collection[int]) -> tuple[HeldVisit, ...]:
    """The latest 50 visits of these ids, newest first, each with its first 100 pages and acts. Three queries."""
    latest = VisitorSession.objects.filter(visitor_id__in=visitor_ids).order_by("-started_at", "-id")
    sessions = list(latest[:MAX_VISITS])
    if not sessions:
        return ()
    pages, acts = _pages_of(sessions), _acts_of(sessions)
    today = local_day(now_ms())
    return tuple(_visit(session, pages[session.id], acts[session.id], today) for session in sessions)


def _pages_of(sessions: Collection[VisitorSession]) -> Mapping[int, list[HeldPage]]:
    held: defaultdict[int, list[HeldPage]] = defaultdict(list)
    rows = PageView.objects.filter(visitor_id__in=_visitors(sessions), session_id__in=[each.id for each in sessions])
    columns = ("session_id", "host", "path", "title", "viewed_at", "engaged_ms", "scroll_depth")
    for session_id, *told in rows.order_by("viewed_at", "id").values_list(*columns):
        if len(held[session_id]) < MAX_ROWS:
            held[session_id].append(HeldPage(*told))
    return held


def _acts_of(sessions: Collection[VisitorSession]) -> Mapping[int, list[HeldAct]]:
    held: defaultdict[int, list[HeldAct]] = defaultdict(list)
    rows = VisitorInteraction.objects.filter(
        visitor_id__in=_visitors(sessions), session_id__in=[each.id for each in sessions]
    )
    for session_id, kind, target, at in rows.order_by("occurred_at", "id").values_list(
        "session_id", "kind", "target", "occurred_at"
    ):
        if len(held[session_id]) < MAX_ROWS:
            held[session_id].append(HeldAct(kind, target, at))
    return held


def _visitors(sessions: Collection[VisitorSession]) -> set[int]:
    return {session.visitor_id for session in sessions}


def _visit(session: VisitorSession, pages: list[HeldPage], acts: list[HeldAct], today: date) -> HeldVisit:
    campaign = (session.utm_source, session.utm_medium, session.utm_campaign, session.utm_term, session.utm_content)
    last_day = last_day_of(session.day)
    return HeldVisit(
        session_id=session.session_id,
        started_at=session.started_at,
        last_activity_at=session.last_activity_at,
        referrer=session.referrer,
        source=session.source,
        campaign=" / ".join(part for part in campaign if part),
        personal_link=bool(session.application),
        country=session.country,
        region=session.region,
        city=session.city,
        network=session.network,
        device=" ".join(part for part in (session.device_type, session.app) if part),
        browser=f"{session.browser} {session.browser_version}".strip(),
        os=f"{session.os} {session.os_version}".strip(),
        language=session.language,
        time_zone=session.tz,
        pages=tuple(pages),
        acts=tuple(acts),
        deleted_after=last_day,
        days_left=max((last_day - today) // timedelta(days=1) + 1, 0),
    )
