"""What happens on the site now: who is here, on which pages, from where, and what they did last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Q

from visitors.models import PageView, VisitorInteraction, VisitorSession

from .answers import UNKNOWN, Counted
from .metrics import definitions
from .periods import CURRENT, SESSION_GAP

METRICS: Final = ("current_visitors", "sessions", "page_views")
MINUTES: Final = 30
LATEST: Final = 20
TOP: Final = 10


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
    """Six queries over the last half hour; the oldest minute comes first."""
    alive = VisitorSession.objects.humans().active_since(now - SESSION_GAP).filter(last_activity_at__lte=now)
    here = Q(last_activity_at__gte=now - CURRENT)
    counts = alive.aggregate(current=Count("visitor_id", distinct=True, filter=here), sessions=Count("id"))
    return RealTime(
        now=now,
        definitions=definitions(METRICS),
        current_visitors=counts["current"],
        sessions=counts["sessions"],
        minutes=_minutes(now),
        pages=_pages(now),
        sources=_counted(alive.filter(here).order_by().values_list("source").annotate(number=Count("id"))),
        sessions_in_progress=tuple(_in_progress(session) for session in alive.order_by("-last_activity_at")[:LATEST]),
        latest_interactions=_interactions(now),
    )


def _minutes(now: datetime) -> tuple[Minute, ...]:
    """Counted here: thirty distinct counts of one statement take a hundred times as long."""
    views = PageView.objects.humans().shown().filter(viewed_at__gt=now - timedelta(minutes=MINUTES), viewed_at__lte=now)
    visitors: defaultdict[int, list[int]] = defaultdict(list)
    for viewed_at, visitor_id in views.order_by().values_list("viewed_at", "visitor_id"):
        visitors[(now - viewed_at) // timedelta(minutes=1)].append(visitor_id)
    return tuple(Minute(ago, len(set(visitors[ago])), len(visitors[ago])) for ago in reversed(range(MINUTES)))


def _pages(now: datetime) -> tuple[Counted, ...]:
    views = PageView.objects.humans().shown().filter(viewed_at__gte=now - CURRENT, viewed_at__lte=now)
    return _counted(views.order_by().values_list("path").annotate(number=Count("visitor_id", distinct=True)))


def _counted(rows: Iterable[tuple[str, int]]) -> tuple[Counted, ...]:
    ranked = sorted(rows, key=lambda row: (-row[1], row[0]))
    return tuple(Counted(name or UNKNOWN, number) for name, number in ranked[:TOP])


def _in_progress(session: VisitorSession) -> SessionInProgress:
    return SessionInProgress(
        session_id=session.session_id,
        started_at=session.started_at,
        last_activity_at=session.last_activity_at,
        exit_path=session.exit_path,
        page_views=session.page_views_count,
        interactions=session.interactions_count,
        source=session.source,
        country=session.country,
        device_type=session.device_type,
        recruiter_band=session.recruiter_band,
    )


def _interactions(now: datetime) -> tuple[LatestInteraction, ...]:
    # Ids are ordered by time, and only the key has an index that a list over all kinds can follow.
    acts = VisitorInteraction.objects.humans().filter(occurred_at__lte=now).order_by("-id")
    rows = acts.values_list("occurred_at", "kind", "target", "path")[:LATEST]
    return tuple(LatestInteraction(*row) for row in rows)
