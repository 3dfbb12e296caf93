"""List the visits of a scope, latest first, page by page; a visit that comes meanwhile shifts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from visitors.models import VisitorSession
from visitors.querysets import SessionQuerySet

from .answers import Asked
from .asked import asked_of
from .cursors import cursor_of, numbers_of
from .filters import PAGE_SIZE, shown
from .kept import scope_as_kept
from .metrics import definitions
from .narrowing import condition_of
from .scope import Scope
from .traits import Fact

METRICS: Final = ("sessions", "session_duration", "engagement_score")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """`recruiter_score` 0-100, `None` where nothing was scored."""

    session_id: UUID
    started_at: datetime
    last_activity_at: datetime
    duration_ms: int
    engaged_ms: int
    page_views: int
    interactions: int
    entry_path: str
    exit_path: str
    is_bounce: bool
    is_engaged: bool
    engagement_score: int
    goals: tuple[str, ...]
    source: str
    channel: str
    utm_campaign: str
    country: str
    city: str
    network: str
    device_type: str
    browser: str
    os: str
    language: str
    recruiter_score: int | None
    recruiter_band: str
    label: str
    application: str


@dataclass(frozen=True, slots=True)
class SessionPage:
    """`next` goes on where this page ends, as `cursor` of the next question; empty on the last page."""

    results: tuple[SessionRow, ...]
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionList(Asked):
    """People's visits, latest first. `next` goes on as `cursor` of the next question; empty on the last page."""

    results: tuple[SessionRow, ...]
    next: str


# Columns of the session that have another name in the row.
NAMED: Final = {"page_views": "page_views_count", "interactions": "interactions_count", "goals": "converted_goals"}
COLUMNS: Final = {column.name: NAMED.get(column.name, column.name) for column in fields(SessionRow)}


def session_list(scope: Scope, *, cursor: str = "", page_size: int = PAGE_SIZE) -> SessionList:
    """Two queries; raises `InvalidParameter` for a cursor that no list gave."""
    scope = scope_as_kept(scope)
    sessions = sessions_by_start(scope)
    if cursor:
        sessions = sessions.filter(_before(cursor))
    rows = list(sessions.order_by("-started_at", "-id").values("id", *COLUMNS.values())[: page_size + 1])
    last = rows[page_size - 1] if len(rows) > page_size else None
    return SessionList(
        period=shown(scope.period),
        definitions=definitions(METRICS),
        query=asked_of(scope, page_size=page_size),
        results=tuple(map(_row, rows[:page_size])),
        next=cursor_of((last["started_at"] - EPOCH) // MICROSECOND, last["id"]) if last else "",
    )


def sessions_by_start(scope: Scope) -> SessionQuerySet:
    """People's visits of the scope, by their moments and not by their days, so that the index of the order finds them:
    through the days the database would sort all of them to show a page."""
    period, zone = scope.period, timezone.get_default_timezone()
    start, end = (datetime.combine(day, time.min, tzinfo=zone) for day in (period.start, period.end))
    sessions = VisitorSession.objects.humans().filter(
        started_at__gte=max(start, period.since or start), started_at__lt=end
    )
    if period.until:
        sessions = sessions.filter(started_at__lte=period.until)
    return sessions.filter(condition_of(scope.filters, fact=Fact.SESSION, period=period))


def rows_of(numbers: Sequence[int]) -> tuple[SessionRow, ...]:
    """Visits by their numbers, in that order. One query."""
    rows = VisitorSession.objects.filter(id__in=numbers).order_by().values("id", *COLUMNS.values())
    found = {row["id"]: _row(row) for row in rows}
    return tuple(found[number] for number in numbers if number in found)


def _before(cursor: str) -> Q:
    since_epoch, number = numbers_of(cursor, count=2)
    try:
        at = EPOCH + since_epoch * MICROSECOND
    except OverflowError:
        return Q()
    return Q(started_at__lt=at) | Q(started_at=at, id__lt=number)


def _row(row: dict[str, Any]) -> SessionRow:
    values = {name: row[column] for name, column in COLUMNS.items()}
    return SessionRow(**values | {"goals": tuple(row["converted_goals"])})
