"""The middleware records pages, counts what it leaves out, and never stands in a page's way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser, User
from django.db import OperationalError
from django.db.models import CharField, Model
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from visitors import recording, track
from visitors.conf import conf
from visitors.middleware import VisitorMiddleware
from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.observation import OWNER_KNOWN, PAGE, Observation
from visitors.observer import act_of
from visitors.recording.reading import read_entries
from visitors.recording.writers import read_counts

Answer = Callable[[HttpRequest], HttpResponse]

BROWSER = {
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "HTTP_ACCEPT": "text/html",
    "HTTP_ACCEPT_LANGUAGE": "de",
    "REMOTE_ADDR": "203.0.113.7",
}


@pytest.fixture(autouse=True)
def _journal_only(settings: Any) -> Iterator[None]:
    """Nothing drains, so that a test reads the journal, and any query would be an error."""
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    yield
    recording.journal().close()


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title> A &amp;\n page </title>")


def ask(path: str = "/", *, answer: Answer = page, method: str = "GET", **meta: Any) -> HttpResponse:
    request = RequestFactory().generic(method, path, **(BROWSER | meta))
    return VisitorMiddleware(answer)(request)  # type: ignore[no-any-return]


def ask_async(path: str = "/", *, answer: Answer = page, **meta: Any) -> HttpResponse:
    async def answering(request: HttpRequest) -> HttpResponse:
        await asyncio.sleep(0)
        return answer(request)

    headers = {name.removeprefix("HTTP_").replace("_", "-"): each for name, each in (BROWSER | meta).items()}
    headers.pop("REMOTE-ADDR")
    request = AsyncRequestFactory().get(path, headers=headers)
    return async_to_sync(VisitorMiddleware(answering))(request)  # type: ignore[no-any-return]


def seen() -> list[Observation]:
    return [entry.observation for entry in read_entries(conf.JOURNAL_DIR, {}) if entry.observation]


def drops() -> dict[str, int]:
    return {
        reason: count for _, counts in read_counts(conf.JOURNAL_DIR / "writers") for reason, count in counts.items()
    }


@pytest.mark.parametrize("asking", [ask, ask_async], ids=["sync", "async"])
def test_a_page_view_is_in_the_journal_before_the_response_is_sent(asking: Callable[..., HttpResponse]) -> None:
    response = asking("/cv/?utm_source=mail&token=secret", HTTP_REFERER="https://mail.example/inbox?q=name")
    assert response.status_code == 200
    (view,) = seen()
    assert (view.kind, view.path, view.status, view.title) == ("page", "/cv/", 200, "A & page")
    assert (view.referrer, view.utm_source) == ("https://mail.example/inbox", "mail")
    assert view.visitor_id != 0
    assert "secret" not in repr(view)


@pytest.mark.parametrize("asking", [ask, ask_async], ids=["sync", "async"])
def test_no_cookie_is_set_and_no_address_is_written(asking: Callable[..., HttpResponse]) -> None:
    assert not asking().cookies
    assert b"203.0.113.7" not in b"".join(path.read_bytes() for path in conf.JOURNAL_DIR.rglob("*") if path.is_file())


def respond(status: int = 200, content_type: str = "text/html", **headers: str) -> Answer:
    return lambda request: HttpResponse("x", status=status, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    ("given_meta", "answer", "expected"),
    [
        ({"method": "POST"}, page, {"method": 1}),
        ({"method": "OPTIONS"}, page, {"method": 1}),
        ({"HTTP_SEC_PURPOSE": "prefetch"}, page, {"prefetch": 1}),
        ({"HTTP_SEC_PURPOSE": "prefetch;prerender"}, page, {"prefetch": 1}),
        ({"HTTP_PURPOSE": "prefetch"}, page, {"prefetch": 1}),
        ({"HTTP_X_MOZ": "prefetch"}, page, {"prefetch": 1}),
        ({"path": "/api/anything/"}, page, {}),
        ({}, respond(301, Location="/"), {"redirect": 1}),
        ({}, respond(304), {"redirect": 1}),
        ({}, respond(403), {"status": 1}),
        ({}, respond(500), {"status": 1}),
        ({}, respond(204), {"status": 1}),
        ({}, lambda request: StreamingHttpResponse([b"x"], content_type="text/html"), {"file or stream": 1}),
        ({}, respond(**{"Content-Disposition": "attachment"}), {"file or stream": 1}),
        ({}, respond(content_type="application/json"), {"not HTML": 1}),
        ({"HTTP_SEC_FETCH_DEST": "iframe"}, page, {"embedded": 1}),
        ({"HTTP_SEC_FETCH_DEST": "empty"}, page, {"background request": 1}),
        ({"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}, page, {"background request": 1}),
        ({"HTTP_DNT": "1"}, page, {"opt-out": 1}),
        ({"HTTP_SEC_GPC": "1"}, page, {"opt-out": 1}),
        ({"HTTP_COOKIE": "va_optout=1"}, page, {"opt-out": 1}),
    ],
)
def test_what_is_no_page_view_is_counted_by_its_reason(
    given_meta: dict[str, Any], answer: Any, expected: dict[str, int]
) -> None:
    ask(answer=answer, **given_meta)
    assert (seen(), drops()) == ([], expected)


def test_not_found_is_kept_with_its_status() -> None:
    ask("/wp-login.php", answer=respond(404))
    assert [(view.kind, view.path, view.status) for view in seen()] == [("page", "/wp-login.php", 404)]


@pytest.mark.parametrize(("method", "path", "target"), [("HEAD", "/", "HEAD"), ("GET", "/robots.txt", "/robots.txt")])
def test_what_only_robots_ask_for_is_a_probe(method: str, path: str, target: str) -> None:
    ask(path, method=method)
    assert [(view.kind, view.target) for view in seen()] == [("probe", target)]


CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid")
HOSTILE = {
    "long address": {"path": "/" + "a" * 3000 + "?gclid=" + "x" * 5000},
    "long referrer": {"HTTP_REFERER": "https://example.org/" + "r" * 5000},
    "app referrer": {"HTTP_REFERER": "android-app://com.linkedin.android/"},
    "broken referrer": {"HTTP_REFERER": "https://[::1"},
    "unknown forwarded": {"HTTP_X_FORWARDED_FOR": "unknown"},
    "forwarded with port": {"HTTP_X_FORWARDED_FOR": "203.0.113.7:52011"},
    "script forwarded": {"HTTP_X_FORWARDED_FOR": "<script>alert(1)</script>"},
    "NUL in user agent": {"HTTP_USER_AGENT": "Mozilla\x00/5.0"},
    "surrogate in user agent": {"HTTP_USER_AGENT": "Mozilla \ud800"},
    "no user agent": {"HTTP_USER_AGENT": ""},
    "unix socket": {"REMOTE_ADDR": ""},
    "long cookie": {"HTTP_COOKIE": "sessionid=" + "c" * 64},
    "long campaign": {"QUERY_STRING": "&".join(f"{name}={'c' * 900}" for name in CAMPAIGN)},
    "long language": {"HTTP_ACCEPT_LANGUAGE": "x" * 500},
    "bytes in query": {"QUERY_STRING": "utm_source=%00%ff%ed%a0%80"},
    "two thousand parameters": {"QUERY_STRING": "&".join(f"a{n}=1" for n in range(2000))},
    "unknown charset": {
        "answer": lambda request: HttpResponse(b"<title>x</title>", content_type="text/html; charset=no-such")
    },
}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.django_db
def test_whatever_a_request_holds_its_page_view_is_stored(hostile: str) -> None:
    ask(**HOSTILE[hostile])
    result = recording.drain()
    assert result
    assert (result.stored, result.quarantined, drops()) == (1, 0, {})
    assert PageView.objects.count() == VisitorSession.objects.count() == 1
    assert [*too_long(PageView.objects.get()), *too_long(VisitorSession.objects.get())] == []


def too_long(row: Model) -> Iterator[str]:
    """Columns that PostgreSQL would refuse; SQLite takes any length."""
    for field in row._meta.concrete_fields:
        if isinstance(field, CharField) and len(getattr(row, field.name)) > (field.max_length or 0):
            yield field.name


HEADER_NAMES = ["HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_ACCEPT_LANGUAGE", "HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"]
HEADER_NAMES += ["HTTP_HOST", "HTTP_SEC_FETCH_DEST", "HTTP_X_REQUESTED_WITH", "HTTP_SEC_CH_UA", "HTTP_COOKIE"]
HEADER = st.text(st.characters(max_codepoint=255), max_size=60)


@given(
    st.dictionaries(
        st.sampled_from(HEADER_NAMES),
        HEADER,
    ),
    HEADER,
)
def test_no_header_makes_recording_fail(headers: dict[str, str], query: str) -> None:
    before = drops().get("malformed", 0)
    assert ask(**headers, QUERY_STRING=query).status_code == 200
    assert drops().get("malformed", 0) == before


def test_a_failing_recorder_is_logged_and_counted_and_the_page_is_served(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(observation: Observation) -> None:
        raise RuntimeError("text of a visitor")

    monkeypatch.setattr(recording, "record_new", fail)
    with caplog.at_level(logging.ERROR, logger="visitors.middleware"):
        assert ask().content == page(HttpRequest()).content
    assert caplog.messages == ["A request was not recorded: RuntimeError"]
    assert drops() == {"malformed": 1}


@pytest.mark.parametrize("asking", [ask, ask_async], ids=["sync", "async"])
def test_a_journal_that_cannot_be_written_costs_no_page(asking: Callable[..., HttpResponse], tmp_path: Any) -> None:
    conf.JOURNAL_DIR.parent.mkdir(exist_ok=True)
    conf.JOURNAL_DIR.write_text("in the way")
    assert asking().status_code == 200
    conf.JOURNAL_DIR.unlink()
    asking("/later/")
    assert [view.path for view in seen()] == ["/later/"]
    assert sum(drops().values()) == 0 or drops() == {"malformed": 1}


def test_a_login_cookie_while_the_database_is_away_costs_no_observation() -> None:
    class Away:
        @property
        def is_staff(self) -> bool:
            raise OperationalError("connection refused")

    def with_user(request: HttpRequest) -> HttpResponse:
        request.user = Away()  # type: ignore[assignment]
        return page(request)

    ask(answer=with_user, HTTP_COOKIE="sessionid=abc")
    assert ([view.is_owner for view in seen()], drops()) == ([False], {})


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (AnonymousUser(), [(PAGE, False)]),
        (User(is_staff=True), [(OWNER_KNOWN, True), (PAGE, True)]),
        (User(), [(PAGE, False)]),
    ],
)
def test_staff_are_the_owner(user: Any, expected: list[tuple[str, bool]]) -> None:
    def with_user(request: HttpRequest) -> HttpResponse:
        request.user = user
        return page(request)

    ask(answer=with_user, HTTP_COOKIE="sessionid=abc")
    assert [(view.kind, view.is_owner) for view in seen()] == expected


def tracking(status: int) -> Answer:
    def answer(request: HttpRequest) -> HttpResponse:
        track(request, "chat_message", target="bot", typed="we are hiring at jane@corp.example", words=5)
        return HttpResponse("{}", content_type="application/json", status=status)

    return answer


@pytest.mark.parametrize(("status", "kinds"), [(200, ["chat_message"]), (201, ["chat_message"]), (400, []), (429, [])])
def test_an_act_is_recorded_when_its_request_succeeded(status: int, kinds: list[str]) -> None:
    ask("/api/chat/", method="POST", answer=tracking(status))
    assert [act.kind for act in seen()] == kinds
    assert "jane" not in repr(seen())


@pytest.mark.parametrize(("domain", "is_organisation"), [("firm.test", True), ("gmail.com", False), ("@", False)])
def test_of_a_mail_domain_only_its_kind_is_kept(domain: str, is_organisation: bool) -> None:
    act = act_of("contact", target="", details={"email_domain": domain})
    assert act["details"] == {"from_organisation": is_organisation}


@pytest.mark.django_db
def test_numbers_that_no_json_column_takes_do_not_cost_the_act() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        track(request, "score", high=float("inf"), low=float("-inf"), none=float("nan"), long=10**4000, good=1.5)
        return page(request)

    ask(answer=answer)
    result = recording.drain()
    assert result
    assert (result.stored, result.quarantined) == (2, 0)
    assert VisitorInteraction.objects.get().details["good"] == 1.5


def test_tracking_without_the_middleware_warns_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    track(RequestFactory().get("/"), "download")
    assert caplog.messages == ["An act was not recorded: VisitorMiddleware is not installed."]


@pytest.mark.parametrize("header", ["HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ"])
def test_a_prefetched_page_is_no_act_of_its_visitor(header: str) -> None:
    ask(answer=tracking(200), **{header: "prefetch"})
    assert seen() == []
    assert drops() == {"prefetch": 1}


@pytest.mark.parametrize(
    ("referrer", "kept"),
    [
        ("http://testserver/about/?token=1", ""),
        ("https://testserver/about/", ""),
        ("http://testserver.evil.test/about/", "http://testserver.evil.test/about/"),
        ("https://news.example/item?id=1", "https://news.example/item"),
    ],
)
def test_a_page_of_this_site_is_no_referrer(referrer: str, kept: str) -> None:
    ask(HTTP_HOST="testserver", HTTP_REFERER=referrer)
    assert [each.referrer for each in seen()] == [kept]
