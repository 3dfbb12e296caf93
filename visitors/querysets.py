"""The vocabulary of filters over sessions, page views and interactions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from django.db import connections, models

if TYPE_CHECKING:
    from .models import DroppedCount, PageView, VisitorInteraction, VisitorSession

    _Sessions = models.QuerySet[VisitorSession, VisitorSession]
    _PageViews = models.QuerySet[PageView, PageView]
    _Interactions = models.QuerySet[VisitorInteraction, VisitorInteraction]
    _Dropped = models.QuerySet[DroppedCount, DroppedCount]
    _Any = models.QuerySet[Any, Any]
else:
    _Sessions = _PageViews = _Interactions = _Dropped = models.QuerySet
    _Any = object


Row = TypeVar("Row")
CHUNK: Final = 2000  # rows in memory at once


def streamed(rows: models.QuerySet[Any, Row]) -> Iterator[Row]:
    """All of them, some at a time. PostgreSQL expects of a cursor that a tenth of its rows is read, and goes through a
    whole table where the first of them come soonest; so it is told otherwise, for what is left of the connection."""
    connection: Any = connections[rows.db]
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        with connection.wrap_database_errors:
            connection.connection.execute("SET cursor_tuple_fraction = 1")
    yield from rows.iterator(chunk_size=CHUNK)


class OfDays(_Any):
    """By the stored local day, never by a truncated time."""

    def in_days(self, start: date, end: date) -> Self:
        """Local days of the half-open `[start, end)`."""
        return self.filter(day__gte=start, day__lt=end)


class Facts(OfDays):
    """Filters shared by every fact."""

    def humans(self) -> Self:
        """No bots, no owner, no empty visits: what every human figure counts."""
        return self.filter(is_human=True)


class SessionQuerySet(Facts, _Sessions):
    def bots(self) -> Self:
        return self.filter(is_bot=True)

    def recruiters(self) -> Self:
        return self.humans().filter(is_recruiter=True)

    def active_since(self, moment: datetime) -> Self:
        return self.filter(last_activity_at__gte=moment)


class PageViewQuerySet(Facts, _PageViews):
    def shown(self) -> Self:
        """Documents that were found; "not found" is kept apart from the page view figures."""
        return self.filter(status__lt=400)

    def not_found(self) -> Self:
        return self.filter(status=404)


class InteractionQuerySet(Facts, _Interactions):
    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)


class DroppedCountQuerySet(OfDays, _Dropped):
    pass
