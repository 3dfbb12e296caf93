"""Know which days are rolled up, and which have to be built again because their facts came, changed or went."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Exists, F, Min, OuterRef
from django.utils import timezone

from visitors.models import DayColumn, PageView, RolledDay, VisitorInteraction, VisitorSession

# A day is built once visits that began in it have had time to end, and drains under way at midnight are through.
SETTLES_AFTER: Final = timedelta(minutes=45)
EVERY_DAY_HAS: Final = "visit seen key"  # the column that came last: days without it are read from the facts


def mark_dirty(days: Iterable[date]) -> None:
    """Call it in the transaction that changes facts of these days. Three queries, none for no day.

    A day whose facts were pruned stays as it is: built again, it would lose what was added up before.
    """
    dirty = [RolledDay(day=day, is_dirty=True) for day in sorted(set(days))]
    if dirty:
        RolledDay.objects.bulk_create(dirty, ignore_conflicts=True)
        kept = RolledDay.objects.filter(day__in=[row.day for row in dirty], is_pruned=False)
        kept.update(is_dirty=True, changes=F("changes") + 1)
        # What stands in them is as close to the facts as can be: of somebody who was erased nothing may wait.
        DayColumn.objects.filter(day__in=[row.day for row in dirty]).delete()


def mark_closed(days: Iterable[date], *, today: date) -> None:
    """The same, but for today and later: those days are read raw anyhow. No query when nothing else is given."""
    mark_dirty(day for day in days if day < today)


def mark_all_dirty() -> None:
    """Every day that was ever built, but for those whose facts were pruned."""
    mark_dirty(RolledDay.objects.values_list("day", flat=True))


def clean_days(start: date, end: date) -> list[date]:
    """Days of the half-open `[start, end)` whose rollup answers for their facts, oldest first. One query."""
    rolled = RolledDay.objects.filter(day__gte=start, day__lt=end, is_dirty=False)
    return list(rolled.order_by("day").values_list("day", flat=True))


def packed_days(start: date, end: date) -> list[date]:
    """The same of their columns, which go with the facts: sums of a day outlive them."""
    columns = DayColumn.objects.filter(name=EVERY_DAY_HAS, day__gte=start, day__lt=end)
    clean = RolledDay.objects.filter(is_dirty=False, day=OuterRef("day"))
    return list(columns.filter(Exists(clean)).order_by("day").values_list("day", flat=True))


def days_to_roll(*, now: datetime, limit: int | None = None) -> list[date]:
    """Closed days that are dirty or have never been built, latest first: those are asked for most."""
    end = closed_until(now)
    first = _first_day()
    dirty = set(RolledDay.objects.filter(is_dirty=True, day__lt=end).values_list("day", flat=True))
    missing = set(_days(first, end)) - set(RolledDay.objects.values_list("day", flat=True)) if first else set()
    return sorted(dirty | missing, reverse=True)[:limit]


def closed_until(now: datetime) -> date:
    """The first local day that may not be rolled up yet; `now` is aware."""
    local = timezone.localtime(now, timezone.get_default_timezone())
    return (local - SETTLES_AFTER).date()


def _first_day() -> date | None:
    """Of any fact that is kept. Each is read off an index."""
    firsts = [
        model._default_manager.aggregate(first=Min("day"))["first"]
        for model in (VisitorSession, PageView, VisitorInteraction)
    ]
    return min((day for day in firsts if day), default=None)


def _days(start: date, end: date) -> Iterable[date]:
    return (start + timedelta(days=number) for number in range((end - start).days))
