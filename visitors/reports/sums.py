"""Add up visits, pages and acts by local day and key: closed days from their rollup, all others from the facts.

Both answer alike. Past the 500 largest keys of a day the rest is one key, `(other)`. Visitors of several days are the
sum of daily visitors.

Each function costs one query for which days are rolled up and one for each of the two sides
that has days; pages have three on the raw side. A report of several sums asks for the `split` once and hands it on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.utils import timezone

from visitors.funnels.counts import counted_depths
from visitors.funnels.rules import Funnel
from visitors.querysets import Facts
from visitors.rollups import packed, raw
from visitors.rollups.dimensions import ACT, BETWEEN, FUNNEL, GOAL, PAGE, WHOLE
from visitors.rollups.dirt import clean_days, packed_days
from visitors.rollups.folding import fold_days
from visitors.rollups.packed import Narrowing
from visitors.rollups.raw import ByDay, funnel_key
from visitors.rollups.stored import stored_sums, stored_totals
from visitors.rollups.totals import ActTotals, PageTotals, Sums, Totals, total_of

from .packable import narrowing_of
from .scope import Scope, humans_in, interactions_in, page_views_in, sessions_in

Rows = TypeVar("Rows", bound=Facts)


@dataclass(frozen=True, slots=True)
class Split:
    """The days of a scope: `rolled` are answered by their rollup, `raw` by the facts, `packed` by their
    columns."""

    rolled: tuple[date, ...]
    raw: tuple[date, ...]
    packed: tuple[date, ...] = ()

    def of(self, facts: Rows) -> Rows:
        """Those of the raw days; `facts` are the scope's."""
        return facts.filter(day__in=self.raw) if self.rolled or self.packed else facts

    @property
    def raw_day(self) -> date | None:
        """The only one."""
        return self.raw[0] if len(self.raw) == 1 else None

    def narrowing(self, scope: Scope) -> Narrowing | None:
        """How the packed days are read; `None` without any."""
        return narrowing_of(scope.filters) if self.packed else None


def split(scope: Scope) -> Split:
    """A day that the period cuts is asked of the facts, and so are filters that columns do not know. One query at
    most."""
    period = scope.period
    first, last = _local_day(period.since) or period.start, _local_day(period.until) or period.last_day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    cut = {_local_day(period.since), _local_day(period.until)}
    known = tuple(day for day in _known(scope, first, last) if day not in cut)
    rest = tuple(day for day in days if day not in set(known))
    return Split((), rest, known) if scope.filters else Split(known, rest)


def _known(scope: Scope, first: date, last: date) -> list[date]:
    """A period of hours cuts visits of its first day, which columns of the next may bring along."""
    end = last + timedelta(days=1)
    if not scope.filters:
        return clean_days(first, end)
    return packed_days(first, end) if narrowing_of(scope.filters) and not scope.period.since else []


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
    return found | fold_days(_session_days(scope, days, dimension, only))


def totals_by_key(
    scope: Scope, *, dimension: str, days: Split | None = None, only: Sequence[str] = ()
) -> dict[str, Totals]:
    """The same added up over the days."""
    days = days or split(scope)
    total = stored_totals(Totals, dimension=dimension, days=days.rolled, only=only) if days.rolled else {}
    return _add(total, fold_days(_session_days(scope, days, dimension, only)))


def totals_by_pair(
    scope: Scope, *, dimension: str, second: str, days: Split, only: Sequence[str]
) -> tuple[dict[str, Totals], dict[str, Totals]]:
    """The same of a dimension of two parts, and of its `second` part alone. What is not rolled up is read once for
    both, so that `only` cannot have visitors: one of two sources is one visitor of a channel."""
    facts = _session_days(scope, days, dimension, only)
    seconds = {day: _by_second(keys) for day, keys in facts.items()}
    pairs, single = (
        _add(stored_totals(Totals, dimension=name, days=days.rolled, only=only) if days.rolled else {}, fold_days(rest))
        for name, rest in ((dimension, facts), (second, seconds))
    )
    return pairs, single


def _by_second(keys: Mapping[str, Totals]) -> dict[str, Totals]:
    parts: defaultdict[str, list[Totals]] = defaultdict(list)
    for key, sums in keys.items():
        parts[key.partition(BETWEEN)[2]].append(sums)
    return {key: total_of(some, Totals()) for key, some in parts.items()}


def page_sums(
    scope: Scope, *, dimension: str = PAGE, days: Split | None = None, only: Sequence[str] = ()
) -> ByDay[PageTotals]:
    """People's page views by day and path: `PAGE` those found, `NOT_FOUND` the others; `PAGES` all found as key ""."""
    days = days or split(scope)
    found = stored_sums(PageTotals, dimension=dimension, days=days.rolled, only=only) if days.rolled else {}
    return found | fold_days(_page_days(scope, days, dimension, only))


def page_totals(
    scope: Scope, *, dimension: str = PAGE, days: Split | None = None, only: Sequence[str] = ()
) -> dict[str, PageTotals]:
    """The same added up over the days; `only` as above."""
    days = days or split(scope)
    total = stored_totals(PageTotals, dimension=dimension, days=days.rolled, only=only) if days.rolled else {}
    return _add(total, fold_days(_page_days(scope, days, dimension, only)))


def act_sums(
    scope: Scope, *, dimension: str = ACT, days: Split | None = None, only: Sequence[str] = ()
) -> ByDay[ActTotals]:
    """People's acts by day and kind (`ACT`), kind and target (`TARGET`, see `BETWEEN`), or visits by `GOAL`."""
    days = days or split(scope)
    found = stored_sums(ActTotals, dimension=dimension, days=days.rolled, only=only) if days.rolled else {}
    return found | fold_days(_act_days(scope, days, dimension, only))


def act_totals(
    scope: Scope, *, dimension: str = ACT, days: Split | None = None, only: Sequence[str] = ()
) -> dict[str, ActTotals]:
    days = days or split(scope)
    total = stored_totals(ActTotals, dimension=dimension, days=days.rolled, only=only) if days.rolled else {}
    return _add(total, fold_days(_act_days(scope, days, dimension, only)))


def funnel_totals(scope: Scope, chosen: Funnel) -> Counter[int]:
    """People's visits by how many steps of a funnel they took; 0 is all of them. Days that were rolled up before the
    settings had this funnel are read raw. Five queries at most."""
    days, fingerprint = split(scope), chosen.fingerprint
    by_day = _stored_depths(days.rolled, chosen) if days.rolled else {}
    if narrowing := days.narrowing(scope):
        by_day |= packed.funnel_depths(days.packed, narrowing, fingerprint)
    depths: Counter[int] = sum(by_day.values(), start=Counter())
    rest = Split(tuple(by_day), tuple(sorted({*days.rolled, *days.packed, *days.raw} - by_day.keys())))
    if rest.raw:
        depths += counted_depths(rest.of(humans_in(scope)), chosen, since=rest.raw[0])
    return depths


def _stored_depths(days: Sequence[date], chosen: Funnel) -> dict[date, Counter[int]]:
    by_day: dict[date, Counter[int]] = {}
    for day, keys in stored_sums(ActTotals, dimension=FUNNEL, days=days).items():
        if funnel_key(chosen.fingerprint, 0) in keys:
            sums = {depth: keys.get(funnel_key(chosen.fingerprint, depth)) for depth in range(len(chosen.steps) + 1)}
            by_day[day] = Counter({depth: each.sessions for depth, each in sums.items() if each})
    return by_day


def _session_days(scope: Scope, days: Split, dimension: str, only: Sequence[str]) -> ByDay[Totals]:
    found: ByDay[Totals] = {}
    if narrowing := days.narrowing(scope):
        found |= packed.session_sums(days.packed, narrowing, dimension=dimension, only=only)
    if days.raw:
        found |= raw.session_sums(days.of(sessions_in(scope)), dimension=dimension, only=only, day=days.raw_day)
    return found


def _page_days(scope: Scope, days: Split, dimension: str, only: Sequence[str]) -> ByDay[PageTotals]:
    found: ByDay[PageTotals] = {}
    if narrowing := days.narrowing(scope):
        start = scope.period.start
        found |= packed.page_sums(days.packed, narrowing, dimension=dimension, since=start, only=only)
    if days.raw:
        has_ends = not only or bool({"entries", "exits"} & {*only})
        sessions = days.of(humans_in(scope)) if has_ends else None
        views = days.of(page_views_in(scope))
        found |= raw.page_sums(views, sessions, dimension=dimension, only=only, day=days.raw_day)
    return found


def _act_days(scope: Scope, days: Split, dimension: str, only: Sequence[str]) -> ByDay[ActTotals]:
    found: ByDay[ActTotals] = {}
    narrowing, is_goal = days.narrowing(scope), dimension == GOAL
    if narrowing and is_goal:
        found |= packed.goal_sums(days.packed, narrowing)
    elif narrowing:
        start = scope.period.start
        found |= packed.act_sums(days.packed, narrowing, dimension=dimension, since=start, only=only)
    if days.raw and is_goal:
        found |= raw.goal_sums(days.of(humans_in(scope)))
    elif days.raw:
        found |= raw.act_sums(days.of(interactions_in(scope)), dimension=dimension, only=only, day=days.raw_day)
    return found


def _add(total: dict[str, Sums], by_day: ByDay[Sums]) -> dict[str, Sums]:
    parts: defaultdict[str, list[Sums]] = defaultdict(list)
    for keys in (total, *by_day.values()):
        for key, sums in keys.items():
            parts[key].append(sums)
    return {key: first if not rest else total_of(rest, first) for key, (first, *rest) in parts.items()}
