"""Answer `POST /api/v2/query`: Plausible's Stats API, translated onto the project's own query language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from visitors import analytics_service as service
from visitors.exceptions import RULES, InvalidParameter, Rule
from visitors.reports.periods import Period, period_named
from visitors.schema_rules import broken_by
from visitors.views import OwnerView

from .date_range import between, bounds
from .faces import PlausibleView, is_own_site
from .filters import conditions_of
from .names import PERIODS
from .query_schema import query_schema
from .question import MAX_LIMIT, Answered, Question, ask
from .schema import ERROR, RULE, QueryAnswerSerializer, QuerySerializer

KEYS: Final = (
    "site_id", "metrics", "date_range", "dimensions", "filters", "order_by", "include", "pagination",
)  # fmt: skip
INCLUDES: Final = ("imports", "time_labels", "total_rows")
MAX_OFFSET: Final = 1_000_000
EXAMPLE: Final = {
    "site_id": "example.com",
    "metrics": ["visitors", "pageviews"],
    "date_range": "7d",
    "dimensions": ["visit:source"],
    "filters": [["is", "visit:country", ["DE", "PL"]]],
}
EXAMPLE_ANSWER: Final = {
    "results": [{"metrics": [12, 30], "dimensions": ["LinkedIn"]}],
    "meta": {},
    "query": EXAMPLE
    | {"date_range": ["2026-11-14T00:00:00+00:00", "2026-11-20T23:59:59+00:00"], "order_by": [["visitors", "desc"]]}
    | {"include": {}, "pagination": {"limit": MAX_LIMIT, "offset": 0}},
}


class StatsView(PlausibleView, OwnerView):
    """For whoever may read reports, by a token of scope `read` as `Authorization: Bearer`."""


class QueryView(StatsView):
    post_reads = True

    @extend_schema(
        operation_id="plausible_query",
        tags=["plausible"],
        extensions=broken_by(*RULES),
        parameters=[RULE],
        request=QuerySerializer,
        responses={
            200: OpenApiResponse(QueryAnswerSerializer, examples=[OpenApiExample("Answer", value=EXAMPLE_ANSWER)]),
            **ERROR,
        },
        examples=[OpenApiExample("Question", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Metrics by dimensions, as clients of Plausible's Stats API v2 ask for them."""
        body = _known(request.data, KEYS, "the body")
        if "site_id" not in body:
            raise InvalidParameter("site_id", "given: a host of this site", "nothing")
        check_site(body["site_id"], request)
        question = question_of(body)
        return Response(_answer(body, question, ask(question)))


@require_safe
def schema(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The JSON schema of the body, for editors and clients that check before they ask."""
    return JsonResponse(query_schema(), headers={"Cache-Control": "public, max-age=3600"})


def check_site(given: Any, request: Request) -> None:
    """Raises `InvalidParameter` for another site, 400: a key opens this one alone."""
    if not isinstance(given, str) or not is_own_site(given, request._request):
        rule = Rule.UNKNOWN if isinstance(given, str) else Rule.INVALID
        raise InvalidParameter("site_id", "a host of this site", given, rule=rule)


def question_of(body: Mapping[str, Any]) -> Question:
    for name in ("metrics", "date_range"):
        if name not in body:
            raise InvalidParameter(name, "given", "nothing")
    include = _known(body.get("include", {}), INCLUDES, "include")
    for name, value in include.items():
        if not isinstance(value, bool):
            raise InvalidParameter(f"include.{name}", "true or false", value)
    pagination = _known(body.get("pagination", {}), ("limit", "offset"), "pagination")
    return Question(
        metrics=_names("metrics", body["metrics"]),
        period=_period(body["date_range"]),
        dimensions=_names("dimensions", body.get("dimensions", [])),
        filters=conditions_of(body.get("filters", [])),
        order=_order(body.get("order_by", [])),
        limit=_whole(pagination, "limit", default=MAX_LIMIT, least=1, most=MAX_LIMIT),
        offset=_whole(pagination, "offset", default=0, least=0, most=MAX_OFFSET),
        with_total_rows=include.get("total_rows", False),
        with_time_labels=include.get("time_labels", False),
    )


def _known(given: Any, keys: tuple[str, ...], name: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidParameter(name, "an object", given)
    for key in given:
        if key not in keys:
            raise InvalidParameter(str(key)[:60], f"left out: the keys of {name} are {', '.join(keys)}", given[key])
    return given


def _names(name: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise InvalidParameter(name, "a list of names", given)
    return tuple(given)


def _period(given: Any) -> Period:
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    if isinstance(given, str) and given in PERIODS:
        return period_named(PERIODS[given], now=now, first_day=service.first_day() if given == "all" else None)
    if isinstance(given, list) and len(given) == 2 and all(isinstance(each, str) for each in given):
        return between(*given, now=now)
    raise InvalidParameter("date_range", f"one of {', '.join(PERIODS)}, or two days such as 2026-01-31", given)


def _order(given: Any) -> tuple[tuple[str, bool], ...]:
    rule = 'a list of pairs such as ["visitors", "desc"]'
    if not isinstance(given, list):
        raise InvalidParameter("order_by", rule, given)
    for each in given:
        if not (isinstance(each, list) and len(each) == 2 and isinstance(each[0], str) and each[1] in ("asc", "desc")):
            raise InvalidParameter("order_by", rule, each, rule=Rule.LANGUAGE)
    return tuple((name, direction == "desc") for name, direction in given)


def _whole(given: Mapping[str, Any], name: str, *, default: int, least: int, most: int) -> int:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidParameter(f"pagination.{name}", f"a whole number between {least} and {most}", value)
    return value


def _answer(body: Mapping[str, Any], question: Question, answered: Answered) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    if answered.time_labels is not None:
        meta["time_labels"] = answered.time_labels
    if answered.total_rows is not None:
        meta["total_rows"] = answered.total_rows
    if answered.warnings:
        meta["metric_warnings"] = answered.warnings
    if body.get("include", {}).get("imports"):
        meta |= {"imports_included": False, "imports_skip_reason": "no_imported_data"}
    return {
        "results": [{"metrics": row.metrics, "dimensions": row.dimensions} for row in answered.rows],
        "meta": meta,
        "query": _resolved(body, question),
    }


def _resolved(body: Mapping[str, Any], question: Question) -> dict[str, Any]:
    """The question with absolute moments and every default."""
    return {
        "site_id": body["site_id"],
        "metrics": question.metrics,
        "date_range": bounds(question.period),
        "dimensions": question.dimensions,
        "filters": body.get("filters", []),
        "order_by": [[name, "desc" if falls else "asc"] for name, falls in question.sorting],
        "include": body.get("include", {}),
        "pagination": {"limit": question.limit, "offset": question.offset},
    }
