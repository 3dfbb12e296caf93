"""What the tracker may report, and how what it may not is refused: by name, with 400."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from visitors.events import MAX_BODY_BYTES, Event, parse_event
from visitors.exceptions import InvalidParameter
from visitors.models import PageView, VisitorInteraction, VisitorSession

from .recording.builders import CHROME

GOOD: dict[str, Any] = {"n": "engagement", "u": "http://testserver/about/?token=secret#part"}
HEADERS = {"User-Agent": CHROME, "Accept-Language": "en"}
TOO_DEEP = b'{"n":' + b"[" * 30_000


def own(host: str) -> bool:
    return host == "testserver"


def a_body(**given_fields: Any) -> bytes:
    return json.dumps({key: each for key, each in (GOOD | given_fields).items() if each is not ...}).encode()


def send(body: bytes, content_type: str = "text/plain") -> Any:
    cache.clear()
    return Client(headers=HEADERS).post("/api/visitors/events/", body, content_type=content_type)


def after_a_page_view() -> Client:
    client = Client(headers=HEADERS)
    client.get("/about/", headers={"Accept": "text/html"})
    return client


def test_an_event_is_read_without_what_the_address_hides() -> None:
    body = a_body(e=20_400.7, sd=130, tz="Europe/Berlin", p={"url": "https://x.example/", "n": 1, "list": [1]})
    assert parse_event(body, is_own_host=own) == Event(
        name="engagement",
        path="/about/",
        host="testserver",
        engaged_ms=20_400,
        scroll_depth=100,
        tz="Europe/Berlin",
        props={"url": "https://x.example/", "n": 1},
    )


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        (b"", "body"),
        (b"not json", "body"),
        (b"[]", "body"),
        (b'"text"', "body"),
        (b"null", "body"),
        (b"\xff\xfe", "body"),
        (b'{"n": NaN}', "body"),
        (TOO_DEEP, "body"),
        (b'{"n": ' + b"9" * 5000 + b"}", "body"),
        (b" " * (MAX_BODY_BYTES + 1), "body"),
        (a_body(n=...), "n"),
        (a_body(n=""), "n"),
        (a_body(n="x" * 121), "n"),
        (a_body(n=True), "n"),
        (a_body(n=["engagement"]), "n"),
        (a_body(u=...), "u"),
        (a_body(u=7), "u"),
        (a_body(u=""), "u"),
        (a_body(u="http://testserver/" + "x" * 2000), "u"),
        (a_body(u="http://evil.example/"), "u"),
        (a_body(u="http://testserver.evil.example/"), "u"),
        (a_body(u="http://testserver@evil.example/"), "u"),
        (a_body(u="javascript:alert(1)"), "u"),
        (a_body(u="file://testserver/etc/passwd"), "u"),
        (a_body(u="http://[::1"), "u"),
        (a_body(u="//testserver/"), "u"),
        (a_body(e="12"), "e"),
        (a_body(e=-1), "e"),
        (a_body(e=True), "e"),
        (a_body(e=10**12), "e"),
        (a_body(e={}), "e"),
        (a_body().replace(b"}", b', "e": 1e999}'), "e"),
        (a_body(sd="all"), "sd"),
        (a_body(sd=-1), "sd"),
        (a_body(sd=10**7), "sd"),
        (a_body(p=[]), "p"),
        (a_body(p="x"), "p"),
        (a_body(p={str(number): 1 for number in range(31)}), "p"),
    ],
)
def test_a_bad_report_is_refused_by_the_name_of_what_is_wrong(body: bytes, parameter: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        parse_event(body, is_own_host=own)
    assert refused.value.parameter == parameter
    response = send(body)
    assert (response.status_code, response.json()["error"]["parameter"]) == (400, parameter)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 202),
        ("null", 202),
        ("http://testserver", 202),
        ("https://testserver:8443", 202),
        ("https://evil.example", 400),
        ("https://testserver.evil.example", 400),
        ("https://[::1", 400),
        ("nonsense", 400),
    ],
)
@pytest.mark.django_db
def test_a_page_of_another_site_reports_nothing(origin: str | None, status: int) -> None:
    client = Client(headers=HEADERS | ({"Origin": origin} if origin else {}))
    cache.clear()
    response = client.post("/api/visitors/events/", a_body(), content_type="text/plain")
    assert response.status_code == status
    if status == 400:
        assert response.json()["error"]["message"].startswith("`Origin` must be a page of this site, not")


@given(st.binary(max_size=300))
def test_any_bytes_are_an_event_or_a_refusal(body: bytes) -> None:
    try:
        event = parse_event(body, is_own_host=own)
    except InvalidParameter as refusal:
        assert refusal.parameter in {"body", "n", "u", "e", "sd", "p"}
    else:
        assert own(event.host)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=8), each, max_size=4),
    max_leaves=8,
)


@pytest.mark.django_db
@settings(max_examples=40)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("n", "u", "e", "sd", "tz", "p"), JSON)))
def test_any_json_is_taken_or_refused_but_never_a_fault(given_fields: dict[str, Any]) -> None:
    assert send(a_body(**given_fields)).status_code in {202, 400}


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "text/plain;charset=UTF-8", "garbage", ""])
@pytest.mark.django_db
def test_the_type_of_the_body_does_not_matter(content_type: str) -> None:
    assert send(a_body(), content_type).status_code == 202


@pytest.mark.django_db
def test_engaged_time_is_added_to_the_page_that_was_shown() -> None:
    client = after_a_page_view()
    assert PageView.objects.count() == 1
    for engaged_ms in (3000, 4000):
        client.post("/api/visitors/events/", a_body(e=engaged_ms, sd=40), content_type="text/plain")
    (view,) = PageView.objects.all()
    assert (view.path, view.engaged_ms, view.scroll_depth, view.is_confirmed) == ("/about/", 7000, 40, True)


@pytest.mark.parametrize("name", ["engagement", "Outbound Link: Click", "File Download", "my own event"])
@pytest.mark.django_db
def test_nothing_is_kept_without_a_page_view(name: str) -> None:
    assert send(a_body(n=name)).status_code == 202
    assert (VisitorSession.objects.count(), VisitorInteraction.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("props", "target", "details"),
    [
        ({"url": "https://github.com/me?token=1"}, "github.com/me", {"from": "tracker"}),
        ({"url": "https://host.example/u/jane@corp.example"}, "host.example/u/***", {"from": "tracker"}),
        ({"url": "http://[::1"}, "", {"from": "tracker"}),
        ({"url": 7, "from": "me"}, "", {"from": "tracker"}),
        ({"typed": "secret", "a": "b"}, "", {"a": "b", "from": "tracker"}),
        ({"a": "x\0\ud800"}, "", {"a": "x", "from": "tracker"}),
    ],
)
@pytest.mark.django_db
def test_an_interaction_keeps_what_is_harmless(props: dict[str, Any], target: str, details: dict[str, Any]) -> None:
    client = after_a_page_view()
    body = a_body(n="Outbound Link: Click", p=props)
    assert client.post("/api/visitors/events/", body, content_type="text/plain").status_code == 202
    (act,) = VisitorInteraction.objects.all()
    assert (act.kind, act.target, act.details, act.path) == ("outbound", target, details, "/about/")


@pytest.mark.django_db
def test_numbers_without_end_do_not_cost_an_interaction() -> None:
    client = after_a_page_view()
    body = a_body(n="score").replace(b"}", b', "p": {"a": 1e999, "b": 2}}')
    client.post("/api/visitors/events/", body, content_type="text/plain")
    assert VisitorInteraction.objects.get().details["b"] == 2
