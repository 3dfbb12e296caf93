"""Read a question of the query language, from the body of a request or from an address. Raises `InvalidParameter`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.http import QueryDict

from .exceptions import InvalidParameter, Rule
from .questions import OF_COMPARISON, OF_PERIOD, filters_of, window_of
from .questions_filters import MAX_NAME, condition_in
from .reports.periods import whole_number
from .reports.query import Order, Query, default_metrics
from .reports.query.language import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET

INCLUDES: Final = {"totals": "with_totals", "total_rows": "with_total_rows", "time_labels": "with_time_labels"}
IN_BODY: Final = OF_PERIOD | OF_COMPARISON | {"metrics", "dimensions", "filters", "order", "limit", "offset", "include"}
INTERVALS: Final = ("minute", "hour", "day", "week", "month")
OF_TIMESERIES: Final = OF_PERIOD | OF_COMPARISON | {"filter", "metrics", "interval"}
OF_BREAKDOWN: Final = OF_PERIOD | OF_COMPARISON | {"filter", "metrics", "order", "limit", "offset"}
SERIES_METRICS: Final = ("visitors", "sessions", "page_views")


def query_in(body: object, now: datetime) -> Query:
    """The whole language, as JSON."""
    if not isinstance(body, Mapping):
        raise InvalidParameter("body", "an object with the metrics of the question", type(body).__name__)
    _refuse_unknown("body", body, IN_BODY)
    window = window_of(_words(body), now)
    return Query(
        metrics=_names(body, "metrics"),
        dimensions=_names(body, "dimensions"),
        filters=tuple(condition_in(given, parameter="filters") for given in _list(body, "filters")),
        period=window.period,
        against=window.against,
        order=tuple(_order_in(given) for given in _list(body, "order")),
        limit=_number_in(body, "limit", DEFAULT_LIMIT),
        offset=_number_in(body, "offset", 0),
        **_included(body.get("include", {})),
    )


def timeseries_of(asked: QueryDict, now: datetime) -> Query:
    """One row for each interval, empty ones too."""
    interval = asked.get("interval", "")
    if "interval" in asked and interval not in INTERVALS:
        raise InvalidParameter("interval", f"one of {', '.join(INTERVALS)}", interval)
    window = window_of(asked, now)
    return Query(
        metrics=_split(asked, "metrics") or SERIES_METRICS,
        dimensions=(f"time:{interval}" if interval else "time",),
        filters=filters_of(asked),
        period=window.period,
        against=window.against,
        limit=MAX_LIMIT,
        with_totals=True,
        fills_time=True,
    )


def breakdown_of(dimension: str, asked: QueryDict, now: datetime) -> Query:
    """By one dimension, or several parted by commas."""
    dimensions = tuple(dimension.split(","))
    window = window_of(asked, now)
    return Query(
        metrics=_split(asked, "metrics") or default_metrics(dimensions),
        dimensions=dimensions,
        filters=filters_of(asked),
        period=window.period,
        against=window.against,
        order=tuple(Order(name.removeprefix("-"), name.startswith("-")) for name in _split(asked, "order")),
        limit=_number(asked, "limit", default=DEFAULT_LIMIT, least=1, most=MAX_LIMIT),
        offset=_number(asked, "offset", default=0, least=0, most=MAX_OFFSET),
        with_totals=True,
        with_total_rows=True,
    )


def _order_in(given: object) -> Order:
    match given:
        case [str(name), ("asc" | "desc") as direction]:
            return Order(name, direction == "desc")
    raise InvalidParameter("order", 'a list of pairs such as ["visitors", "desc"]', given, rule=Rule.LANGUAGE)


def _included(given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not all(isinstance(value, bool) for value in given.values()):
        raise InvalidParameter("include", 'an object such as {"totals": true}', given)
    _refuse_unknown("include", given, frozenset(INCLUDES))
    return {INCLUDES[name]: value for name, value in given.items()}


def _words(body: Mapping[Any, Any]) -> dict[str, str]:
    """The period and comparison, which an address gives as texts."""
    words = {}
    for name in sorted(OF_PERIOD | OF_COMPARISON):
        if name in body:
            value = body[name]
            is_days = name == "days" and isinstance(value, int) and not isinstance(value, bool)
            if not is_days and not isinstance(value, str):
                raise InvalidParameter(name, "a whole number" if name == "days" else "a text", value)
            # A huge number takes long to write in digits.
            words[name] = str(value) if isinstance(value, str) or abs(value) < 10**9 else "more than 9 digits"
    return words


def _names(body: Mapping[Any, Any], parameter: str) -> tuple[str, ...]:
    names = _list(body, parameter)
    if not all(isinstance(name, str) for name in names):
        raise InvalidParameter(parameter, "a list of names", names)
    return tuple(names)


def _list(body: Mapping[Any, Any], parameter: str) -> list[Any]:
    given = body.get(parameter, [])
    if not isinstance(given, list):
        raise InvalidParameter(parameter, "a list", given)
    return given


def _number_in(body: Mapping[Any, Any], parameter: str, default: int) -> int:
    given = body.get(parameter, default)
    if not isinstance(given, int) or isinstance(given, bool):
        raise InvalidParameter(parameter, "a whole number", given)
    return given


def _refuse_unknown(parameter: str, given: Mapping[Any, Any], known: frozenset[str]) -> None:
    for name in given:
        if name not in known:
            raise InvalidParameter(parameter, f"an object of {', '.join(sorted(known))}", str(name)[:MAX_NAME])


def _split(asked: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(asked[name].split(",")) if name in asked else ()


def _number(asked: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    return whole_number(name, given=asked[name], least=least, most=most) if name in asked else default
