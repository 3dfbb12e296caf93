"""List what can be asked: every metric with its formula, every dimension and filter, every period."""

from __future__ import annotations

from dataclasses import dataclass

from visitors.reports.conditions import Operator
from visitors.reports.metrics import METRICS
from visitors.reports.periods import PERIODS, Comparison
from visitors.reports.traits import ALIASES, DETAIL, TRAITS, Fact, Trait

from .language import METRIC_ALIASES, QUERIED, TIMES


@dataclass(frozen=True, slots=True)
class MetricDefined:
    """`denominator` is empty for a count, `empty` what is answered when nothing was counted; `is_queried` says whether
    `query/` answers it."""

    name: str
    numerator: str
    denominator: str
    unit: str
    empty: int | None
    text: str
    is_queried: bool
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DimensionDefined:
    """`facts` are those that carry it: what can be divided by it at once. Time is no filter."""

    name: str
    text: str
    facts: tuple[str, ...]
    operators: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeriodDefined:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Definitions:
    metrics: tuple[MetricDefined, ...]
    dimensions: tuple[DimensionDefined, ...]
    periods: tuple[PeriodDefined, ...]
    comparisons: tuple[str, ...]


def definitions_of_all() -> Definitions:
    details = Trait(
        name=f"{DETAIL}NAME", text="a detail that an interaction carries, by its name", interaction="details"
    )
    return Definitions(
        metrics=tuple(_metric(name) for name in METRICS),
        dimensions=(*map(_time, TIMES), *map(_trait, (*TRAITS.values(), details))),
        periods=tuple(PeriodDefined(name, text) for name, text in PERIODS.items()),
        comparisons=tuple(each.value for each in Comparison),
    )


def _metric(name: str) -> MetricDefined:
    metric = METRICS[name]
    return MetricDefined(
        name=name,
        numerator=metric.numerator,
        denominator=metric.denominator,
        unit=metric.unit.value,
        empty=metric.empty,
        text=metric.text,
        is_queried=name in QUERIED,
        aliases=tuple(alias for alias, known in METRIC_ALIASES.items() if known == name),
    )


def _time(name: str) -> DimensionDefined:
    return DimensionDefined(name, TIMES[name], tuple(fact.value for fact in Fact), (), ())


def _trait(trait: Trait) -> DimensionDefined:
    return DimensionDefined(
        name=trait.name,
        text=trait.text,
        facts=tuple(fact.value for fact in Fact if trait.column(fact)),
        operators=tuple(each.value for each in Operator if trait.takes_patterns or each.positive is Operator.IS),
        aliases=tuple(alias for alias, known in ALIASES.items() if known == trait.name),
    )
