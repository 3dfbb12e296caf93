"""A body that is not one storable JSON object is a 4xx that names the fault."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import APIException, ParseError

from api.parsers import MAX_BODY_BYTES, PayloadTooLarge, StrictJSONParser

BROKEN = [
    (b"{", "The body is not JSON: Expecting property name enclosed in double quotes at line 1, column 2."),
    (b"", "The body is not JSON: Expecting value at line 1, column 1."),
    (b"[1]", "The body must be a JSON object, not an array."),
    (b'"text"', "The body must be a JSON object, not a string."),
    (b"null", "The body must be a JSON object, not null."),
    (b"true", "The body must be a JSON object, not a boolean."),
    (b"7", "The body must be a JSON object, not a number."),
    (b'{"question": "\xff"}', "The body must be UTF-8; byte 14 is not."),
    (b'{"question": NaN}', "The body is not JSON: NaN is no JSON number."),
    (b'{"question": -Infinity}', "The body is not JSON: -Infinity is no JSON number."),
    (b'{"question": 1e999}', "The body holds a number that is out of range."),
    (b'{"question": ' + b"9" * 5000 + b"}", "The body is not JSON that can be kept: a number is out of range."),
    (b'{"question": "\\ud800"}', "`question` must not contain half of a surrogate pair."),
    (b'{"question": "a\\u0000b"}', "`question` must not contain the character NUL."),
    (b'{"deep": [{"question": "\\udfff"}]}', "`question` must not contain half of a surrogate pair."),
    (b'{"\\ud800": 1}', "`\\ud800` must not contain half of a surrogate pair."),
    (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "The body must nest at most 32 levels deep."),
    (b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "The body must nest at most 32 levels deep."),
]


def parse(body: bytes) -> object:
    return StrictJSONParser().parse(io.BytesIO(body))


@pytest.mark.parametrize(("body", "message"), BROKEN)
def test_a_broken_body_is_refused_by_name(body: bytes, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(body)
    assert str(caught.value.detail) == message


@pytest.mark.parametrize("path", ["/api/chat/", "/api/job-analysis/", "/api/contact/"])
@pytest.mark.parametrize(("body", "message"), BROKEN)
def test_no_broken_body_is_a_server_error(site: None, settings: object, path: str, body: bytes, message: str) -> None:
    response = Client().generic("POST", path, body, content_type="application/json")
    assert response.status_code == 400
    assert response.json()["error"]["parameter"] is None or body == b""


def test_a_whole_pair_and_an_escape_are_kept() -> None:
    assert parse(b'{"question": "\\ud83e\\udd8a \\u00e9", "n": 1.5}') == {"question": "🦊 é", "n": 1.5}


def test_a_body_of_the_limit_is_read_and_one_more_byte_is_refused() -> None:
    frame = len(b'{"a":""}')
    assert parse(b'{"a":"' + b"x" * (MAX_BODY_BYTES - frame) + b'"}')
    with pytest.raises(PayloadTooLarge, match="at most 262,144 bytes"):
        parse(b'{"a":"' + b"x" * (MAX_BODY_BYTES - frame + 1) + b'"}')


def test_a_body_declared_too_long_is_refused_with_413(site: None) -> None:
    response = Client().post("/api/chat/", {"question": "x" * MAX_BODY_BYTES}, content_type="application/json")
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_another_media_type_is_415(site: None, media_type: str) -> None:
    assert Client().generic("POST", "/api/chat/", b"{}", content_type=media_type).status_code == 415


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: ('{"a": ' + text + "}").encode()))
def test_any_bytes_parse_or_are_refused(body: bytes) -> None:
    try:
        assert isinstance(parse(body), dict)
    except APIException as refused:
        assert 400 <= refused.status_code < 500
