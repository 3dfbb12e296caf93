"""Say in the OpenAPI schema what its own words cannot: rules that a fitting request may break, and closed bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from drf_spectacular.utils import OpenApiParameter
from rest_framework.serializers import Serializer

from .exceptions import RULES

Shape = TypeVar("Shape", bound=type[Serializer[Any]])

EXTENSION: Final = "x-rules"
# Said where a body may be of several kinds: makers of Python clients miss an import there unless something is optional.
WISHES: Final = OpenApiParameter(
    "DNT", str, OpenApiParameter.HEADER, description="`1`, as `Sec-GPC: 1`: nothing of the visit is kept but a count."
)
SAID: Final = "said_to_openapi"
CLOSED: Final[dict[str, Any]] = {"additionalProperties": False}
# The first days that are asked about lie in the year 2000.
A_DAY: Final[Mapping[str, Any]] = {"type": "string", "format": "date", "pattern": "^[2-9][0-9]{3}-"}
NOT_BLANK: Final = r"\S"


def broken_by(*rules: str) -> dict[str, Any]:
    """Of an operation or a parameter: which rules a request may break although it fits, as codes of the refusals."""
    return {EXTENSION: sorted(rules)}


def says(words: Mapping[str, Any]) -> Callable[[Shape], Shape]:
    """Add words of JSON Schema, which its fields do not tell, to the component of a serializer."""

    def mark(shape: Shape) -> Shape:
        setattr(shape, SAID, words)
        return shape

    return mark


def publish(result: dict[str, Any], generator: Any, **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: adds those words and the rules' texts. Each body here must be sent."""
    for component in generator.registry._components.values():
        said = getattr(component.object, SAID, None)
        schema = result["components"].get(component.type, {}).get(component.name)
        if said and schema:
            _add(schema, said)
    for operations in result["paths"].values():
        for operation in operations.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    result[EXTENSION] = {str(rule): text for rule, text in RULES.items()}
    return result


def _add(schema: dict[str, Any], words: Mapping[str, Any]) -> None:
    for name, value in words.items():
        if isinstance(value, Mapping) and isinstance(schema.get(name), dict):
            _add(schema[name], value)
        else:
            schema[name] = value
