"""The JSON schema of a question in Plausible's query language, from the tables that questions are translated by."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from .names import DIMENSIONS, METRICS, OPERATORS, PERIODS, PROPS, TIMES
from .question import MAX_LIMIT, MOST_NAMES

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
A_DAY: Final = r"^\d{4}-\d{2}-\d{2}$"
A_MOMENT: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?$"


@cache
def query_schema() -> dict[str, Any]:
    """Draft 7. What only the meaning of a question breaks (a metric without its dimension) is left to the answer."""
    properties = {
        "site_id": {"type": "string", "description": "a host of this site"},
        "metrics": _names({"enum": [*METRICS]}) | {"minItems": 1},
        "date_range": {"anyOf": [{"enum": [*PERIODS]}, *(_pair(_text(form)) for form in (A_DAY, A_MOMENT))]},
        "dimensions": _names({"$ref": "#/definitions/dimension"}),
        "filters": {"type": "array", "items": {"$ref": "#/definitions/filter"}},
        "order_by": {"type": "array", "items": _tuple({"type": "string"}, {"enum": ["asc", "desc"]})},
        "include": _object({name: {"type": "boolean"} for name in ("imports", "time_labels", "total_rows")}),
        "pagination": _object(
            {
                "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
                "offset": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
            }
        ),
    }
    return {
        "$schema": DRAFT,
        "$id": "query",
        "title": "Question of the Stats API v2",
        **_object(properties),
        "required": ["site_id", "metrics", "date_range"],
        "definitions": {"dimension": _dimension([*TIMES]), "trait": _dimension([]), "filter": _filter()},
    }


def _dimension(times: list[str]) -> dict[str, Any]:
    return {"anyOf": [{"enum": [*times, *DIMENSIONS]}, {"type": "string", "pattern": f"^{PROPS}.+"}]}


def _filter() -> dict[str, Any]:
    inner = {"$ref": "#/definitions/filter"}
    options = _object({"case_sensitive": {"type": "boolean"}})
    clauses = {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 1, "maxItems": 100}
    leaf: list[dict[str, Any]] = [{"enum": [*OPERATORS]}, {"$ref": "#/definitions/trait"}, clauses]
    return {
        "anyOf": [
            _tuple(*leaf),
            _tuple(*leaf, options),
            _tuple({"enum": ["and", "or"]}, {"type": "array", "items": inner, "minItems": 1}),
            _tuple({"enum": ["not", "has_done", "has_not_done"]}, inner),
        ]
    }


def _names(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "uniqueItems": True, "maxItems": MOST_NAMES}


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}


def _pair(item: dict[str, Any]) -> dict[str, Any]:
    return _tuple(item, item)


def _tuple(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": [*items], "additionalItems": False, "minItems": len(items)}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}
