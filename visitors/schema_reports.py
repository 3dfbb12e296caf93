"""Describe to OpenAPI what the reports on goals, funnels, journeys, lists and exports may be asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from .exceptions import Rule
from .funnels.rules import MAX_STEPS
from .questions_reports import MAX_NAME, Format
from .reports.conditions import MAX_FILTERS
from .reports.export import Dataset
from .reports.filters import MAX_PAGE_SIZE, PAGE_SIZE
from .reports.funnel import Outcome
from .reports.intervals import Interval
from .reports.journeys import MAX_PAGES, MIN_PAGES, PAGES
from .reports.periods import PERIODS, Comparison
from .schema import DAYS, fault
from .schema_rules import A_DAY, broken_by


def _parameter(name: str, text: str, shape: Mapping[str, Any], *rules: Rule) -> OpenApiParameter:
    return OpenApiParameter(name, dict(shape), description=text, extensions=broken_by(*rules) if rules else None)


def _choice(name: str, text: str, choices: Iterable[str], *rules: Rule, default: str = "") -> OpenApiParameter:
    shape: dict[str, Any] = {"type": "string", "enum": list(choices)}
    return _parameter(name, text, shape | ({"default": default} if default else {}), *rules)


def _text(name: str, text: str, *rules: Rule, most: int) -> OpenApiParameter:
    return _parameter(name, text, {"type": "string", "maxLength": most}, *rules)


def _day(name: str, text: str) -> OpenApiParameter:
    return _parameter(name, text, A_DAY, Rule.TOGETHER, Rule.PERIOD)


def _number(name: str, text: str, *rules: Rule, least: int, most: int, default: int | None = None) -> OpenApiParameter:
    shape: dict[str, Any] = {"type": "integer", "minimum": least, "maximum": most}
    return _parameter(name, text, shape | ({} if default is None else {"default": default}), *rules)


ONE_OR_OTHER: Final = '["or", [["is", "source", ["LinkedIn"]], ["has_done", ["is", "act", ["download"]]]]]'
SCOPE: Final = (
    DAYS,
    _choice("period", "Instead of `days`: a period by its name.", PERIODS, Rule.TOGETHER),
    _day("from", "Instead of `days`, with `to`: the first local day."),
    _day("to", "The last local day, inclusive."),
    OpenApiParameter(
        "filter",
        {"type": "array", "items": {"type": "string"}, "maxItems": MAX_FILTERS},
        extensions=broken_by(Rule.LANGUAGE),
        description="`NAME:OPERATOR:VALUE`, several values parted by `|`. Led in by `has_done:` or `has_not_done:` it "
        "asks for visits with such a page or act. Or a list as in the body of `query/`, as JSON. May be given more "
        "than once; all must hold.",
        examples=[
            OpenApiExample("Visits from LinkedIn", value=["source:is:LinkedIn"]),
            OpenApiExample("One or the other", value=[ONE_OR_OTHER]),
        ],
    ),
)
COMPARE: Final = (
    _choice("compare", "What the period is compared with.", [each.value for each in Comparison], Rule.TOGETHER),
    _day("compare_from", "The first day of a custom comparison."),
    _day("compare_to", "The last day of a custom comparison."),
)
INTERVAL: Final = _choice(
    "interval", "What the trend goes by; left out, by its length.", [i.value for i in Interval], Rule.TOGETHER
)
LIST: Final = (
    _text("cursor", "The `next` of the answer before.", Rule.UNKNOWN, most=60),
    # Without a default in the schema: clients made from it would send it along where no list is asked for.
    _number("page_size", f"Rows of a page, {PAGE_SIZE} when left out.", least=1, most=MAX_PAGE_SIZE),
)
OWN_FUNNEL: Final = {
    "name": "Read and wrote",
    "steps": [{"page": "/projects/*"}, {"interaction": "contact"}],
    "window_minutes": 30,
}
FUNNEL: Final = _text("funnel", "A funnel of the settings; the first one when left out.", Rule.UNKNOWN, most=MAX_NAME)
STEP: Final = (
    _number("step", "List the visits behind this step, counted from 1.", Rule.TOGETHER, least=1, most=MAX_STEPS),
    _choice("outcome", "Those that took the step, or those that went no further.", [o.value for o in Outcome]),
    *LIST,
)
PATH: Final = _parameter(
    "path", "A page, to see what came before and after it.", {"type": "string", "pattern": "^/", "maxLength": 500}
)
LENGTH: Final = _number("length", "Pages of a journey.", least=MIN_PAGES, most=MAX_PAGES, default=PAGES)
FORMAT: Final = _choice("format", "One row a line.", [each.value for each in Format], default=Format.CSV.value)

FILES: Final = {
    Dataset.SESSIONS: "visit,session_id,day,...\r\n8136,01934567-89ab-7000-a000-000000000003,2026-11-20,...\r\n",
    Dataset.PAGE_VIEWS: "page_view,visit,day,...\r\n8137,8136,2026-11-20,...\r\n",
    Dataset.INTERACTIONS: "interaction,visit,day,...\r\n8140,8136,2026-11-20,...\r\n",
}
FAULTS: Final = (400, 401, 403, 429, 503)


def _as_json(text: str) -> str:
    """The rows of a CSV example as JSON, without what it leaves out."""
    header, *rows = (line.split(",") for line in text.splitlines())
    pairs = (dict(zip(header, row, strict=True)) for row in rows)
    return "".join(json.dumps({name: each for name, each in row.items() if name != "..."}) + "\n" for row in pairs)


def file_of(dataset: Dataset) -> Any:
    """The description of an answer that is a file, and each error in the one shape."""
    examples = {"text/csv": FILES[dataset], "application/x-ndjson": _as_json(FILES[dataset])}
    files = {
        (200, media_type): OpenApiResponse(
            OpenApiTypes.STR, "One row a line.", examples=[OpenApiExample("Rows", value=text, media_type=media_type)]
        )
        for media_type, text in examples.items()
    }
    return extend_schema(
        operation_id=f"visitors_export_{dataset.replace('-', '_')}",
        tags=["visitors"],
        parameters=[*SCOPE, FORMAT],
        request=None,
        responses=files | {status: fault(status) for status in FAULTS},
    )
