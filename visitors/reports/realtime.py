"""What happens on the site now: who is here, on which pages, from where, and what they did last."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.querysets import SessionQuerySet

from .answers import UNKNOWN, Counted
from .metrics import definitions
from .periods import CURRENT, SESSION_GAP

METRICS: Final = ("current_visitors", "sessions", "page_views")
MINUTES: Final = 30
LATEST: Final = 20
TOP: Final = 10
ONE_MINUTE: Final = timedelta(minutes=1)

_View: TypeAlias = tuple[datetime, int, str]  # when, by whom, what


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
    """Five queries over the last half hour; the oldest minute comes first. Each names its few columns and is ranked
    here: the statements are small, and making them is most of what they cost."""
    alive = VisitorSession.objects.humans().active_since(now - SESSION_GAP).filter(last_activity_at__lte=now)
    here = list(alive.filter(last_activity_at__gte=now - CURRENT).order_by().values_list("source", "visitor_id"))
    views = _views(now)
    return RealTime(
        now=now,
        definitions=definitions(METRICS),
        current_visitors=len({visitor_id for _, visitor_id in here}),
        sessions=alive.order_by().count(),
        minutes=_minutes(views, now),
        pages=_pages(views, now - CURRENT),
        sources=_ranked(Counter(source for source, _ in here)),
        sessions_in_progress=_in_progress(alive),
        latest_interactions=_interactions(now),
    )


def _views(now: datetime) -> list[_View]:
    views = PageView.objects.humans().shown().filter(viewed_at__gt=now - timedelta(minutes=MINUTES), viewed_at__lte=now)
    return list(views.order_by().values_list("viewed_at", "visitor_id", "path"))


def _minutes(views: Iterable[_View], now: datetime) -> tuple[Minute, ...]:
    """Counted here: thirty distinct counts of one statement take a hundred times as long."""
    visitors: defaultdict[int, list[int]] = defaultdict(list)
    for viewed_at, visitor_id, _ in views:
        visitors[(now - viewed_at) // ONE_MINUTE].append(visitor_id)
    return tuple(Minute(ago, len(set(visitors[ago])), len(visitors[ago])) for ago in reversed(range(MINUTES)))


def _pages(views: Iterable[_View], since: datetime) -> tuple[Counted, ...]:
    """By how many visitors are on them."""
    here = {(path, visitor_id) for viewed_at, visitor_id, path in views if viewed_at >= since}
    return _ranked(Counter(path for path, _ in here))


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
    # Ids are ordered by time, and only the key has an index that a list over all kinds can follow.
    acts = VisitorInteraction.objects.humans().filter(occurred_at__lte=now).order_by("-id")
    rows = acts.values_list("occurred_at", "kind", "target", "path")[:LATEST]
    return tuple(LatestInteraction(*row) for row in rows)
