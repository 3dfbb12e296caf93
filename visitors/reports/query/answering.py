"""Say what came of a question: its rows, each beside what it was before, and how sure the numbers are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from visitors.reports.answers import Answer
from visitors.reports.filters import shown
from visitors.reports.metrics import (
    METRICS,
    SMALL,
    change,
    definitions,
    is_noise_of_counts,
    is_noise_of_rates,
    wilson,
)

from .execution import Worked, before_keys, ordered, work
from .formulas import Formula, Plan, plan_of
from .language import Query
from .moments import labels_of
from .reading import Key
from .written import ResolvedQuery, resolved

# Counts of things that come one by one; page views and acts come in bunches, which this test does not know.
TESTED: Final = ("visitors", "sessions", "bounces", "conversions", "recruiters", "bots", "entries", "exits")


@dataclass(frozen=True, slots=True)
class Compared:
    """The same metrics of the compared period; `dimensions` differ by time alone. `is_noise` says that a change may
    be chance (two-sided, 5 %: Poisson for counts, two proportions for rates); metrics that cannot be tested are left
    out."""

    dimensions: Mapping[str, Any]
    metrics: Mapping[str, Any]
    change: Mapping[str, float | None]
    is_noise: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class ResultRow:
    """`intervals` holds the 95 % bounds, in percent, of rates of fewer than 400 cases."""

    dimensions: Mapping[str, Any]
    metrics: Mapping[str, Any]
    intervals: Mapping[str, tuple[float, ...]]
    comparison: Compared | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswer(Answer):
    """`totals`, `total_rows` and `time_labels` are `None` unless they were asked for."""

    query: ResolvedQuery
    results: tuple[ResultRow, ...]
    totals: ResultRow | None
    total_rows: int | None
    time_labels: tuple[str, ...] | None


def answer(query: Query) -> QuestionAnswer:
    """Raises `InvalidParameter` with the rule that the question breaks."""
    plan = plan_of(query)
    asked = plan.query
    worked = work(plan)
    keys = ordered(worked)
    return QuestionAnswer(
        period=shown(asked.period),
        compare=shown(asked.against) if asked.against else None,
        definitions=definitions(asked.metrics),
        query=resolved(asked),
        results=_rows(worked, keys[asked.offset : asked.offset + asked.limit], _before(plan)),
        totals=_totals(asked) if asked.with_totals else None,
        total_rows=len(keys) if asked.with_total_rows else None,
        time_labels=labels_of(asked.period, unit=asked.time) if asked.with_time_labels else None,
    )


def _before(plan: Plan) -> Worked | None:
    against = plan.query.against
    if against is None:
        return None
    return work(plan_of(replace(plan.query, period=against, against=None, fills_time=False)))


def _totals(query: Query) -> ResultRow:
    """A question without dimensions; what needs some is left out."""
    metrics = tuple(name for name in query.metrics if name not in {"percentage", "entries", "exits", "exit_rate"})
    whole = replace(
        query,
        metrics=metrics or ("visitors",),
        dimensions=(),
        order=(),
        with_time_labels=False,
        fills_time=False,
    )
    plan = plan_of(whole)
    (row,) = _rows(work(plan), [()], _before(plan))
    return row


def _rows(worked: Worked, keys: list[Key], before: Worked | None) -> tuple[ResultRow, ...]:
    beside = before_keys(worked.plan.query, keys, before.plan.query) if before else {}
    return tuple(_row(worked, key, before, beside.get(key)) for key in keys)


def _row(worked: Worked, key: Key, before: Worked | None, key_before: Key | None) -> ResultRow:
    formulas = worked.plan.formulas
    intervals = {each.metric: bounds for each in formulas if (bounds := _interval(each, worked, key))}
    compared = _compared(worked, key, before, key_before) if before and key_before is not None else None
    return ResultRow(
        dict(zip(worked.plan.query.dimensions, key, strict=True)),
        {each.metric: worked.value(each, key) for each in formulas},
        intervals,
        compared,
    )


def _interval(formula: Formula, worked: Worked, key: Key) -> tuple[float, float] | None:
    part, whole = worked.counts(formula, key)
    if not formula.is_share or not part <= whole < SMALL:
        return None
    return wilson(part, whole)


def _compared(worked: Worked, key: Key, before: Worked, key_before: Key) -> Compared:
    formulas = worked.plan.formulas
    pairs = {each.metric: (worked.value(each, key), before.value(each, key_before)) for each in formulas}
    noises = {each.metric: _is_noise(each, worked, key, before, key_before) for each in formulas}
    return Compared(
        dict(zip(before.plan.query.dimensions, key_before, strict=True)),
        {name: value for name, (_, value) in pairs.items()},
        {name: change(now, then, unit=METRICS[name].unit) for name, (now, then) in pairs.items()},
        {name: noise for name, noise in noises.items() if noise is not None},
    )


def _is_noise(formula: Formula, worked: Worked, key: Key, before: Worked, key_before: Key) -> bool | None:
    now, then = worked.counts(formula, key), before.counts(formula, key_before)
    if formula.is_share and now[0] <= now[1] and then[0] <= then[1]:
        return is_noise_of_rates(*now, *then)
    if formula.metric not in TESTED:
        return None
    # Buckets of time are as long as each other; whole periods may not be.
    exposure = 1.0 if worked.plan.query.time else worked.plan.query.period.days / before.plan.query.period.days
    return is_noise_of_counts(now[0], then[0], exposure=exposure)
