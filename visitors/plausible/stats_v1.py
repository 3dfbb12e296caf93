"""Answer `/api/v1/stats/`: the older Stats API of Plausible, which third-party tools still ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from visitors import analytics_service as service
from visitors.exceptions import InvalidParameter, Rule, breaking
from visitors.reports.conditions import Condition
from visitors.reports.periods import Comparison, Period, compared_with, period_between, period_named, whole_number

from .filters import filter_on, of_events
from .names import OLDER_DIMENSIONS, PERIODS
from .question import MOST_NAMES, Question, Row, ask
from .schema import (
    A_METRIC,
    A_PROPERTY,
    ERROR,
    RULE,
    AggregateSerializer,
    RowsSerializer,
    answered,
    choice,
    number,
    parameter,
)
from .stats_v2 import StatsView, check_site

CUSTOM: Final = "custom"
MAX_ROWS: Final = 1000
MAX_PAGE: Final = 1000
INTERVALS: Final = {"minute": "time:minute", "hour": "time:hour", "date": "time:day", "day": "time:day"} | {
    "week": "time:week",
    "month": "time:month",
}
MONTHS: Final = {"month": 1, "6mo": 6, "12mo": 12, "year": 12}
FILTER: Final = re.compile(r"(?P<name>[^=!~]+)(?P<sign>==|!=|~)(?P<values>.+)", re.DOTALL)
WORDS: Final = {"==": "is", "!=": "is_not", "~": "contains"}
COMMON: Final = frozenset({"site_id", "period", "date", "metrics", "filters", "with_imported"})
SITE: Final = parameter("site_id", "A host of this site.", Rule.UNKNOWN, required=True)
ASKED: Final = (
    RULE,
    SITE,
    choice("period", "30d when left out; `custom` with two days in `date`.", [*PERIODS, CUSTOM]),
    parameter(
        "date",
        "The last day of the period, such as 2026-01-31; two with a comma for `custom`.",
        Rule.TOGETHER,
        Rule.PERIOD,
        Rule.LANGUAGE,
    ),
    parameter(
        "metrics",
        "Names with commas between them; visitors when left out.",
        Rule.TOGETHER,
        shape={"type": "array", "items": A_METRIC, "minItems": 1, "maxItems": MOST_NAMES, "uniqueItems": True},
        explode=False,
        style="form",
    ),
    parameter("filters", "Such as `visit:source==Google|Bing;event:page!=/blog/**`.", Rule.UNKNOWN, Rule.LANGUAGE),
)


class RealTimeVisitorsView(StatsView):
    parameters = frozenset({"site_id"})

    @extend_schema(
        operation_id="plausible_realtime_visitors",
        tags=["plausible"],
        parameters=[RULE, SITE],
        responses={200: OpenApiResponse(OpenApiTypes.INT, examples=[OpenApiExample("Answer", value=3)]), **ERROR},
    )
    def get(self, request: Request) -> Response:
        """How many visitors are here now, as a bare number."""
        check_site(request.query_params.get("site_id"), request)
        return Response(service.current_visitors())


class AggregateView(StatsView):
    parameters = COMMON | {"compare"}

    @extend_schema(
        operation_id="plausible_aggregate",
        tags=["plausible"],
        parameters=[*ASKED, choice("compare", "Adds each change.", [Comparison.PREVIOUS_PERIOD.value])],
        responses={
            200: answered(AggregateSerializer, {"visitors": {"value": 12, "change": 20.0}}),
            **ERROR,
        },
    )
    def get(self, request: Request) -> Response:
        """Figures of the whole period."""
        question = _question(request)
        (row,) = ask(question).rows
        return Response({"results": _aggregate(question, row)})


class TimeseriesView(StatsView):
    parameters = COMMON | {"interval"}

    @extend_schema(
        operation_id="plausible_timeseries",
        tags=["plausible"],
        parameters=[*ASKED, choice("interval", "By the length of the period when left out.", INTERVALS)],
        responses={200: answered(RowsSerializer, [{"date": "2026-11-20", "visitors": 12}]), **ERROR},
    )
    def get(self, request: Request) -> Response:
        """Figures over time, oldest first; hours, days and months without visits are there too."""
        asked = request.query_params
        dimension = _interval(asked.get("interval"), asked.get("period", "30d"))
        question = _question(request, dimensions=(dimension,), fills_time=True)
        return Response({"results": [_flat(question, row, "date") for row in ask(question).rows]})


class BreakdownView(StatsView):
    parameters = COMMON | {"property", "limit", "page"}

    @extend_schema(
        operation_id="plausible_breakdown",
        tags=["plausible"],
        parameters=[
            *ASKED,
            parameter(
                "property", "Such as `event:page` or `visit:source`.", Rule.TOGETHER, required=True, shape=A_PROPERTY
            ),
            number("limit", "Rows of a page, 100 when left out.", most=MAX_ROWS),
            number("page", "From 1.", most=MAX_PAGE),
        ],
        responses={200: answered(RowsSerializer, [{"source": "LinkedIn", "visitors": 12}]), **ERROR},
    )
    def get(self, request: Request) -> Response:
        """Figures by the values of one property, most first."""
        asked = request.query_params
        name = asked.get("property", "")
        limit = whole_number("limit", given=asked.get("limit", "100"), least=1, most=MAX_ROWS)
        page = whole_number("page", given=asked.get("page", "1"), least=1, most=MAX_PAGE)
        question = _question(
            request, dimensions=(OLDER_DIMENSIONS.get(name, name),), limit=limit, offset=(page - 1) * limit
        )
        key = name.removeprefix("event:props:").rpartition(":")[2]
        return Response({"results": [_flat(question, row, key) for row in ask(question).rows]})


def _question(request: Request, **more: Any) -> Question:
    asked = request.query_params
    check_site(asked.get("site_id"), request)
    period, word = _period(asked)
    return Question(
        metrics=tuple(name.strip() for name in asked.get("metrics", "visitors").split(",")),
        period=period,
        filters=filters_of(asked.get("filters", "")),
        against=_against(asked.get("compare"), period, word),
        **more,
    )


def _aggregate(question: Question, row: Row) -> dict[str, Any]:
    figures: dict[str, Any] = {
        name: {"value": value} for name, value in zip(question.metrics, row.metrics, strict=True)
    }
    for name, change in zip(question.metrics, row.change or (), strict=False):
        figures[name]["change"] = change
    return figures


def _flat(question: Question, row: Row, key: str) -> dict[str, Any]:
    return {key: row.dimensions[0]} | dict(zip(question.metrics, row.metrics, strict=True))


def _period(asked: Mapping[str, str]) -> tuple[Period, str]:
    """And the word by which it was asked for, unless a day was given with it."""
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    word, day = asked.get("period", "30d"), asked.get("date", "")
    if word == CUSTOM:
        first, comma, last = day.partition(",")
        if not comma:
            rule = "two days such as 2026-01-01,2026-01-31 when `period` is custom"
            raise InvalidParameter("date", rule, day, rule=Rule.TOGETHER)
        with breaking(Rule.LANGUAGE):
            return period_between(first.strip(), last.strip(), now=now, names=("date", "date")), ""
    if word not in PERIODS:
        raise InvalidParameter("period", f"one of {', '.join(PERIODS)} or {CUSTOM}", word)
    if not day:
        first_day = service.first_day() if word == "all" else None
        return period_named(PERIODS[word], now=now, first_day=first_day), PERIODS[word]
    return _until(word, day, now), ""


def _until(word: str, given: str, now: datetime) -> Period:
    """The period of that length with the day at its end, or the calendar months that end with its month."""
    if word in {"24h", "all"}:
        raise InvalidParameter("date", f"left out when `period` is {word}", given, rule=Rule.TOGETHER)
    with breaking(Rule.LANGUAGE):
        day = period_between(given, given, now=now, names=("date", "date")).start
    if word in MONTHS:
        first, last = _months(day, MONTHS[word] if word != "year" else day.month), _month_end(day)
        last = date(day.year, 12, 31) if word == "year" else last
    else:
        first, last = day - timedelta(days=(1 if word == "day" else int(word.removesuffix("d"))) - 1), day
    end = last + timedelta(days=1)
    return Period(first, end, now if first <= now.date() < end else None)


def _months(day: date, count: int) -> date:
    """The first day of the month that lies `count - 1` months before."""
    year, month = divmod(day.year * 12 + day.month - count, 12)
    return date(year, month + 1, 1)


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _against(compare: str | None, period: Period, word: str) -> Period | None:
    if compare is None:
        return None
    if compare != Comparison.PREVIOUS_PERIOD:
        raise InvalidParameter("compare", Comparison.PREVIOUS_PERIOD.value, compare)
    return compared_with(period, Comparison.PREVIOUS_PERIOD, word=word)


def _interval(given: str | None, period: str) -> str:
    if given is None:
        if period in {"day", "24h"}:
            return "time:hour"
        return "time:month" if period in {"6mo", "12mo", "year"} else "time:day"
    if given not in INTERVALS:
        raise InvalidParameter("interval", f"one of {', '.join(INTERVALS)}", given)
    return INTERVALS[given]


@breaking(Rule.LANGUAGE)
def filters_of(text: str) -> tuple[Condition, ...]:
    r"""Filters with semicolons between them, values with `|`, which a `\` before them makes plain; a `*` is any text
    without a slash, `**` any text."""
    return of_events(tuple(_filter(part) for part in re.split(r"(?<!\\);", text) if part.strip()))


def _filter(text: str) -> Condition:
    found = FILTER.fullmatch(text.strip())
    if found is None:
        raise InvalidParameter("filters", "such as visit:source==Google|Bing, with ; between them", text)
    name, word = found["name"].strip(), WORDS[found["sign"]]
    values = [re.sub(r"\\([|;])", r"\1", each) for each in re.split(r"(?<!\\)\|", found["values"])]
    if word == "contains" or not any("*" in value for value in values):
        return filter_on(word, OLDER_DIMENSIONS.get(name, name), values)
    return filter_on(word, OLDER_DIMENSIONS.get(name, name), values, has_stars=True)
