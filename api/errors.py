"""Turn every fault of the API into one shape: `{"error": {"code", "message", "parameter", "errors"}}`.

What is not the caller's fault, nor the database's, is left to Django: it must reach the logs and the monitoring.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from api.parsers import PayloadTooLarge
from visitors.exceptions import InvalidParameter

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS: Final = 5
WITHOUT_FIELD: Final = frozenset({"non_field_errors", "detail", "__all__"})


@dataclass(frozen=True, slots=True)
class FieldFault:
    parameter: str | None
    code: str
    message: str


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:  # noqa: ARG001
    """The answer to an error, or `None` for one that only the owner can mend."""
    if isinstance(error, InvalidParameter):
        answer = _answer(400, error.rule, error.message, parameter=error.parameter)
    elif isinstance(error, OperationalError | InterfaceError):
        answer = _unavailable(error)
    else:
        known = _as_api_exception(error)
        if known is None:
            return None
        answer = _refusal(known)
    set_rollback()
    return answer


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig():
            return PayloadTooLarge()
        case SuspiciousOperation():
            return exceptions.ParseError("The request is malformed.")
        case UnreadablePostError():
            return exceptions.ParseError("The request ended before its body did.")
    return None


def _unavailable(error: Exception) -> Response:
    # The type alone: the text of a database error can hold addresses and values.
    logger.error("The database is out of reach: %s", type(error).__name__)
    message = "The database is out of reach. Try again in a few seconds."
    return _answer(503, "unavailable", message, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _refusal(error: exceptions.APIException) -> Response:
    headers = _headers(error)
    if not isinstance(error, exceptions.ValidationError):
        detail = error.detail
        code = str(getattr(detail, "code", error.default_code))
        return _answer(error.status_code, code, str(detail), headers=headers)
    faults = list(_field_faults(error.detail))
    first = faults[0] if faults else FieldFault(None, "invalid", str(error.default_detail))
    return _answer(
        error.status_code, first.code, first.message, parameter=first.parameter, faults=faults, headers=headers
    )


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers: dict[str, str] = {}
    if authenticate := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = authenticate
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
    return headers


def _field_faults(detail: Any, parameter: str | None = None) -> Iterator[FieldFault]:
    """Every message of a nested error, with the dotted name of its field: `links.0.url`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _field_faults(inner, _named(parameter, str(name)))
    elif isinstance(detail, list | tuple):
        for position, inner in enumerate(detail):
            is_leaf = isinstance(inner, str)
            yield from _field_faults(inner, parameter if is_leaf else _named(parameter, str(position)))
    else:
        code = getattr(detail, "code", "invalid")
        yield FieldFault(parameter, code, _message(parameter, code, str(detail)))


def _named(parent: str | None, name: str) -> str | None:
    if name in WITHOUT_FIELD:
        return parent
    return f"{parent}.{name}" if parent else name


def _message(parameter: str | None, code: str, text: str) -> str:
    if parameter is None or text.startswith("`"):
        return text
    match code:
        case "required":
            return f"`{parameter}` is required."
        case "blank" | "null":
            return f"`{parameter}` must not be empty."
    return f"`{parameter}`: {text}"


def _answer(
    status: int,
    code: str,
    message: str,
    *,
    parameter: str | None = None,
    faults: list[FieldFault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    errors = [asdict(fault) for fault in faults or []]
    body = {"error": {"code": code, "message": message, "parameter": parameter, "errors": errors}}
    return Response(body, status=status, headers=dict(headers or {}))
