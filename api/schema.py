"""Describe what the site's endpoints are sent and answer: each with an example, each refusal in the one shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework.serializers import BaseSerializer

from api.serializers import RefusalAnswerSerializer

EXAMPLES: Final[dict[str, Any]] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
FORM: Final = "multipart/form-data"
# What a schema cannot say of a document's content, and that an empty field of a form is none.
JOB_RULES: Final = ("empty", "encrypted", "required", "too_large", "unreadable", "unsupported_file")
# Status -> code, what it means, the message of the example.
REFUSALS: Final = {
    400: ("required", "The body or a field breaks its rule; the message names it.", "This field is required."),
    404: ("not_found", "There is nothing at this address.", "Not found."),
    413: ("too_large", "The body, the text or the file is too large.", "The body must be at most 65,536 bytes."),
    415: ("unsupported_media_type", "Neither JSON, text nor PDF.", 'Unsupported media type "image/png" in request.'),
    422: ("unreadable", "The document cannot be read.", "The PDF is damaged or is none."),
    429: ("throttled", "Too many requests; `Retry-After` says when.", "Request was throttled."),
    503: ("unavailable", "The database is out of reach; `Retry-After` says when.", "The database is out of reach."),
}


def answer(name: str, shape: type[BaseSerializer[Any]] | BaseSerializer[Any]) -> OpenApiResponse:
    """With the example of that name; of a list, one of its rows."""
    return OpenApiResponse(shape, examples=[OpenApiExample("Answer", value=EXAMPLES[name])])


def sent(name: str, *, media_types: tuple[str, ...] = ("application/json",)) -> list[OpenApiExample]:
    return [OpenApiExample("Request", value=EXAMPLES[name], media_type=each, request_only=True) for each in media_types]


def refusals(*statuses: int) -> dict[int, OpenApiResponse]:
    return {status: _refusal(*REFUSALS[status]) for status in statuses}


def _refusal(code: str, text: str, message: str) -> OpenApiResponse:
    value: dict[str, Any] = {"error": {"code": code, "message": message, "parameter": None, "errors": []}}
    return OpenApiResponse(RefusalAnswerSerializer, description=text, examples=[OpenApiExample(text, value=value)])
