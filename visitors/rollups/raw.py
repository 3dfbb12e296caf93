"""Add up facts by local day and key: what a rollup stores, and what reports read where there is none. All keys: the
caller folds them.

Who knows that all facts are of one `day` says so: SQLite, which need not divide by days then, takes two thirds of the
time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, F, Max, QuerySet, Value

from visitors.funnels.counts import depths_of
from visitors.funnels.settings import funnels_of_settings
from visitors.querysets import InteractionQuerySet, PageViewQuerySet, SessionQuerySet, streamed

from .dimensions import ACT_KEYS, BETWEEN, NOT_FOUND, PAGE, PAGES, SESSION_DIMENSIONS, WHOLE
from .texts import by_bytes
from .totals import ACT_SUMS, PAGE_SUMS, SESSION_SUMS, ActTotals, PageTotals, Sums, Totals, names_of

ByDay = dict[date, dict[str, Sums]]
FunnelDepths = Mapping[str, Mapping[int, int]]


def session_sums(
    sessions: SessionQuerySet, *, dimension: str, only: Sequence[str] = (), day: date | None = None
) -> ByDay[Totals]:
    """Sessions of people, bots and the owner by one of `SESSION_DIMENSIONS`. One query. With `only`, the other sums
    are left 0."""
    names = ranking(Totals, only)
    rows = _grouped(sessions, SESSION_DIMENSIONS[dimension], {name: SESSION_SUMS[name] for name in names}, day)
    return _by_day((of, str(key), Totals(**dict(zip(names, sums, strict=True)))) for of, key, *sums in rows)


def page_sums(
    views: PageViewQuerySet,
    sessions: SessionQuerySet | None,
    *,
    dimension: str,
    only: Sequence[str] = (),
    day: date | None = None,
) -> ByDay[PageTotals]:
    """People's page views by path, those found or not, or all as one. One query; three with entries and exits, which
    are known of pages that were found and not asked for without `sessions`, which are people's. With `only`, the other
    sums are left 0."""
    names = [name for name in PAGE_SUMS if not only or name in {*only, "page_views"}]
    asked = {name: PAGE_SUMS[name] for name in names}
    if dimension != PAGES and (not only or "title" in only):
        names, asked = [*names, "title"], asked | {"_title": Max(by_bytes("title"))}
    some = views.not_found() if dimension == NOT_FOUND else views.shown()
    rows = _grouped(some, None if dimension == PAGES else F("path"), asked, day)
    found = [(of, path, PageTotals(**dict(zip(names, sums, strict=True)))) for of, path, *sums in rows]
    if dimension == PAGE and sessions is not None:
        found.extend(_ends(sessions, day))
    return _by_day(found)


def _ends(sessions: SessionQuerySet, day: date | None) -> Iterable[tuple[date, str, PageTotals]]:
    seen = sessions.filter(page_views_count__gte=1)
    for column, name in (("entry_path", "entries"), ("exit_path", "exits")):
        for of, path, number in _grouped(seen, F(column), {"_sessions": Count("id")}, day):
            yield of, path, PageTotals(**{name: number})


def act_sums(
    acts: InteractionQuerySet, *, dimension: str, only: Sequence[str] = (), day: date | None = None
) -> ByDay[ActTotals]:
    """People's acts by kind, or by kind and target. One query. With `only`, the other sums are left 0."""
    names = [name for name in ACT_SUMS if not only or name in {*only, "interactions"}]
    rows = _grouped(acts, ACT_KEYS[dimension], {name: ACT_SUMS[name] for name in names}, day)
    return _by_day((of, key, ActTotals(**dict(zip(names, sums, strict=True)))) for of, key, *sums in rows)


def _grouped(facts: QuerySet[Any], key: Any, sums: Mapping[str, Any], day: date | None) -> Iterable[tuple[Any, ...]]:
    """Day, key and sums; without any facts nothing. `key` is an expression, `None` takes all of a day as one."""
    if day is not None and key is None:
        whole = tuple(facts.order_by().aggregate(**sums).values())
        return [(day, WHOLE, *whole)] if any(whole) else []
    keyed: Any = facts.order_by().annotate(_key=Value(WHOLE) if key is None else key)
    if day is None:
        rows: Iterable[tuple[Any, ...]] = keyed.values_list("day", "_key").annotate(**sums)
        return rows
    return ((day, *row) for row in keyed.values_list("_key").annotate(**sums))


def goal_sums(sessions: SessionQuerySet) -> ByDay[ActTotals]:
    """People's visits by goal reached; a visit counts at each of its goals. One query."""
    rows = sessions.filter(is_human=True, is_converted=True).order_by()
    visitors: defaultdict[tuple[date, str], set[int]] = defaultdict(set)
    counts: defaultdict[tuple[date, str], int] = defaultdict(int)
    for day, goals, visitor_id in streamed(rows.values_list("day", "converted_goals", "visitor_id")):
        for goal in goals:
            visitors[day, goal].add(visitor_id)
            counts[day, goal] += 1
    found = ((*place, ActTotals(len(visitors[place]), number)) for place, number in counts.items())
    return _by_day(found)


def funnel_depths(sessions: SessionQuerySet, *, day: date) -> FunnelDepths:
    """How many steps of each funnel of the settings the visits of one day took, by its fingerprint and the visit; those
    that took none may be left out. Two queries for each funnel."""
    funnels = funnels_of_settings().values()
    return {chosen.fingerprint: dict(depths_of(sessions, chosen, since=day)) for chosen in funnels}


def funnel_sums(depths: FunnelDepths, *, visits: int) -> dict[str, ActTotals]:
    """Visits by funnel and how many steps they took and no more; 0 steps is all `visits`, also when there are none."""
    return {
        funnel_key(fingerprint, depth): ActTotals(sessions=number)
        for fingerprint, by_visit in depths.items()
        for depth, number in {**Counter(by_visit.values()), 0: visits}.items()
    }


def funnel_key(fingerprint: str, depth: int) -> str:
    return f"{fingerprint}{BETWEEN}{depth}"


def ranking(shape: type[Totals], only: Sequence[str]) -> tuple[str, ...]:
    """What was asked for and what ranks the keys of a day."""
    return tuple(name for name in names_of(shape) if not only or name in {*only, "sessions", "bots"})


def _by_day(rows: Iterable[tuple[date, str, Sums]]) -> ByDay[Sums]:
    by_day: defaultdict[date, dict[str, Sums]] = defaultdict(dict)
    for day, key, sums in rows:
        known = by_day[day]
        known[key] = known[key] + sums if key in known else sums
    return dict(by_day)
