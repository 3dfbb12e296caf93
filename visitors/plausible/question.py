"""Ask the analytics service what a client made for Plausible asks, under the rules that such clients know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from visitors import analytics_service as service
from visitors.exceptions import InvalidParameter, Rule, breaking
from visitors.reports.conditions import Condition
from visitors.reports.metrics import METRICS as OWN_METRICS
from visitors.reports.metrics import change, rate
from visitors.reports.periods import Period
from visitors.reports.query import Order, Query, ResultRow

from .acts import events_reader, goals_asked, money_reader
from .filters import own_dimensions, trait_named
from .names import (
    GOAL,
    HOSTNAME,
    IN_SECONDS,
    METRICS,
    OF_CONVERSIONS,
    OF_MONEY,
    OF_PAGES,
    OF_VISITS,
    PAGE,
    PROPS,
    TIMES,
    is_event_dimension,
)
from .values import shown

MAX_LIMIT: Final = 10_000
MOST_NAMES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Names are Plausible's. Raises `InvalidParameter` with the rule that it breaks. `order` is pairs of a name and
    whether it descends."""

    metrics: tuple[str, ...]
    period: Period
    dimensions: tuple[str, ...] = ()
    filters: tuple[Condition, ...] = ()
    against: Period | None = None
    order: tuple[tuple[str, bool], ...] = ()
    limit: int = MAX_LIMIT
    offset: int = 0
    with_total_rows: bool = False
    with_time_labels: bool = False
    fills_time: bool = False

    def __post_init__(self) -> None:
        _check_names(self)
        with breaking(Rule.TOGETHER):
            _check_metrics(self)
            _check_order(self)

    @property
    def times(self) -> tuple[str, ...]:
        return tuple(name for name in self.dimensions if name in TIMES)

    @property
    def sorting(self) -> tuple[tuple[str, bool], ...]:
        """As asked, else time ascending, else the first metric descending."""
        return self.order or tuple((name, False) for name in self.times) or ((self.metrics[0], True),)

    @property
    def traits(self) -> frozenset[str]:
        """This project's names of what the filters are about."""
        return frozenset(leaf.trait.name for condition in self.filters for leaf in condition.leaves)

    @property
    def goals(self) -> tuple[str, ...]:
        """The goals whose events are asked for: of filters that stand alone and say `is`."""
        return goals_asked(self.filters)

    def part_of(self, names: Sequence[str], *, metrics: tuple[str, ...]) -> Query:
        """The same visits and acts, whether they reached a goal or not, by some of the dimensions."""
        return Query(
            metrics=metrics,
            period=self.period,
            dimensions=own_dimensions(names),
            filters=tuple(each for each in self.filters if "goal" not in {leaf.trait.name for leaf in each.leaves}),
            limit=MAX_LIMIT,
        )


@dataclass(frozen=True, slots=True)
class Row:
    dimensions: tuple[str, ...]
    metrics: tuple[Any, ...]
    change: tuple[float | None, ...] | None


@dataclass(frozen=True, slots=True)
class Answered:
    """`warnings` is metric -> code and text of why it is null."""

    rows: tuple[Row, ...]
    total_rows: int | None
    time_labels: tuple[str, ...] | None
    warnings: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Told:
    """What a row is told besides the figures of its visits, by metric."""

    readers: Mapping[str, Callable[[ResultRow], Any]]
    warnings: Mapping[str, Mapping[str, str]]


def ask(question: Question) -> Answered:
    """One question of the service; more for conversion rates, which need those who did not convert, for events of
    goals and pages, and for amounts."""
    is_sorted_here = any(name in METRICS and _is_composed(name) for name, _ in question.sorting)
    answer = service.query(_query(question, is_whole=is_sorted_here))
    told = _told(question)
    rows = [_row(question, row, told) for row in answer.results]
    if is_sorted_here:
        rows = _sorted(question, rows)[question.offset : question.offset + question.limit]
    time = question.times[0] if question.times else ""
    labels = answer.time_labels and tuple(shown(time, label) for label in answer.time_labels)
    return Answered(tuple(rows), answer.total_rows, labels, told.warnings)


def _check_names(question: Question) -> None:
    for parameter, names, least in (("metrics", question.metrics, 1), ("dimensions", question.dimensions, 0)):
        if not least <= len(names) <= MOST_NAMES:
            raise InvalidParameter(parameter, f"a list of {least} to {MOST_NAMES} names", len(names))
        if len(set(names)) < len(names):
            raise InvalidParameter(parameter, "different names", ", ".join(names))
    for name in question.metrics:
        if name not in METRICS:
            raise InvalidParameter("metrics", f"names out of {', '.join(METRICS)}", name)
    for name in question.dimensions:
        if name not in TIMES:
            trait_named(name, parameter="dimensions")


def _check_metrics(question: Question) -> None:
    dimensions, traits = question.dimensions, question.traits
    of_events = [name for name in dimensions if is_event_dimension(name)]
    for name in question.metrics:
        if name in OF_PAGES and PAGE not in dimensions and "page" not in traits:
            raise InvalidParameter("metrics", f"without {name} unless {PAGE} is a dimension or filter", name)
        if name == "percentage" and not dimensions:
            raise InvalidParameter("metrics", "without percentage unless there are dimensions", name)
        if name in OF_CONVERSIONS and GOAL not in dimensions and "goal" not in traits:
            raise InvalidParameter("metrics", f"without {name} unless {GOAL} is a dimension or filter", name)
        if name == "group_conversion_rate" and not dimensions:
            raise InvalidParameter("metrics", f"without {name} unless there are dimensions", name)
        if name in OF_VISITS and of_events:
            raise InvalidParameter("metrics", f"of events when {of_events[0]} is a dimension: a visit has many", name)


def _check_order(question: Question) -> None:
    for name, _ in question.order:
        if name not in (*question.metrics, *question.dimensions):
            raise InvalidParameter("order_by", f"by {', '.join((*question.metrics, *question.dimensions))}", name)
    if question.with_time_labels and not question.times:
        raise InvalidParameter("include.time_labels", "left out without a time dimension", "true")


def _is_composed(metric: str) -> bool:
    return metric in OF_CONVERSIONS | OF_MONEY or len(METRICS[metric]) > 1


def _query(question: Question, *, is_whole: bool) -> Query:
    own = [name for metric in question.metrics for name in _own_metrics(metric, question)]
    return Query(
        metrics=tuple(dict.fromkeys(own)),
        period=question.period,
        dimensions=own_dimensions(question.dimensions),
        filters=question.filters,
        against=question.against,
        order=() if is_whole else tuple(Order(_own_name(name), falls) for name, falls in question.sorting),
        limit=MAX_LIMIT if is_whole else question.limit,
        offset=0 if is_whole else question.offset,
        with_total_rows=question.with_total_rows,
        with_time_labels=question.with_time_labels,
        fills_time=question.fills_time,
    )


def _own_metrics(metric: str, question: Question) -> tuple[str, ...]:
    """Divided by what interactions carry, only they are counted; of a goal, page or host the events are told by
    `_told`."""
    if metric != "events":
        return METRICS[metric]
    if _has_own_events(question):
        return ("page_views",) if GOAL not in question.dimensions and not question.goals else ("sessions",)
    return ("interactions",) if any(map(is_event_dimension, question.dimensions)) else METRICS[metric]


def _has_own_events(question: Question) -> bool:
    if any(name.startswith(PROPS) for name in question.dimensions):
        return bool(question.goals) or GOAL in question.dimensions
    is_on_page = {PAGE, HOSTNAME} & {*question.dimensions} or {"page", "hostname"} & question.traits
    return bool(is_on_page or question.goals or GOAL in question.dimensions)


def _own_name(name: str) -> str:
    if name in METRICS:
        return METRICS[name][0]
    return name if name in TIMES else trait_named(name, parameter="order_by")


def _told(question: Question) -> Told:
    readers: dict[str, Callable[[ResultRow], Any]] = {}
    warnings: dict[str, Mapping[str, str]] = {}
    for name in question.metrics:
        if name in OF_CONVERSIONS:
            readers[name] = _conversion_rate(question, name)
        elif name == "events" and _has_own_events(question):
            readers[name] = events_reader(question)
        elif name in OF_MONEY:
            readers[name], warning = money_reader(question, name)
            warnings |= {name: warning} if warning else {}
    return Told(readers, warnings)


def _conversion_rate(question: Question, metric: str) -> Callable[[ResultRow], float | None]:
    """Of all visitors, or for a group of those who share its dimensions. Time divides both."""
    is_group = metric == "group_conversion_rate"
    names = [name for name in question.dimensions if name in TIMES or (is_group and name != GOAL)]
    places = tuple(question.dimensions.index(name) for name in names)
    query = question.part_of(names, metrics=("visitors",))
    found = {tuple(row.dimensions.values()): row.metrics["visitors"] for row in service.query(query).results}

    def read(row: ResultRow) -> float | None:
        values = tuple(row.dimensions.values())
        return rate(row.metrics["visitors"], int(found.get(tuple(values[place] for place in places), 0)))

    return read


def _row(question: Question, row: ResultRow, told: Told) -> Row:
    values, before, names = tuple(row.dimensions.values()), row.comparison, question.metrics
    return Row(
        tuple(shown(name, value) for name, value in zip(question.dimensions, values, strict=True)),
        tuple(_value(name, row, told, question) for name in names),
        tuple(_change(name, row.metrics, before.metrics, told, question) for name in names) if before else None,
    )


def _value(metric: str, row: ResultRow, told: Told, question: Question) -> Any:
    if metric in told.readers:
        return told.readers[metric](row)
    value = _sum(metric, row.metrics, question)
    return round(value / 1000) if metric in IN_SECONDS and value is not None else value


def _sum(metric: str, figures: Mapping[str, Any], question: Question) -> Any:
    values = [figures[name] for name in _own_metrics(metric, question)]
    return values[0] if len(values) == 1 else sum(values)


def _change(
    metric: str, now: Mapping[str, Any], before: Mapping[str, Any], told: Told, question: Question
) -> float | None:
    """Percent, or points of a rate; `None` for what is told besides, which is not asked of the period before."""
    if metric in told.readers:
        return None
    unit = OWN_METRICS[METRICS[metric][0]].unit
    return change(_sum(metric, now, question), _sum(metric, before, question), unit=unit)


def _sorted(question: Question, rows: list[Row]) -> list[Row]:
    names = (*question.dimensions, *question.metrics)
    for name, falls in reversed(question.sorting):
        place = names.index(name)
        rows = sorted(rows, key=lambda row, place=place: _rank((*row.dimensions, *row.metrics)[place]), reverse=falls)  # type: ignore[misc]
    return rows


def _rank(value: Any) -> Any:
    if value is None:
        return float("-inf")
    return value["value"] if isinstance(value, dict) else value
