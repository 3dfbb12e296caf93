"""Read request bodies strictly: what is not one JSON object in UTF-8 is refused with the reason, whatever it is."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from portfolio.jobs.documents import MAX_FILE_BYTES, MAX_TEXT_BYTES
from visitors.exceptions import Rule

MAX_BODY_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 32
MULTIPART_OVERHEAD_BYTES: Final = 64 * 1024
SURROGATE: Final = re.compile("[\ud800-\udfff]")


class PayloadTooLarge(APIException):
    status_code = 413
    default_detail = "The body is too large."
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """One JSON object (RFC 8259): no NaN, no NUL, no lone surrogate, at most `MAX_DEPTH` levels and `max_bytes`."""

    media_type = "application/json"
    max_bytes = MAX_BODY_BYTES

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        _refuse_declared_length(parser_context, self.max_bytes)
        body = stream.read(self.max_bytes + 1)
        if len(body) > self.max_bytes:
            raise _too_large(self.max_bytes)
        parsed = _parsed(body)
        if not isinstance(parsed, dict):
            raise ParseError(f"The body must be a JSON object, not {_json_type(parsed)}.")
        _refuse_unstorable(parsed)
        return parsed


class JobTextParser(StrictJSONParser):
    """Room for a text of the full size when each of its bytes is escaped."""

    max_bytes = 6 * MAX_TEXT_BYTES + 1024


class JobFileParser(MultiPartParser):
    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        _refuse_declared_length(parser_context, MAX_FILE_BYTES + MULTIPART_OVERHEAD_BYTES)
        return super().parse(stream, media_type, dict(parser_context or {}))


def _refuse_declared_length(parser_context: Mapping[str, Any] | None, limit: int) -> None:
    request: Request | None = (parser_context or {}).get("request")
    declared = str(request.META.get("CONTENT_LENGTH") or "") if request else ""
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The body must have at most {limit:,} bytes.")


def _parsed(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError(f"The body must be UTF-8; byte {error.start} is not.") from error
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError as error:
        raise _too_deep() from error
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except ValueError as error:
        # Python refuses integers of more than 4,300 digits.
        raise _unstorable("The body is not JSON that can be kept: a number is out of range.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ParseError(f"The body is not JSON: {name} is no JSON number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _unstorable("The body holds a number that is out of range.")
    return number


def _refuse_unstorable(parsed: dict[str, Any]) -> None:
    """Databases keep neither NUL nor half a surrogate pair; refusing them beats losing the row."""
    level: list[tuple[str, Any]] = list(parsed.items())
    for _ in range(MAX_DEPTH):
        for name, value in level:
            _refuse_text(name, name)
            if isinstance(value, str):
                _refuse_text(value, name)
        level = [pair for name, value in level for pair in _inner(name, value)]
        if not level:
            return
    raise _too_deep()


def _inner(name: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return [(name, item) for item in value] if isinstance(value, list) else []


def _refuse_text(text: str, name: str) -> None:
    shown = name.encode("ascii", "backslashreplace").decode()[:60]
    if "\x00" in text:
        raise _unstorable(f"`{shown}` must not contain the character NUL.")
    if SURROGATE.search(text):
        raise _unstorable(f"`{shown}` must not contain half of a surrogate pair.")


def _too_deep() -> ParseError:
    return _unstorable(f"The body must nest at most {MAX_DEPTH} levels deep.")


def _unstorable(text: str) -> ParseError:
    """JSON that fits the schema and cannot be kept."""
    return ParseError(text, Rule.UNSTORABLE)


def _json_type(value: Any) -> str:
    return {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}.get(type(value), "a number")
