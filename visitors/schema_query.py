"""Describe the query language to OpenAPI: the body of a question, and the parameters of series and breakdowns."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_field
from rest_framework import serializers

from .exceptions import Rule
from .questions_query import INTERVALS
from .reports.conditions import MAX_FILTERS
from .reports.periods import PERIODS, Comparison
from .reports.query.language import (
    DEFAULT_LIMIT,
    MAX_DIMENSIONS,
    MAX_LIMIT,
    MAX_METRICS,
    MAX_OFFSET,
    METRIC_ALIASES,
    QUERIED,
    TIMES,
)
from .reports.traits import ALIASES, DETAIL, TRAITS
from .schema_rules import A_DAY, CLOSED, broken_by, says

A_DIMENSION: Final = f'(?:{"|".join((*TIMES, *TRAITS, *ALIASES))}|{DETAIL}[^"\\\\,\\x00-\\x1f\\x7f]{{1,100}})'
DIMENSION: Final = OpenApiParameter(
    "dimension",
    {"type": "string", "pattern": f"^{A_DIMENSION}(?:,{A_DIMENSION}){{0,{MAX_DIMENSIONS - 1}}}$"},
    extensions=broken_by(Rule.TOGETHER),
    location=OpenApiParameter.PATH,
    description="A dimension of `definitions/`, or several parted by commas.",
    examples=[OpenApiExample("Sources", value="source"), OpenApiExample("Hours of the week", value="weekday,hour")],
)
METRICS: Final = OpenApiParameter(
    "metrics",
    {
        "type": "array",
        "items": {"type": "string", "enum": [*QUERIED, *METRIC_ALIASES]},
        "minItems": 1,
        "maxItems": MAX_METRICS,
        "uniqueItems": True,
    },
    extensions=broken_by(Rule.TOGETHER),
    description="Names parted by commas.",
    explode=False,
    style="form",
)
INTERVAL: Final = OpenApiParameter(
    "interval",
    {"type": "string", "enum": list(INTERVALS)},
    extensions=broken_by(Rule.TOGETHER),
    description="Left out, by the period's length: hours up to 2 days, days up to 92, weeks up to 200, else months.",
)
ROWS: Final = (
    OpenApiParameter(
        "order",
        {"type": "array", "items": {"type": "string"}},
        extensions=broken_by(Rule.TOGETHER),
        description="Metrics or dimensions parted by commas, largest first with a `-` before the name.",
        explode=False,
        style="form",
        examples=[OpenApiExample("Largest first, then by name", value=["-visitors", "source"])],
    ),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        description="Rows of the answer.",
    ),
    OpenApiParameter(
        "offset",
        {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
        description="Rows left out first.",
    ),
)

BODY: Final[dict[str, Any]] = {
    "metrics": ["visitors", "bounce_rate"],
    "dimensions": ["source"],
    "filters": [
        ["or", [["is", "country", ["DE", "AT"]], ["matches", "page", ["/projects/**"]]]],
        ["has_done", ["is", "act", ["download"]]],
    ],
    "period": "28d",
    "compare": "previous_period",
    "order": [["visitors", "desc"], ["source", "asc"]],
    "limit": 10,
    "include": {"totals": True, "total_rows": True},
}
QUESTION: Final = OpenApiExample("Sources of readers who downloaded", value=BODY, request_only=True)


@extend_schema_field({"type": "array", "items": {}, "minItems": 2, "maxItems": 4})
class ConditionField(serializers.ListField):
    """`[operator, name, values]`, `["and"|"or", [filters]]`, `["not"|"has_done"|"has_not_done", filter]`."""


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "string"},
        "minItems": 2,
        "maxItems": 2,
        "description": "A metric or dimension of the question, and `asc` or `desc`.",
    }
)
class OrderField(serializers.ListField):
    pass


@says(CLOSED)
class VisitsQuestionIncludeSerializer(serializers.Serializer[Any]):
    """What the answer holds besides its rows."""

    totals = serializers.BooleanField(default=False)
    total_rows = serializers.BooleanField(default=False)
    time_labels = serializers.BooleanField(default=False)


@says(
    CLOSED
    | {
        "properties": {
            "metrics": {"uniqueItems": True},
            "dimensions": {"uniqueItems": True, "items": {"pattern": f"^{A_DIMENSION}$"}},
            **dict.fromkeys(("from", "to", "compare_from", "compare_to"), A_DAY),
        }
    }
)
class VisitsQuestionSerializer(serializers.Serializer[Any]):
    """A question. `days`, `period`, or `from` and `to`: one of the three."""

    metrics = serializers.ListField(
        child=serializers.ChoiceField(choices=[*QUERIED, *METRIC_ALIASES]), min_length=1, max_length=MAX_METRICS
    )
    dimensions = serializers.ListField(child=serializers.CharField(), max_length=MAX_DIMENSIONS, required=False)
    filters = serializers.ListField(child=ConditionField(), max_length=MAX_FILTERS, required=False)
    days = serializers.IntegerField(min_value=1, max_value=365, required=False)
    period = serializers.ChoiceField(choices=list(PERIODS), required=False)
    compare = serializers.ChoiceField(choices=[each.value for each in Comparison], required=False)
    compare_from = serializers.DateField(required=False)
    compare_to = serializers.DateField(required=False)
    order = serializers.ListField(child=OrderField(), required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT)
    offset = serializers.IntegerField(min_value=0, max_value=MAX_OFFSET, default=0)
    include = VisitsQuestionIncludeSerializer(required=False)

    def get_fields(self) -> dict[str, Any]:
        """`from` is no name in Python."""
        ends = {name: serializers.DateField(required=False) for name in ("from", "to")}
        return {**super().get_fields(), **ends}
