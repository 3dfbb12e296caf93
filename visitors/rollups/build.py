"""Build the rollup of one closed day from its facts, again and again with the same result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Final

from django.db import transaction
from django.utils import timezone

from visitors.models import DayColumn, PageView, RolledDay, RollupDay, VisitorInteraction, VisitorSession

from . import raw
from .dimensions import ACT, FUNNEL, GOAL, NOT_FOUND, PAGE, PAGES, SESSION_DIMENSIONS, TARGET
from .folding import fold_days
from .packing import pack
from .totals import Sums, names_of

CHUNK: Final = 500  # rows of one INSERT


def roll_up(day: date) -> bool:
    """Whether the day was built and is clean: not when its facts changed in the meantime, then it waits for the next
    turn, nor when they were pruned, for then its sums are all there is.

    A constant number of queries for each dimension. The facts are read before the transaction that replaces the
    day's rows, so that no writer waits for the reading.
    """
    RolledDay.objects.bulk_create([RolledDay(day=day)], ignore_conflicts=True)
    changes = RolledDay.objects.values_list("changes", flat=True).get(day=day)
    depths = raw.funnel_depths(VisitorSession.objects.filter(day=day).humans(), day=day)
    rows, columns = list(_rows(day, depths)), list(pack(day, depths))
    with transaction.atomic():
        unchanged = RolledDay.objects.filter(day=day, changes=changes, is_pruned=False)
        # First, because the update holds the row against `mark_dirty` until the end.
        is_clean = bool(unchanged.update(is_dirty=False, rolled_at=timezone.now()))
        if is_clean:
            RollupDay.objects.filter(day=day).delete()
            for chunk in _chunks(rows):
                RollupDay.objects.bulk_create(chunk)
            DayColumn.objects.filter(day=day).delete()
            DayColumn.objects.bulk_create(columns)
    return is_clean


def _rows(day: date, depths: raw.FunnelDepths) -> Iterator[RollupDay]:
    end = day + timedelta(days=1)
    sessions = VisitorSession.objects.in_days(day, end)
    views = PageView.objects.in_days(day, end).humans()
    acts = VisitorInteraction.objects.in_days(day, end).humans()
    for dimension in SESSION_DIMENSIONS:
        yield from _of(day, dimension, raw.session_sums(sessions, dimension=dimension, day=day))
    for dimension in (PAGES, PAGE, NOT_FOUND):
        yield from _of(day, dimension, raw.page_sums(views, sessions.humans(), dimension=dimension, day=day))
    for dimension in (ACT, TARGET):
        yield from _of(day, dimension, raw.act_sums(acts, dimension=dimension, day=day))
    yield from _of(day, GOAL, raw.goal_sums(sessions.humans()))
    yield from _of(day, FUNNEL, {day: raw.funnel_sums(depths, visits=sessions.humans().count())})


def _of(day: date, dimension: str, by_day: raw.ByDay[Sums]) -> Iterator[RollupDay]:
    for key, sums in fold_days(by_day).get(day, {}).items():
        values = {name: getattr(sums, name) for name in names_of(type(sums))}
        yield RollupDay(day=day, dimension=dimension, key=key, **values)


def _chunks(rows: Iterable[RollupDay]) -> Iterator[list[RollupDay]]:
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
