"""Write a question down as it was understood: names of the language, days, filters as lists. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from visitors.reports.conditions import AllOf, AnyOf, Condition, Filter, HasDone, Not
from visitors.reports.periods import Period
from visitors.reports.traits import ALIASES

from .language import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedQuery:
    """The question with absolute days, first and last inclusive: asked again, it is the same."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    filters: tuple[Any, ...]
    first_day: date = field(metadata={"name": "from"})
    last_day: date = field(metadata={"name": "to"})
    compare: Mapping[str, str] | None
    order: tuple[tuple[str, ...], ...]
    limit: int
    offset: int


def resolved(query: Query) -> ResolvedQuery:
    against = query.against
    return ResolvedQuery(
        metrics=query.metrics,
        dimensions=query.dimensions,
        filters=tuple(written(condition) for condition in query.filters),
        first_day=query.period.start,
        last_day=query.period.last_day,
        compare=bounds(against) if against else None,
        order=tuple((order.name, "desc" if order.is_descending else "asc") for order in query.order),
        limit=query.limit,
        offset=query.offset,
    )


def bounds(period: Period) -> dict[str, str]:
    """The first and the last day, both inclusive."""
    return {"from": period.start.isoformat(), "to": period.last_day.isoformat()}


def written(condition: Condition) -> list[Any]:
    """As lists, such as `["is", "source", ["LinkedIn"]]` and `["not", ["has_done", [...]]]`."""
    match condition:
        case AllOf():
            return ["and", [written(each) for each in condition.conditions]]
        case AnyOf():
            return ["or", [written(each) for each in condition.conditions]]
        case Not(HasDone() as done):
            return ["has_not_done", written(done.condition)]
        case Not():
            return ["not", written(condition.condition)]
        case HasDone():
            return ["has_done", written(condition.condition)]
        case Filter():
            plain = [condition.operator.value, ALIASES.get(condition.name, condition.name), [*condition.values]]
            return [*plain, {"case_sensitive": False}] if condition.ignores_case else plain
