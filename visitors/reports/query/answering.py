"""Say what came of a question: its rows, each beside what it was before, and how sure the numbers are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from visitors.reports.answers import Answer
from visitors.reports.certainty import Counts, exposure_of, intervals_of, noises_of
from visitors.reports.filters import shown
from visitors.reports.kept import as_kept, kept_whole
from visitors.reports.metrics import METRICS, change, definitions

from .execution import Worked, before_keys, ordered, work
from .formulas import Plan, plan_of
from .language import Query
from .moments import labels_of
from .reading import Key
from .rolled import reads_visits
from .written import ResolvedQuery, resolved


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
    plan = _as_kept(plan_of(query))
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


def _as_kept(plan: Plan) -> Plan:
    """A question that rollups cannot answer is asked of the days whose visits are kept: of all parts alike, so that
    no share is of a whole of other days."""
    if not reads_visits(plan):
        return plan
    asked = plan.query
    period, against = as_kept(asked.period), kept_whole(asked.against)
    return plan_of(replace(asked, period=period, against=against))


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
    compared = _compared(worked, key, before, key_before) if before and key_before is not None else None
    return ResultRow(
        dict(zip(worked.plan.query.dimensions, key, strict=True)),
        _values(worked, key),
        intervals_of(_counts(worked, key)),
        compared,
    )


def _compared(worked: Worked, key: Key, before: Worked, key_before: Key) -> Compared:
    now, then = _values(worked, key), _values(before, key_before)
    asked, against = worked.plan.query, before.plan.query
    # Buckets of time are as long as each other; whole periods may not be.
    exposure = 1.0 if asked.time else exposure_of(asked.period, against.period)
    return Compared(
        dict(zip(against.dimensions, key_before, strict=True)),
        then,
        {name: change(value, then[name], unit=METRICS[name].unit) for name, value in now.items()},
        noises_of(_counts(worked, key), _counts(before, key_before), exposure=exposure),
    )


def _values(worked: Worked, key: Key) -> dict[str, float | None]:
    return {each.metric: worked.value(each, key) for each in worked.plan.formulas}


def _counts(worked: Worked, key: Key) -> dict[str, Counts]:
    return {each.metric: worked.counts(each, key) for each in worked.plan.formulas}
