"""Add up facts by local day and key: what a rollup stores, and what reports read where there is none. All keys: the
caller folds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Max

from visitors.funnels.counts import counted_depths
from visitors.funnels.rules import Funnel
from visitors.funnels.settings import funnels_of_settings
from visitors.querysets import InteractionQuerySet, PageViewQuerySet, SessionQuerySet, streamed

from .dimensions import ACT_KEYS, BETWEEN, PAGE, PAGES, SESSION_DIMENSIONS, WHOLE
from .texts import by_bytes
from .totals import ACT_SUMS, PAGE_SUMS, SESSION_SUMS, ActTotals, PageTotals, Sums, Totals, names_of

ByDay = dict[date, dict[str, Sums]]


def session_sums(sessions: SessionQuerySet, *, dimension: str, only: Sequence[str] = ()) -> ByDay[Totals]:
    """Sessions of people, bots and the owner by one of `SESSION_DIMENSIONS`. One query. With `only`, the other sums
    are left 0."""
    names = ranking(Totals, only)
    asked = {name: SESSION_SUMS[name] for name in names}
    expression = SESSION_DIMENSIONS[dimension]
    if expression is None:
        rows = sessions.order_by().values_list("day").annotate(**asked)
        return {day: {WHOLE: Totals(**dict(zip(names, sums, strict=True)))} for day, *sums in rows}
    keyed = sessions.order_by().annotate(_key=expression).values_list("day", "_key")
    rows = keyed.annotate(**asked)
    found = ((day, str(key), Totals(**dict(zip(names, sums, strict=True)))) for day, key, *sums in rows)
    return _by_day(found)


def page_sums(
    views: PageViewQuerySet, sessions: SessionQuerySet | None, *, dimension: str, only: Sequence[str] = ()
) -> ByDay[PageTotals]:
    """People's page views by path, those found or not, or all as one. One query; three with entries and exits, which
    are known of pages that were found and not asked for without `sessions`, which are people's. With `only`, the other
    sums are left 0."""
    names = [name for name in PAGE_SUMS if not only or name in {*only, "page_views"}]
    asked = {name: PAGE_SUMS[name] for name in names}
    if dimension == PAGES:
        rows = views.shown().order_by().values_list("day").annotate(**asked)
        return {day: {WHOLE: PageTotals(**dict(zip(names, sums, strict=True)))} for day, *sums in rows}
    if not only or "title" in only:
        names, asked = [*names, "title"], asked | {"_title": Max(by_bytes("title"))}
    some = views.shown() if dimension == PAGE else views.not_found()
    counted: Any = some.order_by().values_list("day", "path").annotate(**asked)
    found = [(day, path, PageTotals(**dict(zip(names, sums, strict=True)))) for day, path, *sums in counted]
    if dimension == PAGE and sessions is not None:
        found.extend(_ends(sessions))
    return _by_day(found)


def _ends(sessions: SessionQuerySet) -> Iterable[tuple[date, str, PageTotals]]:
    seen = sessions.filter(page_views_count__gte=1).order_by()
    for column, name in (("entry_path", "entries"), ("exit_path", "exits")):
        for day, path, number in seen.values_list("day", column).annotate(_sessions=Count("id")):
            yield day, path, PageTotals(**{name: number})


def act_sums(acts: InteractionQuerySet, *, dimension: str, only: Sequence[str] = ()) -> ByDay[ActTotals]:
    """People's acts by kind, or by kind and target. One query. With `only`, the other sums are left 0."""
    names = [name for name in ACT_SUMS if not only or name in {*only, "interactions"}]
    asked = {name: ACT_SUMS[name] for name in names}
    rows = acts.order_by().annotate(_key=ACT_KEYS[dimension]).values_list("day", "_key").annotate(**asked)
    return _by_day((day, key, ActTotals(**dict(zip(names, sums, strict=True)))) for day, key, *sums in rows)


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


def funnel_sums(sessions: SessionQuerySet, *, day: date) -> dict[str, ActTotals]:
    """People's visits of one day by funnel of the settings and how many steps they took, in `sessions`; 0 steps is all
    visits, also when there are none. Three queries for each funnel."""
    return {
        funnel_key(chosen, depth): ActTotals(sessions=number)
        for chosen in funnels_of_settings().values()
        for depth, number in counted_depths(sessions, chosen, since=day).items()
    }


def funnel_key(chosen: Funnel, depth: int) -> str:
    return f"{chosen.fingerprint}{BETWEEN}{depth}"


def ranking(shape: type[Totals], only: Sequence[str]) -> tuple[str, ...]:
    """What was asked for and what ranks the keys of a day."""
    return tuple(name for name in names_of(shape) if not only or name in {*only, "sessions", "bots"})


def _by_day(rows: Iterable[tuple[date, str, Sums]]) -> ByDay[Sums]:
    by_day: defaultdict[date, dict[str, Sums]] = defaultdict(dict)
    for day, key, sums in rows:
        known = by_day[day]
        known[key] = known[key] + sums if key in known else sums
    return dict(by_day)
