"""Answer parts of a question from sums by day and key, where those know enough: one key a day and no filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, Final

from visitors.reports.scope import Scope
from visitors.reports.sums import (
    Split,
    act_sums,
    act_totals,
    page_sums,
    page_totals,
    split,
    sums_by_key,
    totals_by_key,
)
from visitors.reports.traits import trait_of
from visitors.rollups.dimensions import ACT, BETWEEN, GOAL, PAGE, PAGES, SESSION_DIMENSIONS, TARGET, WHOLE

from .formulas import Part, Plan, column_name
from .language import HOUR, MINUTE, TIMES, Query

Row = tuple[date, dict[str, str], tuple[int, ...]]

MOST_DAYS: Final = 31
OF_VISITS: Final = (Part.SESSION, Part.ENTRY, Part.EXIT)
# The sum that says whether a key has any.
COUNTED: Final = {Part.PAGE_VIEW: "page_views"} | dict.fromkeys(OF_VISITS, "sessions")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a dimension is added up: by day, and over all days, which is cheaper."""

    by_day: Callable[..., Any]
    whole: Callable[..., Any]
    dimension: str

    def rows(self, query: Query, days: Split | None, only: Sequence[str]) -> Iterator[tuple[date, str, Any]]:
        """A question without days takes the first one for all. `only` names the sums that are read."""
        scope = Scope(query.period)
        if not any(name in TIMES or name == "weekday" for name in query.dimensions):
            for key, sums in self.whole(scope, dimension=self.dimension, days=days, only=only).items():
                yield query.period.start, key, sums
            return
        for some in _parts_of(days or split(scope)):
            for day, keys in self.by_day(scope, dimension=self.dimension, days=some, only=only).items():
                for key, sums in keys.items():
                    yield day, key, sums


def _parts_of(days: Split) -> Iterator[Split]:
    """At most so many rolled days at once, so that no more of a long period is in memory; all others with the first."""
    yield Split(days.rolled[:MOST_DAYS], days.raw, days.packed)
    for start in range(MOST_DAYS, len(days.rolled), MOST_DAYS):
        yield Split(days.rolled[start : start + MOST_DAYS], ())


def days_of(query: Query) -> Split | None:
    """Which days are rolled up, read once for all parts; `None` for a question that rollups cannot answer."""
    if query.filters or query.period.since or query.time == MINUTE:
        return None
    return split(Scope(query.period))


def rolled(part: Part, query: Query, names: Sequence[str], days: Split | None) -> Iterator[Row] | None:
    """Day, value of each trait, sums; `None` where only the facts know. Past the largest keys of a day the rest is
    `(other)`."""
    if days is None:
        return None
    traits = _traits(query)
    source = _source(part, traits, names)
    return _rows(source, traits, part, query, names, days) if source else None


def reads_visits(plan: Plan) -> bool:
    """Whether a part of the question is known to the facts alone."""
    query = plan.query
    if query.filters or query.time == MINUTE:
        return True
    traits = _traits(query)
    asked = ((part, plan.names(part)) for part in Part if part is not Part.WHOLE)
    return any(names and _source(part, traits, names) is None for part, names in asked)


def _traits(query: Query) -> list[str]:
    traits = {name for name in query.dimensions if name not in TIMES and name != "weekday"}
    return sorted(traits | {"hour"} if query.time == HOUR else traits)


def _source(part: Part, traits: Sequence[str], names: Sequence[str]) -> Source | None:
    if part is Part.PAGE_VIEW:
        known = {(): PAGES, ("page",): PAGE}.get(tuple(traits))
        return Source(page_sums, page_totals, known) if known and "sessions" not in names else None
    if part is Part.INTERACTION:
        act = {("act",): ACT, ("act", "target"): TARGET}.get(tuple(traits))
        return Source(act_sums, act_totals, act) if act else None
    if list(traits) == [GOAL]:
        return Source(act_sums, act_totals, GOAL) if set(names) <= {"visitors", "sessions"} else None
    if len(traits) > 1:
        return None
    dimension = column_name(traits[0], part) if traits else WHOLE
    return Source(sums_by_key, totals_by_key, dimension) if dimension in SESSION_DIMENSIONS else None


def _rows(
    source: Source, traits: Sequence[str], part: Part, query: Query, names: Sequence[str], days: Split
) -> Iterator[Row]:
    # One more, so that the getter answers a tuple also for a single name.
    sums_of = attrgetter(*names, "visitors")
    only = dict.fromkeys((*names, COUNTED[part])) if part in COUNTED else names
    for day, key, sums in source.rows(query, days, tuple(only)):
        parts = key.split(BETWEEN) if source.dimension == TARGET else [key][: len(traits)]
        values = dict(zip(traits, parts, strict=True))
        if _counts(sums, part, names) and not _lacks(values, part):
            yield day, values, sums_of(sums)[:-1]


def _counts(sums: Any, part: Part, names: Sequence[str]) -> bool:
    """Sums also hold what else came: bots among visits, first and last pages among page views."""
    if part is Part.PAGE_VIEW:
        return bool(sums.page_views)
    return part not in OF_VISITS or bool(sums.sessions or ("bots" in names and sums.bots))


def _lacks(values: dict[str, str], part: Part) -> bool:
    traits = (trait_of(column_name(name, part)) for name, value in values.items() if not value)
    return any(trait is not None and trait.is_optional for trait in traits)
