"""Decide from which facts each metric of a question is counted, and refuse what no fact can tell. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from visitors.exceptions import InvalidParameter, Rule, breaking
from visitors.reports.conditions import each_filter
from visitors.reports.metrics import METRICS, Unit, mean, rate, ratio
from visitors.reports.traits import TRAITS, Fact, trait_of

from .language import (
    HOUR,
    MAX_DAYS_BY_HOUR,
    MAX_DAYS_BY_MINUTE,
    MINUTE,
    TIME,
    TIMES,
    Order,
    Query,
    dimension_named,
    metric_named,
    time_of,
)


class Part(StrEnum):
    """Facts that are counted; visits also as those that began or ended on a page, and all without any dimension."""

    SESSION = "session"
    ENTRY = "entry"
    EXIT = "exit"
    PAGE_VIEW = "page view"
    INTERACTION = "interaction"
    WHOLE = "whole"

    @property
    def fact(self) -> Fact:
        return {Part.PAGE_VIEW: Fact.PAGE_VIEW, Part.INTERACTION: Fact.INTERACTION}.get(self, Fact.SESSION)


@dataclass(frozen=True, slots=True)
class Term:
    """A sum of one part, by the name that it has in the part's totals."""

    part: Part
    name: str


@dataclass(frozen=True, slots=True)
class Formula:
    metric: str
    top: Term
    bottom: Term | None = None

    @property
    def terms(self) -> tuple[Term, ...]:
        return (self.top, self.bottom) if self.bottom else (self.top,)

    def value(self, top: int, bottom: int) -> float | None:
        if self.bottom is None:
            return top
        if self.metric == "scroll_depth":
            return ratio(top, bottom, decimals=1)
        match METRICS[self.metric].unit:
            case Unit.PERCENT:
                return rate(top, bottom)
            case Unit.RATIO:
                return ratio(top, bottom)
        return mean(top, bottom)


# Metric -> numerator and denominator among the totals of the part.
OF_SESSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "visitors": ("visitors",),
    "sessions": ("sessions",),
    "page_views": ("page_views",),
    "interactions": ("interactions",),
    "views_per_session": ("page_views", "sessions"),
    "bounces": ("bounces",),
    "bounce_rate": ("bounces", "sessions"),
    "engagement_rate": ("engaged", "sessions"),
    "engagement_score": ("scores", "sessions"),
    "session_duration": ("duration_ms", "sessions"),
    "engaged_time": ("engaged_ms", "confirmed"),
    "conversions": ("conversions",),
    "conversion_rate": ("conversions", "sessions"),
    "recruiters": ("recruiters",),
    "bots": ("bots",),
}
OF_PAGE_VIEWS: Final[Mapping[str, tuple[str, ...]]] = {
    "visitors": ("visitors",),
    "sessions": ("sessions",),
    "page_views": ("page_views",),
    "time_on_page": ("time_on_page_ms", "timed"),
    "scroll_depth": ("scroll_depth", "scrolled"),
}
OF_INTERACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "visitors": ("visitors",),
    "sessions": ("sessions",),
    "interactions": ("interactions",),
}
DEFAULTS: Final[Mapping[Part, tuple[str, ...]]] = {
    Part.SESSION: ("visitors", "sessions", "percentage", "bounce_rate", "conversion_rate"),
    Part.PAGE_VIEW: ("visitors", "page_views", "percentage", "time_on_page", "scroll_depth"),
    Part.INTERACTION: ("visitors", "interactions", "percentage"),
}
OF_BOTS: Final = ("bots",)  # what people did is divided by no kind of bot
OF_PAGES: Final = ("entries", "exits", "exit_rate")
# What visits have of their first and last page alone.
OF_ENDS: Final[Mapping[tuple[str, Part], str]] = {
    ("page", Part.ENTRY): "entry",
    ("page", Part.EXIT): "exit",
    ("hostname", Part.ENTRY): "entry_hostname",
    ("hostname", Part.EXIT): "exit_hostname",
}
OF_ROWS: Final = {"page_views": Part.PAGE_VIEW, "interactions": Part.INTERACTION}


@dataclass(frozen=True, slots=True)
class Plan:
    """A question in the language's own names, its main facts, and the formula of each metric."""

    query: Query
    primary: Part
    formulas: tuple[Formula, ...]

    def names(self, part: Part) -> tuple[str, ...]:
        """The sums that a part must give."""
        terms = (term for formula in self.formulas for term in formula.terms)
        return tuple(dict.fromkeys(term.name for term in terms if term.part is part))


def plan_of(query: Query) -> Plan:
    """Raises `InvalidParameter` with the rule that a question breaks."""
    asked = _resolved(query)
    traits = [name for name in asked.dimensions if name not in TIMES]
    primary = _primary(traits)
    with breaking(Rule.TOGETHER):
        _check_carried(traits, primary)
        _check_time(asked)
        formulas = tuple(_formula(name, asked, primary, traits) for name in asked.metrics)
    return Plan(asked, primary, formulas)


def default_metrics(dimensions: Iterable[str]) -> tuple[str, ...]:
    """What is asked of a breakdown that names no metric. Raises `InvalidParameter` for an unknown dimension."""
    names = [dimension_named(name) for name in dimensions]
    if "bot_kind" in names:
        return OF_BOTS
    return DEFAULTS.get(_primary(name for name in names if name not in TIMES), DEFAULTS[Part.SESSION])


def column_name(dimension: str, part: Part) -> str:
    """The trait by which a part is divided: visits have no page but a first and a last one."""
    return OF_ENDS.get((dimension, part), dimension)


def _resolved(query: Query) -> Query:
    metrics = tuple(metric_named(name) for name in query.metrics)
    dimensions = tuple(time_of(query.period) if name == TIME else dimension_named(name) for name in query.dimensions)
    names = {TIME: next((name for name in dimensions if name in TIMES), TIME)}
    order = tuple(_order(one, metrics, dimensions, names) for one in query.order)
    return replace(query, metrics=metrics, dimensions=dimensions, order=order or _default_order(metrics, dimensions))


def _order(asked: Order, metrics: tuple[str, ...], dimensions: tuple[str, ...], names: Mapping[str, str]) -> Order:
    known = (*metrics, *dimensions)
    for read in (lambda name: names.get(name, name), metric_named, dimension_named):
        try:
            name = read(asked.name)
        except InvalidParameter:
            continue
        if name in known:
            return replace(asked, name=name)
    raise InvalidParameter("order", f"by names out of {', '.join(known)}", asked.name, rule=Rule.TOGETHER)


def _default_order(metrics: tuple[str, ...], dimensions: tuple[str, ...]) -> tuple[Order, ...]:
    times = tuple(Order(name) for name in dimensions if name in TIMES)
    return times or (Order(metrics[0], is_descending=True),)


def _primary(traits: Iterable[str]) -> Part:
    owners = {trait.owner for name in traits if (trait := trait_of(name))}
    if Fact.INTERACTION in owners:
        return Part.INTERACTION
    return Part.PAGE_VIEW if Fact.PAGE_VIEW in owners else Part.SESSION


def _carries(part: Part, name: str) -> bool:
    trait = trait_of(column_name(name, part))
    return (
        trait is not None
        and bool(trait.column(part.fact))
        and not (part.fact is not Fact.SESSION and name in {"hour", "weekday"})
    )


def _check_carried(traits: Iterable[str], primary: Part) -> None:
    for name in traits:
        if not _carries(primary, name):
            carried = [each for each in TRAITS if _carries(primary, each)]
            rule = f"those that {_an(primary)} carries ({', '.join(carried)}) or time"
            raise InvalidParameter("dimensions", rule, name)


def _an(part: Part) -> str:
    return f"an {part}" if part is Part.INTERACTION else f"a {part}"


def _check_time(query: Query) -> None:
    times = [name for name in query.dimensions if name in TIMES]
    if len(times) > 1:
        raise InvalidParameter("dimensions", "with one time at most", ", ".join(times))
    for name, most in ((MINUTE, MAX_DAYS_BY_MINUTE), (HOUR, MAX_DAYS_BY_HOUR)):
        if name in times and query.period.days > most:
            raise InvalidParameter("period", f"at most {most} days with the dimension {name}", query.period.days)
    for with_times, parameter in ((query.with_time_labels, "time_labels"), (query.fills_time, "fill")):
        if with_times and not times:
            raise InvalidParameter(parameter, "left out without a time dimension", "true")
    if query.fills_time and len(query.dimensions) > 1:
        raise InvalidParameter("fill", "left out with more than the time dimension", "true")


def _formula(metric: str, query: Query, primary: Part, traits: list[str]) -> Formula:
    if metric == "percentage":
        return _percentage(query, primary)
    if "goal" in traits and metric in {"conversions", "conversion_rate"}:
        return _of_whole(metric, primary)
    if metric in OF_PAGES:
        return _of_page(metric, traits)
    table = {Part.PAGE_VIEW: OF_PAGE_VIEWS, Part.INTERACTION: OF_INTERACTIONS}.get(primary, OF_SESSIONS)
    if metric in OF_ROWS and primary is Part.SESSION and _asks_rows(query, OF_ROWS[metric]):
        return _of_rows(metric, OF_ROWS[metric], traits)
    if metric in table:
        return _made(metric, primary, table[metric])
    if primary is Part.INTERACTION:
        if metric == "conversion_rate":
            return _of_whole(metric, primary)
        allowed = (*OF_INTERACTIONS, "conversion_rate", "percentage")
        raise InvalidParameter("metrics", f"out of {', '.join(allowed)} when divided by an interaction's", metric)
    if metric in OF_PAGE_VIEWS:
        return _of_rows(metric, Part.PAGE_VIEW, traits)
    if not all(_carries(Part.ENTRY, name) for name in traits):
        raise InvalidParameter("metrics", f"out of {', '.join(OF_PAGE_VIEWS)} when divided by title", metric)
    return _made(metric, Part.ENTRY, OF_SESSIONS[metric])


def _made(metric: str, part: Part, names: tuple[str, ...]) -> Formula:
    top, *bottom = (Term(part, name) for name in names)
    return Formula(metric, top, *bottom)


def _percentage(query: Query, primary: Part) -> Formula:
    if not query.dimensions:
        raise InvalidParameter("metrics", "without percentage when nothing is divided", "percentage")
    return Formula("percentage", Term(primary, "visitors"), Term(Part.WHOLE, "visitors"))


def _of_whole(metric: str, primary: Part) -> Formula:
    whole = Term(Part.WHOLE, "sessions") if metric == "conversion_rate" else None
    return Formula(metric, Term(primary, "sessions"), whole)


def _of_page(metric: str, traits: list[str]) -> Formula:
    if not {"page", "hostname"} & {*traits} or not all(_carries(Part.EXIT, name) for name in traits):
        rule = f"without {metric} unless divided by page or hostname, and not by title"
        raise InvalidParameter("metrics", rule, metric)
    if metric == "exit_rate":
        return Formula(metric, Term(Part.EXIT, "sessions"), Term(Part.PAGE_VIEW, "page_views"))
    return Formula(metric, Term(Part.ENTRY if metric == "entries" else Part.EXIT, "sessions"))


def _asks_rows(query: Query, part: Part) -> bool:
    """Whether page views or acts are asked for themselves, not only visits that had some."""
    owners = {leaf.trait.owner for condition in query.filters for leaf in each_filter((condition,))}
    return part.fact in owners


def _of_rows(metric: str, part: Part, traits: list[str]) -> Formula:
    for name in traits:
        if not _carries(part, name):
            raise InvalidParameter("metrics", f"without {metric} when divided by {name}: no {part} carries it", metric)
    return _made(metric, part, {**OF_PAGE_VIEWS, **OF_INTERACTIONS}[metric])
