"""Describe the faces for Plausible's clients to OpenAPI: questions, answers, errors, and who may ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers

from visitors.events import MAX_NAME
from visitors.exceptions import Rule
from visitors.reports.traits import DETAIL_NAME
from visitors.schema_rules import CLOSED, NOT_BLANK, broken_by, says

from .names import DIMENSIONS, EVENT_KEYS, METRICS, OLDER_DIMENSIONS, PERIODS, PROPS, TIMES
from .question import MOST_NAMES

TOKEN: Final[Mapping[str, list[str]]] = {"tokenAuth": []}
ANYTHING: Final[dict[str, Any]] = {}
STRING: Final = {"type": "string"}


class PlausibleErrorSerializer(serializers.Serializer[Any]):
    error = serializers.CharField()


def _names(item: Mapping[str, Any], *, least: int = 0) -> dict[str, Any]:
    return {"items": item, "minItems": least, "maxItems": MOST_NAMES, "uniqueItems": True}


A_METRIC: Final = {"type": "string", "enum": [*METRICS]}
A_DETAIL: Final = f"{PROPS}{DETAIL_NAME.pattern}"
A_DIMENSION: Final = {"type": "string", "pattern": f"^(?:{'|'.join((*TIMES, *DIMENSIONS))}|{A_DETAIL})$"}
# As tools write them, the older names too.
A_PROPERTY: Final = {
    "type": "string",
    "pattern": f"^(?:{'|'.join((*TIMES, *DIMENSIONS, *OLDER_DIMENSIONS))}|{A_DETAIL})$",
}
EVENT_NAME: Final = {"type": "string", "minLength": 1, "maxLength": MAX_NAME, "pattern": NOT_BLANK}
TEXT: Final = {"type": "string", "nullable": True}
NUMBER: Final = {"type": "number", "nullable": True}
OBJECT_OR_TEXT: Final = {"anyOf": [{"type": "object"}, {"type": "string"}], "nullable": True}
EVENT_SHAPES: Final[Mapping[str, Any]] = {
    "n": {"anyOf": [EVENT_NAME, {"type": "integer"}], "nullable": True},
    "u": {"type": "string", "minLength": 1, "nullable": True},
    "d": TEXT,
    "r": TEXT,
    "p": OBJECT_OR_TEXT,
    "h": ANYTHING,
    "i": ANYTHING,
    "$": OBJECT_OR_TEXT,
    "sd": NUMBER,
    "e": NUMBER,
    "tz": ANYTHING,
}


def _given(short: str) -> dict[str, Any]:
    """Under one of its names, and not null."""
    shape = {name: value for name, value in EVENT_SHAPES[short].items() if name != "nullable"}
    return {"anyOf": [{"required": [name], "properties": {name: shape}} for name in (short, *EVENT_KEYS[short])]}


@says(
    {
        "properties": {name: EVENT_SHAPES[short] for short in EVENT_KEYS for name in (short, *EVENT_KEYS[short])},
        "allOf": [_given("n"), _given("u")],
    }
)
class ClientEventSerializer(serializers.Serializer[Any]):
    """One event, by the short or the long name of each field; of several the first that is not null counts."""


@says(CLOSED)
class IncludeSerializer(serializers.Serializer[Any]):
    imports = serializers.BooleanField(required=False)
    time_labels = serializers.BooleanField(required=False)
    total_rows = serializers.BooleanField(required=False)


@says(CLOSED)
class PaginationSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=10_000, default=10_000)
    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)


@extend_schema_field({"type": "array", "items": ANYTHING})
class ListField(serializers.ListField):
    """A list of anything: what may stand in it is said by `/api/docs/query/schema.json`."""


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": [*PERIODS]},
            {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
        ]
    }
)
class DateRangeField(serializers.Field[Any, Any, Any, Any]):
    """A word such as `7d`, or two days."""


@extend_schema_field({"anyOf": [{"type": "number"}, {"type": "object"}], "nullable": True})
class FigureField(serializers.Field[Any, Any, Any, Any]):
    """Seconds, percent or a count; an amount with its currency; `null` when unknown."""


@says(
    CLOSED
    | {
        "properties": {
            "metrics": _names(A_METRIC, least=1),
            "dimensions": _names(A_DIMENSION),
            "order_by": {"items": {"minItems": 2, "maxItems": 2}},
        }
    }
)
class QuerySerializer(serializers.Serializer[Any]):
    """The body; `/api/docs/query/schema.json` says it to the last detail."""

    site_id = serializers.CharField()
    metrics = serializers.ListField(child=serializers.CharField())
    date_range = DateRangeField()
    dimensions = serializers.ListField(child=serializers.CharField(), required=False)
    filters = ListField(required=False)
    order_by = serializers.ListField(child=serializers.ListField(child=serializers.CharField()), required=False)
    include = IncludeSerializer(required=False)
    pagination = PaginationSerializer(required=False)


class QueryRowSerializer(serializers.Serializer[Any]):
    """Both in the order in which they were asked for."""

    metrics = serializers.ListField(child=FigureField())
    dimensions = serializers.ListField(child=serializers.CharField())


class QueryMetaSerializer(serializers.Serializer[Any]):
    time_labels = serializers.ListField(child=serializers.CharField(), required=False)
    total_rows = serializers.IntegerField(required=False)
    metric_warnings = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField()), required=False, help_text="Why a metric is null."
    )
    imports_included = serializers.BooleanField(required=False)
    imports_skip_reason = serializers.CharField(required=False)


class QueryAnswerSerializer(serializers.Serializer[Any]):
    results = QueryRowSerializer(many=True)
    meta = QueryMetaSerializer()
    query = QuerySerializer()


class FigureSerializer(serializers.Serializer[Any]):
    value = FigureField()
    change = FigureField(required=False)


class AggregateSerializer(serializers.Serializer[Any]):
    """By metric."""

    results = serializers.DictField(child=FigureSerializer())


class RowsSerializer(serializers.Serializer[Any]):
    """Each row holds its metrics beside its date, or the value of the property."""

    results = serializers.ListField(child=serializers.DictField())


TEXTS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("A value breaks its rule.", "`site_id` must be a host of this site, not 'elsewhere.example'."),
    401: ("There is no token, or one that opens nothing.", "The token is not known."),
    403: ("The token's scope or its account does not allow it.", "This needs more than a token of scope `events`."),
    429: ("Too many requests; `Retry-After` says when.", "Request was throttled."),
    503: ("The database is out of reach; `Retry-After` says when.", "The database is out of reach."),
}
ERROR: Final = {
    status: OpenApiResponse(
        PlausibleErrorSerializer, description=text, examples=[OpenApiExample(text, value={"error": message})]
    )
    for status, (text, message) in TEXTS.items()
}


def answered(shape: type[serializers.Serializer[Any]], results: Any) -> OpenApiResponse:
    """An answer of the older API with its example."""
    return OpenApiResponse(shape, examples=[OpenApiExample("Answer", value={"results": results})])


def parameter(
    name: str, text: str, *rules: Rule, required: bool = False, shape: Mapping[str, Any] = STRING, **more: Any
) -> OpenApiParameter:
    broken = broken_by(*rules) if rules else None
    return OpenApiParameter(name, dict(shape), description=text, required=required, extensions=broken, **more)


RULE: Final = OpenApiParameter(
    "X-Rule",
    str,
    OpenApiParameter.HEADER,
    response=[400],
    description="Which rule is broken, for programs: see `x-rules`.",
)


def choice(name: str, text: str, known: Iterable[str]) -> OpenApiParameter:
    return parameter(name, text, shape={"type": "string", "enum": [*known]})


def number(name: str, text: str, *, most: int) -> OpenApiParameter:
    return parameter(name, text, shape={"type": "integer", "minimum": 1, "maximum": most})
