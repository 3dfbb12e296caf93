"""What a client may report, and the reason when it may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.exceptions import InvalidParameter
from visitors.plausible.event_body import Event, read_event

PAGE = {"n": "pageview", "u": "https://example.com/a%20b/?utm_source=x&token=y#part", "d": "example.com"}


def body(**fields: Any) -> bytes:
    return json.dumps({key: value for key, value in (PAGE | fields).items() if value is not ...}).encode()


SHORT = body(
    r="https://www.google.com/",
    p={"plan": "pro", "seats": 3},
    i=False,
    e=4200.7,
    sd=130,
    **{"$": {"currency": "usd", "amount": "10.29"}},
)
LONG = json.dumps(
    {
        "name": "pageview",
        "url": PAGE["u"],
        "domain": "example.com",
        "referrer": "https://www.google.com/",
        "meta": '{"plan": "pro", "seats": 3}',
        "interactive": False,
        "e": 4200.7,
        "sd": 130,
        "revenue": '{"currency": "usd", "amount": "10.29"}',
    }
).encode()


@pytest.mark.parametrize("sent", [SHORT, LONG])
def test_short_and_long_keys_say_the_same(sent: bytes) -> None:
    assert read_event(sent) == Event(
        name="pageview",
        scheme="https",
        host="example.com",
        path="/a b/",
        query="utm_source=x&token=y",
        sites=("example.com",),
        referrer="https://www.google.com/",
        engaged_ms=4200,
        scroll_depth=100,
        is_interactive=False,
        props={"plan": "pro", "seats": 3},
        revenue=(10.29, "USD"),
    )


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"n": 404}, "name", "404"),
        ({"n": "x" * 120}, "name", "x" * 120),
        ({"d": ...}, "sites", ("example.com",)),
        ({"d": "a.example, b.example,"}, "sites", ("a.example", "b.example")),
        ({"u": "app://localhost/main"}, "path", "/main"),
        ({"u": "app://localhost"}, "path", "/"),
        ({"u": "https://example.com/app/#/cart?item=7", "h": 1}, "path", "/app/#/cart"),
        ({"u": "https://example.com/app/#/cart", "h": 0}, "path", "/app/"),
        ({"sd": None}, "scroll_depth", -1),
        ({"sd": -3}, "scroll_depth", -1),
        ({"sd": 255}, "scroll_depth", 100),
        ({"e": 31 * 24 * 3600 * 1000}, "engaged_ms", 0),
        ({"e": -1}, "engaged_ms", 0),
        ({"e": None}, "engaged_ms", 0),
        ({"r": None}, "referrer", ""),
        ({"r": "x" * 2001}, "referrer", ""),
        ({"p": {"a": "", "b": None, "c": [1], "d": {"e": 1}, "f": False}}, "props", {"f": False}),
        ({"p": ""}, "props", {}),
        ({"p": {str(number): number for number in range(40)}}, "props", {str(number): number for number in range(30)}),
        ({"$": {}}, "revenue", None),
        ({"$": {"currency": "EUR", "amount": "much"}}, "revenue", None),
        ({"$": {"currency": "EUR", "amount": "Infinity"}}, "revenue", None),
        ({"$": {"currency": "Euro", "amount": 1}}, "revenue", None),
        ({"i": True}, "is_interactive", True),
    ],
)
def test_what_clients_send_is_read(fields: dict[str, Any], name: str, value: object) -> None:
    assert getattr(read_event(body(**fields)), name) == value


@pytest.mark.parametrize(
    ("sent", "parameter"),
    [
        (b"", "body"),
        (b"[]", "body"),
        (b"{", "body"),
        (b" " * (64 * 1024 + 1), "body"),
        (body(n=...), "name"),
        (body(n=""), "name"),
        (body(n=" "), "name"),
        (body(n="x" * 121), "name"),
        (body(n=True), "name"),
        (body(u=...), "url"),
        (body(u=""), "url"),
        (body(u="/about/"), "url"),
        (body(u="example.com/about/"), "url"),
        (body(u="https://example.com/" + "x" * 2000), "url"),
        (body(u="http://[::1"), "url"),
        (body(u="data:text/html,<p>"), "url"),
        (body(u="javascript:alert(1)"), "url"),
        (body(d=7), "domain"),
        (body(d=""), "domain"),
        (body(d=",".join("x" * 30)), "domain"),
        (body(d=..., u="file:///etc/passwd"), "domain"),
        (body(r=7), "referrer"),
        (body(e="12"), "e"),
        (body(sd=True), "sd"),
        (body(p=[1]), "props"),
        (body(p="{"), "props"),
        (body(p="[1]"), "props"),
        (body(p={"k" * 301: "v"}), "props"),
        (body(p={"k": "v" * 2001}), "props"),
        (body(**{"$": 5}), "revenue"),
    ],
)
def test_a_bad_report_is_refused_by_the_name_of_what_is_wrong(sent: bytes, parameter: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        read_event(sent)
    assert refused.value.parameter == parameter


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=8), each, max_size=4),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("n", "u", "d", "r", "p", "h", "i", "$", "e", "sd", "tz"), JSON))
)
def test_any_json_is_an_event_or_a_refusal(fields: dict[str, Any]) -> None:
    try:
        event = read_event(body(**fields))
    except InvalidParameter as refusal:
        assert refusal.parameter in {"body", "name", "url", "domain", "referrer", "props", "revenue", "e", "sd"}
    else:
        assert event.path.startswith("/")
        assert 0 <= event.engaged_ms <= 30 * 24 * 3600 * 1000
        assert -1 <= event.scroll_depth <= 100
