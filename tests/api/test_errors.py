"""Each fault has its status, its one shape and its headers; ours reach the logs, and no text of theirs the caller."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.http import Http404, UnreadablePostError
from django.test import Client
from rest_framework import exceptions

from api.errors import exception_handler
from api.parsers import PayloadTooLarge
from portfolio.models import Message
from visitors.exceptions import InvalidParameter, Rule, breaking


def answer(error: Exception) -> tuple[int, dict[str, Any]]:
    response = exception_handler(error, {})
    assert response is not None
    return response.status_code, response.data["error"]


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (exceptions.NotFound(), 404, "not_found", "Not found."),
        (Http404("secret path"), 404, "not_found", "Not found."),
        (PermissionDenied("secret"), 403, "permission_denied", "You do not have permission to perform this action."),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed", 'Method "PUT" not allowed.'),
        (exceptions.ParseError("The body is bad."), 400, "parse_error", "The body is bad."),
        (PayloadTooLarge("Too long."), 413, "too_large", "Too long."),
        (RequestDataTooBig("secret"), 413, "too_large", "The body is too large."),
        (SuspiciousOperation("secret"), 400, "parse_error", "The request is malformed."),
        (UnreadablePostError("secret"), 400, "parse_error", "The request ended before its body did."),
        (
            exceptions.UnsupportedMediaType("a/b"),
            415,
            "unsupported_media_type",
            'Unsupported media type "a/b" in request.',
        ),
    ],
)
def test_a_refusal_has_the_one_shape(error: Exception, status: int, code: str, message: str) -> None:
    assert answer(error) == (status, {"code": code, "message": message, "parameter": None, "errors": []})


def test_an_invalid_parameter_is_named_with_its_rule_and_what_came() -> None:
    assert answer(InvalidParameter("days", "between 1 and 365", 0)) == (
        400,
        {"code": "invalid", "message": "`days` must be between 1 and 365, not 0.", "parameter": "days", "errors": []},
    )


def test_a_rule_that_no_schema_says_is_the_code() -> None:
    error = InvalidParameter("to", "given with `from`", "left out", rule=Rule.TOGETHER)
    assert answer(error)[1]["code"] == "together"


def test_what_is_wrong_within_something_larger_breaks_the_rule_of_that() -> None:
    with pytest.raises(InvalidParameter) as inner, breaking(Rule.LANGUAGE):
        raise InvalidParameter("days", "between 1 and 365", 0)
    assert inner.value.rule is Rule.LANGUAGE
    with pytest.raises(InvalidParameter) as own, breaking(Rule.LANGUAGE):
        raise InvalidParameter("goal", "one of none", "a", rule=Rule.UNKNOWN)
    assert own.value.rule is Rule.UNKNOWN


def test_field_errors_are_listed_by_their_dotted_names() -> None:
    error = exceptions.ValidationError(
        {
            "name": [exceptions.ErrorDetail("This field is required.", "required")],
            "links": [{}, {"url": [exceptions.ErrorDetail("Enter a valid URL.", "invalid")]}],
            "non_field_errors": ["Both are missing."],
        }
    )
    assert answer(error) == (
        400,
        {
            "code": "required",
            "message": "`name` is required.",
            "parameter": "name",
            "errors": [
                {"parameter": "name", "code": "required", "message": "`name` is required."},
                {"parameter": "links.1.url", "code": "invalid", "message": "`links.1.url`: Enter a valid URL."},
                {"parameter": None, "code": "invalid", "message": "Both are missing."},
            ],
        },
    )


def test_waiting_and_authentication_headers_are_kept() -> None:
    throttled = exception_handler(exceptions.Throttled(wait=12.4), {})
    unknown = exceptions.NotAuthenticated()
    unknown.auth_header = "Token"
    refused = exception_handler(unknown, {})
    assert throttled and refused
    assert (throttled.status_code, throttled["Retry-After"]) == (429, "13")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Token")


@pytest.mark.parametrize("error", [OperationalError("host db.secret"), InterfaceError("secret")])
def test_a_database_out_of_reach_is_503_without_its_text(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    response = exception_handler(error, {})
    assert response
    assert (response.status_code, response["Retry-After"], response.data["error"]["code"]) == (503, "5", "unavailable")
    assert "secret" not in str(response.data) + caplog.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


@pytest.mark.parametrize("error", [RuntimeError("x"), KeyError("x"), IntegrityError("x")])
def test_our_own_faults_are_left_to_django_and_its_monitoring(error: Exception) -> None:
    assert exception_handler(error, {}) is None


def test_a_failing_database_is_never_an_empty_answer(browser: Client) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("database is locked")

    with connection.execute_wrapper(refuse):
        response = browser.get("/api/projects/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "locked" not in response.content.decode()


def test_a_failing_database_keeps_and_records_no_chat(browser: Client, acts: Any) -> None:
    def refuse_writes(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT"):
            raise OperationalError("disk full")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse_writes):
        response = browser.post("/api/chat/", {"question": "Hello"}, content_type="application/json")
    assert response.status_code == 503
    assert not response.cookies
    assert (Message.objects.count(), acts()) == (0, [])
