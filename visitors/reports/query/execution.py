"""Work a plan out: read each part once, divide, order and cut the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .formulas import Formula, Part, Plan, Term
from .language import Order, Query
from .moments import labels_of
from .reading import Key, Table, table_of
from .rolled import days_of


@dataclass(frozen=True, slots=True)
class Worked:
    """The sums of every part of a plan, by key."""

    plan: Plan
    tables: dict[Part, Table]

    def counts(self, formula: Formula, key: Key) -> tuple[int, int]:
        """Numerator and denominator of a metric; the latter 0 for a metric that has none."""
        top, *bottom = (self._sum(term, key) for term in formula.terms)
        return top, bottom[0] if bottom else 0

    def value(self, formula: Formula, key: Key) -> float | None:
        return formula.value(*self.counts(formula, key))

    def keys(self) -> list[Key]:
        """Of the main part; without a dimension always one."""
        query, primary = self.plan.query, self.plan.primary
        if not query.dimensions:
            return [()]
        if query.fills_time:
            return [(label,) for label in labels_of(query.period, unit=query.time)]
        tables = [self.tables[part] for part in self.tables if part is not Part.WHOLE]
        return list(self.tables.get(primary, tables[0]))

    def _sum(self, term: Term, key: Key) -> int:
        names = self.plan.names(term.part)
        found = self.tables[term.part].get(() if term.part is Part.WHOLE else key)
        return found[names.index(term.name)] if found else 0


def work(plan: Plan) -> Worked:
    """One query of the facts for each part that a formula names, and one for which days are rolled up."""
    tables: dict[Part, Table] = {}
    days = days_of(plan.query)
    for part in Part:
        names = plan.names(part)
        if names:
            query = replace(plan.query, dimensions=()) if part is Part.WHOLE else plan.query
            read = Part.SESSION if part is Part.WHOLE else part
            tables[part] = table_of(read, query, names, days=days)
    return Worked(plan, tables)


def ordered(worked: Worked) -> list[Key]:
    """All keys; equal ones by their dimensions, what is unknown last."""
    keys = sorted(worked.keys())
    for order in reversed(worked.plan.query.order):
        keys = _by(order, keys, worked)
    return keys


def _by(order: Order, keys: Sequence[Key], worked: Worked) -> list[Key]:
    query = worked.plan.query
    if order.name in query.dimensions:
        place = query.dimensions.index(order.name)
        return sorted(keys, key=lambda key: key[place], reverse=order.is_descending)
    formula = next(each for each in worked.plan.formulas if each.metric == order.name)
    values = {key: worked.value(formula, key) for key in keys}
    known = [key for key in keys if values[key] is not None]
    return [*_sorted(known, values, order), *(key for key in keys if values[key] is None)]


def _sorted(keys: Iterable[Key], values: dict[Key, Any], order: Order) -> list[Key]:
    sign = -1 if order.is_descending else 1
    return sorted(keys, key=lambda key: sign * values[key])


def before_keys(query: Query, keys: Iterable[Key], against: Query) -> dict[Key, Key]:
    """The key of the compared period beside each key: buckets of time lie beside each other by their place."""
    if not query.time:
        return {key: key for key in keys}
    place = query.dimensions.index(query.time)
    now, before = (labels_of(one.period, unit=query.time) for one in (query, against))
    beside = dict(zip(now, before, strict=False))
    return {
        key: (*key[:place], beside[str(key[place])], *key[place + 1 :]) for key in keys if str(key[place]) in beside
    }
