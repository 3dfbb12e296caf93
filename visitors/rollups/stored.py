"""Read what is rolled up; the caller says which days, and has asked whether they are clean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Max, QuerySet, Sum

from visitors.models import RollupDay

from .raw import ByDay
from .texts import by_bytes
from .totals import Sums, names_of


def stored_sums(shape: type[Sums], *, dimension: str, days: Sequence[date], only: Sequence[str] = ()) -> ByDay[Sums]:
    """By day and key. One query. With `only`, the other sums are left 0."""
    names = tuple(only) or names_of(shape)
    by_day: defaultdict[date, dict[str, Sums]] = defaultdict(dict)
    for day, key, *sums in _rows(dimension, days).values_list("day", "key", *names):
        by_day[day][key] = shape(**dict(zip(names, sums, strict=True)))
    return dict(by_day)


def stored_totals(
    shape: type[Sums], *, dimension: str, days: Sequence[date], only: Sequence[str] = ()
) -> dict[str, Sums]:
    """By key, all days together, added up by the database. One query."""
    names = tuple(only) or names_of(shape)
    summed = {f"_{name}": Max(by_bytes(name)) if name == "title" else Sum(name) for name in names}
    rows = _rows(dimension, days).values_list("key").annotate(**summed)
    return {key: shape(**dict(zip(names, map(_plain, sums), strict=True))) for key, *sums in rows}


def _plain(value: Any) -> Any:
    """PostgreSQL makes decimal numbers of sums."""
    return value if isinstance(value, str) else int(value)


def _rows(dimension: str, days: Sequence[date]) -> QuerySet[RollupDay]:
    rows = RollupDay.objects.filter(dimension=dimension).order_by()
    first, last = min(days), max(days)
    if (last - first).days + 1 == len(days):
        return rows.filter(day__gte=first, day__lte=last)
    return rows.filter(day__in=days)
