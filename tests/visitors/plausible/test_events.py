"""Clients made for Plausible report to `/api/event`: what is taken, what left out, and what never counted twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from tests.visitors.recording.builders import CHROME
from visitors.models import DroppedCount, PageView, TokenScope, VisitorInteraction, VisitorSession
from visitors.recording import drain

from .builders import BROWSER, LIBRARY, a_body, a_token, send, visit

pytestmark = pytest.mark.django_db


def event(client: Client, name: str = "pageview", path: str = "/about/", **fields: Any) -> Any:
    return client.post("/api/event", a_body(name, path, **fields), content_type="text/plain")


def own_event(client: Client, name: str = "pageview", path: str = "/about/", **fields: Any) -> Any:
    body = json.dumps({"n": name, "u": f"http://testserver{path}"} | fields)
    return client.post("/api/visitors/events/", body, content_type="text/plain")


def paths() -> list[str]:
    return list(PageView.objects.order_by("id").values_list("path", flat=True))


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "text/plain;charset=UTF-8", "garbage", ""])
def test_the_type_of_the_body_does_not_matter(content_type: str) -> None:
    answer = send(a_body(), content_type)
    assert (answer.status_code, answer.content, answer.headers.get("x-plausible-dropped")) == (202, b"ok", None)
    assert paths() == ["/elsewhere/"]


def test_a_page_that_this_server_did_not_show_opens_a_visit() -> None:
    send(
        a_body(u="https://testserver/shop/?utm_source=news&utm_campaign=may&token=1", r="https://www.google.com/search")
    )
    (session,), (page,) = VisitorSession.objects.all(), PageView.objects.all()
    assert (page.path, page.is_confirmed, page.reported_by, page.is_human) == ("/shop/", True, 2, True)
    assert (session.source, session.utm_campaign, session.is_bounce, session.browser) == ("news", "may", True, "Chrome")
    assert session.referrer == "https://www.google.com/search"


def test_a_page_of_this_server_knows_its_route() -> None:
    send(a_body(path="/about/"))
    assert PageView.objects.get().route == "portfolio:about"


@pytest.mark.parametrize("host", ["evil\0\ud800.example", "EXAMPLE.com.", "a" * 300 + ".example"])
def test_any_host_of_an_event_is_stored(host: str) -> None:
    assert send(a_body(u=f"https://{host}/", d="testserver")).status_code == 202
    kept = PageView.objects.get().host
    assert kept == kept.lower()
    assert (kept.isprintable(), 0 < len(kept) <= 255) == (True, True)


def test_own_pages_are_no_referrer() -> None:
    send(a_body(r="https://www.testserver/projects/"))
    assert (VisitorSession.objects.get().referrer, VisitorSession.objects.get().source) == ("", "Direct")


def test_a_page_that_the_server_saw_is_not_counted_again() -> None:
    client = visit()
    event(client)
    (page,) = PageView.objects.all()
    assert (page.path, page.is_confirmed, page.reported_by) == ("/about/", True, 2)


def test_a_page_that_is_shown_again_without_a_request_is_another_view() -> None:
    client = visit()
    event(client)
    event(client, path="/projects/")
    event(client)
    assert paths() == ["/about/", "/projects/", "/about/"]


@pytest.mark.parametrize("order", [(event, own_event), (own_event, event)])
def test_two_scripts_on_one_page_count_one_view_and_one_time(order: Any) -> None:
    client = visit()
    for _ in range(2):  # the page as requested, then a page changed by script
        for report in order:
            report(client, e=0)
        for report in order:
            report(client, "engagement", e=5000)
    assert list(PageView.objects.order_by("id").values_list("path", "reported_by", "engaged_ms")) == [
        ("/about/", 3, 5000),
        ("/about/", 3, 5000),
    ]


def test_two_tabs_of_one_page_are_two_views() -> None:
    client = visit()
    client.get("/about/", headers={"Accept": "text/html"})
    event(client)
    event(client)
    assert paths() == ["/about/", "/about/"]


def test_a_page_that_was_not_found_does_not_turn_up_as_shown() -> None:
    client = visit("/missing/")
    event(client, path="/missing/")
    own_event(client, path="/missing/")
    assert list(PageView.objects.values_list("path", "status")) == [("/missing/", 404)]


def test_engaged_time_goes_to_its_page() -> None:
    client = visit()
    event(client)
    event(client, "engagement", e=3000, sd=None)
    event(client, "engagement", e=4000, sd=40)
    (page,) = PageView.objects.all()
    assert (page.engaged_ms, page.scroll_depth) == (7000, 40)


def test_engaged_time_opens_nothing() -> None:
    assert send(a_body("engagement", e=5000)).status_code == 202
    assert (VisitorSession.objects.count(), PageView.objects.count()) == (0, 0)
    assert DroppedCount.objects.get().reason == "no page view to belong to"


@pytest.mark.parametrize(
    ("name", "props", "kind", "target", "details"),
    [
        ("Outbound Link: Click", {"url": "https://github.com/me?token=1"}, "outbound", "github.com/me", {}),
        ("File Download", {"url": "https://testserver/cv.pdf"}, "download", "testserver/cv.pdf", {}),
        ("Form: Submission", {}, "form_submission", "", {}),
        ("Sign up: Pro!", {"plan": "pro"}, "sign_up_pro", "", {"plan": "pro"}),
        (404, {"path": "/old/"}, "404", "", {"path": "/old/"}),
        ("page", {}, "page_event", "", {}),
        ("Ping", {}, "ping_event", "", {}),
        ("application open", {}, "application_open_event", "", {}),
        ("owner known", {}, "owner_known_event", "", {}),
    ],
)
def test_an_event_is_an_interaction(name: Any, props: Any, kind: str, target: str, details: Any) -> None:
    client = visit()
    event(client, name, p=props)
    (act,) = VisitorInteraction.objects.all()
    assert (act.kind, act.target, act.path, act.details) == (kind, target, "/about/", details | {"from": "events"})
    assert (VisitorSession.objects.get().is_bounce, PageView.objects.count()) == (False, 1)


def test_an_event_reaches_the_goal_of_its_kind() -> None:
    client = visit()
    event(client, "File Download", p={"url": "https://testserver/resume.pdf"})
    assert VisitorSession.objects.get().converted_goals == ["Résumé downloaded"]


def test_what_was_not_the_visitors_doing_leaves_a_bounce_a_bounce() -> None:
    client = visit()
    event(client, "Video shown", i=False)
    session = VisitorSession.objects.get()
    assert (session.is_bounce, session.is_engaged, session.interactions_count) == (True, False, 1)


@pytest.mark.parametrize("value", [False, 0, []], ids=str)
def test_properties_are_an_object_or_none(value: object) -> None:
    assert send(a_body(p=value)).status_code == 400


def test_revenue_is_kept() -> None:
    event(visit(), "Order", **{"$": {"currency": "EUR", "amount": "19.90"}})
    assert VisitorInteraction.objects.get().details == {"from": "events", "revenue": 19.9, "currency": "EUR"}


def test_the_ingest_itself_is_no_page_view() -> None:
    send(a_body())
    Client(headers=BROWSER).get("/api/event", headers={"Accept": "text/html"})
    Client(headers=BROWSER).get("/js/script.js")
    assert paths() == ["/elsewhere/"]


@pytest.mark.parametrize("site", ["testserver", "www.testserver", "TestServer:8000", "other.example, testserver"])
def test_the_site_answers_to_its_names(site: str) -> None:
    assert "x-plausible-dropped" not in send(a_body(d=site, u="https://blog.example/post/")).headers
    assert paths() == ["/post/"]


@pytest.mark.parametrize("fields", [{"d": "other.example"}, {"d": None, "u": "https://other.example/"}])
def test_another_sites_event_is_dropped(fields: dict[str, Any]) -> None:
    answer = send(a_body(**fields))
    assert (answer.status_code, answer.headers["x-plausible-dropped"], paths()) == (202, "1", [])
    drain()
    assert DroppedCount.objects.get().reason == "event of another site"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (a_body(path="/admin/login/"), BROWSER),
        (a_body(), BROWSER | {"DNT": "1"}),
        (a_body(), BROWSER | {"Sec-GPC": "1"}),
    ],
)
def test_what_is_not_to_be_recorded_is_dropped(body: bytes, headers: dict[str, str]) -> None:
    answer = send(body, headers=headers)
    assert (answer.status_code, answer.headers["x-plausible-dropped"], paths()) == (202, "1", [])


def test_a_bad_event_is_refused_with_its_reason() -> None:
    answer = send(a_body(u="data:text/html,x"))
    assert answer.status_code == 400
    message = "`url` must be of a page, and so not begin with data:, not 'data:text/html,x'."
    assert (answer.json(), answer["X-Rule"]) == ({"error": message}, "language")
    assert type(answer["X-Rule"]) is str  # servers take no subclass of it for a header


def test_any_origin_may_report_and_none_with_cookies() -> None:
    for answer in (send(a_body()), send(b"{}"), Client().options("/api/event"), Client().get("/api/event")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    preflight = Client().options("/api/event")
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Methods"]) == (204, "POST, OPTIONS")
    assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]


def test_no_login_and_no_csrf_token_is_asked_for() -> None:
    client = Client(enforce_csrf_checks=True, headers=BROWSER)
    assert client.post("/api/event", a_body(), content_type="text/plain").status_code == 202


@pytest.mark.parametrize("header", ["Basic c3RhZ2luZzpzaXRl", "Digest x"])
def test_another_scheme_of_authorization_is_not_ours(header: str) -> None:
    assert send(a_body(), headers=BROWSER | {"Authorization": header}).status_code == 202


def test_a_debug_request_is_told_its_address() -> None:
    answer = send(a_body(), headers=BROWSER | {"X-Debug-Request": "true", "X-Forwarded-For": "198.51.100.7"})
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"127.0.0.1", "text/plain")


class TestWithAToken:
    @pytest.fixture
    def program(self) -> Iterator[dict[str, str]]:
        yield LIBRARY | {"Authorization": f"Bearer {a_token()}"}

    def test_a_program_is_no_bot(self, program: dict[str, str]) -> None:
        send(a_body(u="app://localhost/main", d="testserver"), headers=program)
        send(a_body("Sign up", u="app://localhost/main"), headers=program)
        session = VisitorSession.objects.get()
        assert (session.is_bot, session.is_human, session.page_views_count) == (False, True, 1)
        assert session.interactions_count == 1

    def test_a_program_without_a_token_is_one(self) -> None:
        send(a_body(), headers=LIBRARY)
        session = VisitorSession.objects.get()
        assert (session.is_bot, session.bot_kind, session.is_human) == (True, "http_library", False)

    def test_a_crawler_that_a_program_speaks_for_stays_one(self, program: dict[str, str]) -> None:
        crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
        send(a_body(), headers=program | {"User-Agent": crawler})
        assert VisitorSession.objects.get().bot_name == "Googlebot"

    def test_a_program_says_whom_it_speaks_for(self, program: dict[str, str]) -> None:
        for address in ("198.51.100.7", "198.51.100.8, 10.0.0.1", "junk, 198.51.100.7"):
            headers = program | {"User-Agent": CHROME, "X-Forwarded-For": address, "X-Debug-Request": "true"}
            send(a_body(), headers=headers)
        assert VisitorSession.objects.count() == 2

    def test_without_a_token_nobody_speaks_for_another(self) -> None:
        for address in ("198.51.100.7", "198.51.100.8"):
            send(a_body(), headers=BROWSER | {"X-Forwarded-For": address})
        assert VisitorSession.objects.count() == 1

    def test_the_account_of_the_token_does_not_make_its_visitors_owners(self, program: dict[str, str]) -> None:
        answer = send(a_body(), headers=program | {"User-Agent": CHROME})
        assert (VisitorSession.objects.get().is_owner, answer.cookies) == (False, {})

    @pytest.mark.parametrize(("scope", "status"), [("read", 403), ("admin", 202), ("events", 202)])
    def test_the_scope_decides(self, scope: str, status: int) -> None:
        token = a_token(TokenScope(scope))
        assert send(a_body(), headers=LIBRARY | {"Authorization": f"Bearer {token}"}).status_code == status

    def test_a_token_that_opens_nothing_is_told_so(self) -> None:
        answer = send(a_body(), headers=LIBRARY | {"Authorization": "Bearer wrong"})
        assert (answer.status_code, answer.json()) == (401, {"error": "The token is not known."})


def test_an_event_costs_no_query(settings: Any, django_assert_num_queries: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    with django_assert_num_queries(0):
        send(a_body())


def test_a_client_that_reports_too_much_is_told_when_to_go_on(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"LIMITS": {"events": "2/min"}}
    answers = [send(a_body()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert (int(answers[2].headers["Retry-After"]) > 0, "error" in answers[2].json()) == (True, True)


def test_the_health_of_the_site_is_at_its_address() -> None:
    answer = Client().get("/api/health")
    assert (answer.status_code, answer.json()["database"]) == (200, True)


def test_a_client_that_tells_no_engagement_leaves_the_time_to_be_estimated(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False)
    client = visit()
    for second, path in enumerate(("/about/", "/projects/", "/resume/")):
        time_machine.shift(3 * bool(second))
        event(client, path=path)
    time_machine.shift(4)
    event(client, "engagement", "/resume/", e=2500, sd=80)
    found = PageView.objects.order_by("viewed_at", "id").values_list("path", "time_on_page_ms", "is_estimated")
    assert list(found) == [("/about/", 3000, True), ("/projects/", 3000, True), ("/resume/", 2500, False)]
