"""Add up visits, pages and acts by local day and key: closed days from their rollup, all others from the facts.

Both answer alike. Past the 500 largest keys of a day the rest is one key, `(other)`. Visitors of several days are the
sum of daily visitors.

Each function costs one query for which days are rolled up and one for each of the two sides
that has days; pages have three on the raw side. A report of several sums asks for the `split` once and hands it on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.utils import timezone

from visitors.funnels.counts import counted_depths
from visitors.funnels.rules import Funnel
from visitors.querysets import Facts
from visitors.rollups import raw
from visitors.rollups.dimensions import ACT, FUNNEL, GOAL, PAGE, WHOLE
from visitors.rollups.dirt import clean_days
from visitors.rollups.raw import ByDay, funnel_key
from visitors.rollups.stored import stored_sums, stored_totals
from visitors.rollups.totals import ActTotals, PageTotals, Sums, Totals

from .scope import Scope, humans_in, interactions_in, page_views_in, sessions_in

Rows = TypeVar("Rows", bound=Facts)


@dataclass(frozen=True, slots=True)
class Split:
    """The days of a scope: `rolled` are answered by their rollup, `raw` by the facts."""

    rolled: tuple[date, ...]
    raw: tuple[date, ...]

    def of(self, facts: Rows) -> Rows:
        """Those of the raw days; `facts` are the scope's."""
        return facts.filter(day__in=self.raw) if self.rolled else facts


def split(scope: Scope) -> Split:
    """Filters are asked of the facts, and so is a day that the period cuts. One query, none with filters."""
    period = scope.period
    first, last = _local_day(period.since) or period.start, _local_day(period.until) or period.last_day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    whole = [] if scope.filters else clean_days(first, last + timedelta(days=1))
    cut = {_local_day(period.since), _local_day(period.until)}
    rolled = tuple(day for day in whole if day not in cut)
    known = set(rolled)
    return Split(rolled, tuple(day for day in days if day not in known))


def _local_day(moment: datetime | None) -> date | None:
    return timezone.localtime(moment, timezone.get_default_timezone()).date() if moment else None


def sums_by_key(
    scope: Scope, *, dimension: str = WHOLE, days: Split | None = None, only: Sequence[str] = ()
) -> ByDay[Totals]:
    """Sessions by day and key of one of `SESSION_DIMENSIONS`; "" is the whole. Days and keys without any are left out.

    Bots are in `bots` alone, so that a key may have no `sessions`. `only` names the sums that are read: the fewer, the
    faster; what others hold then is undefined.
    """
    days = days or split(scope)
    found = stored_sums(Totals, dimension=dimension, days=days.rolled, only=only) if days.rolled else {}
    return found | (_raw_sessions(scope, days, dimension, only) if days.raw else {})


def totals_by_key(
    scope: Scope, *, dimension: str, days: Split | None = None, only: Sequence[str] = ()
) -> dict[str, Totals]:
    """The same added up over the days."""
    days = days or split(scope)
    total = stored_totals(Totals, dimension=dimension, days=days.rolled, only=only) if days.rolled else {}
    return _add(total, _raw_sessions(scope, days, dimension, only) if days.raw else {})


def page_sums(scope: Scope, *, dimension: str = PAGE, days: Split | None = None) -> ByDay[PageTotals]:
    """People's page views by day and path: `PAGE` those found, `NOT_FOUND` the others; `PAGES` all found as key ""."""
    return _by_day(days or split(scope), PageTotals, dimension, lambda rest: _raw_pages(scope, rest, dimension))


def page_totals(
    scope: Scope, *, dimension: str = PAGE, days: Split | None = None, with_ends: bool = True
) -> dict[str, PageTotals]:
    """The same added up over the days; `entries` and `exits` are undefined without `with_ends`, which spares two
    queries."""
    read = _raw_pages if with_ends else _raw_views
    return _over_days(days or split(scope), PageTotals, dimension, lambda rest: read(scope, rest, dimension))


def act_sums(scope: Scope, *, dimension: str = ACT, days: Split | None = None) -> ByDay[ActTotals]:
    """People's acts by day and kind (`ACT`), kind and target (`TARGET`, see `BETWEEN`), or visits by `GOAL`."""
    return _by_day(days or split(scope), ActTotals, dimension, lambda rest: _raw_acts(scope, rest, dimension))


def act_totals(scope: Scope, *, dimension: str = ACT, days: Split | None = None) -> dict[str, ActTotals]:
    return _over_days(days or split(scope), ActTotals, dimension, lambda rest: _raw_acts(scope, rest, dimension))


def funnel_totals(scope: Scope, chosen: Funnel) -> Counter[int]:
    """People's visits by how many steps of a funnel they took; 0 is all of them. Days that were rolled up before the
    settings had this funnel are read raw. Five queries at most."""
    days = split(scope)
    stored = stored_sums(ActTotals, dimension=FUNNEL, days=days.rolled) if days.rolled else {}
    known = tuple(day for day, keys in stored.items() if funnel_key(chosen, 0) in keys)
    depths: Counter[int] = Counter()
    for day in known:
        for depth in range(len(chosen.steps) + 1):
            sums = stored[day].get(funnel_key(chosen, depth))
            depths[depth] += sums.sessions if sums else 0
    rest = Split(known, tuple(sorted({*days.rolled, *days.raw} - set(known))))
    if rest.raw:
        depths += counted_depths(rest.of(humans_in(scope)), chosen, since=rest.raw[0])
    return depths


def _raw_sessions(scope: Scope, days: Split, dimension: str, only: Sequence[str]) -> ByDay[Totals]:
    return raw.session_sums(days.of(sessions_in(scope)), dimension=dimension, only=only)


def _raw_pages(scope: Scope, days: Split, dimension: str) -> ByDay[PageTotals]:
    return raw.page_sums(days.of(page_views_in(scope)), days.of(humans_in(scope)), dimension=dimension)


def _raw_views(scope: Scope, days: Split, dimension: str) -> ByDay[PageTotals]:
    return raw.page_sums(days.of(page_views_in(scope)), None, dimension=dimension)


def _raw_acts(scope: Scope, days: Split, dimension: str) -> ByDay[ActTotals]:
    if dimension == GOAL:
        return raw.goal_sums(days.of(humans_in(scope)))
    return raw.act_sums(days.of(interactions_in(scope)), dimension=dimension)


def _by_day(days: Split, shape: type[Sums], dimension: str, read: Callable[[Split], ByDay[Sums]]) -> ByDay[Sums]:
    found = stored_sums(shape, dimension=dimension, days=days.rolled) if days.rolled else {}
    return found | (read(days) if days.raw else {})


def _over_days(days: Split, shape: type[Sums], dimension: str, read: Callable[[Split], ByDay[Sums]]) -> dict[str, Sums]:
    total = stored_totals(shape, dimension=dimension, days=days.rolled) if days.rolled else {}
    return _add(total, read(days) if days.raw else {})


def _add(total: dict[str, Sums], by_day: ByDay[Sums]) -> dict[str, Sums]:
    for keys in by_day.values():
        for key, sums in keys.items():
            total[key] = total[key] + sums if key in total else sums
    return total
