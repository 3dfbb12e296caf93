"""How far single visits reach back. Sums of a day outlive its visits, and must not be set against what is left of them.

What rollups cannot answer, such as a filter or a way through the site, is asked of the days whose visits are kept, and
of no other: all figures of an answer are of the same days.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Max

from visitors.exceptions import InvalidParameter, Rule
from visitors.models import RolledDay

from .periods import Period
from .scope import Scope


def as_kept(period: Period) -> Period:
    """The days of the period whose single visits are kept. One query. Raises `InvalidParameter` when none is left."""
    first = _first_kept(period)
    if first is None:
        return period
    if first >= period.end:
        rule = f"such that it reaches {first} or later: single visits are kept since then, and this question needs them"
        raise InvalidParameter("period", rule, f"{period.start} to {period.last_day}", rule=Rule.PERIOD)
    return period.beginning(first)


def scope_as_kept(scope: Scope) -> Scope:
    """The same of a report that reads single visits whatever is asked; filters have had it done already."""
    return scope if scope.filters else scope.during(as_kept(scope.period))


def kept_part(scope: Scope) -> Scope | None:
    """The same of a list that may be empty: `None` when no day is left."""
    first = None if scope.filters else _first_kept(scope.period)
    if first is None:
        return scope
    return scope.during(scope.period.beginning(first)) if first < scope.period.end else None


def kept_whole(period: Period | None) -> Period | None:
    """The period, if all its single visits are kept: half of one is nothing to compare with. One query."""
    return period if period and _first_kept(period) is None else None


def _first_kept(period: Period) -> date | None:
    """`None` when that is the whole period."""
    pruned = RolledDay.objects.filter(is_pruned=True, day__gte=period.start)
    last = pruned.aggregate(last=Max("day"))["last"]
    return last + timedelta(days=1) if last else None
