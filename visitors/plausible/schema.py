"""Describe the faces for Plausible's clients to OpenAPI: questions, answers, errors, and who may ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers

TOKEN: Final[Mapping[str, list[str]]] = {"tokenAuth": []}
ANYTHING: Final[dict[str, Any]] = {}


class PlausibleErrorSerializer(serializers.Serializer[Any]):
    error = serializers.CharField()


class IncludeSerializer(serializers.Serializer[Any]):
    imports = serializers.BooleanField(required=False)
    time_labels = serializers.BooleanField(required=False)
    total_rows = serializers.BooleanField(required=False)


class PaginationSerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=10_000, default=10_000)
    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)


@extend_schema_field({"type": "array", "items": ANYTHING})
class ListField(serializers.ListField):
    """A list of anything: what may stand in it is said by `/api/docs/query/schema.json`."""


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
class DateRangeField(serializers.Field[Any, Any, Any, Any]):
    """A word such as `7d`, or two days."""


@extend_schema_field({"anyOf": [{"type": "number"}, {"type": "object"}], "nullable": True})
class FigureField(serializers.Field[Any, Any, Any, Any]):
    """Seconds, percent or a count; an amount with its currency; `null` when unknown."""


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


def parameter(name: str, text: str, *, required: bool = False, enum: list[str] | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=text, required=required, enum=enum)
