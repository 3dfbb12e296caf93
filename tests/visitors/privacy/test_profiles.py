"""Nobody is known again without having agreed; who agreed is, until he says otherwise or the cookie has ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from visitors.models import PageView, VisitorSession
from visitors.observation import is_profile
from visitors.recording import drain

from .test_checks import PROFILED

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def profiling(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | PROFILED


def a_browser(*, consent: str = "", **headers: str) -> Client:
    client = Client(headers={"user-agent": FIREFOX} | headers)
    if consent:
        client.cookies["consent"] = consent
    return client


def visitors_seen() -> list[int]:
    return list(VisitorSession.objects.order_by("started_at").values_list("visitor_id", flat=True))


def test_strict_mode_sets_no_cookie_whatever_a_visitor_agreed_to(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | PROFILED | {"PRIVACY": "strict"}
    browser = a_browser(consent="yes")
    for _ in range(3):
        assert "va_visitor" not in browser.get("/").cookies
    assert not any(is_profile(visitor_id) for visitor_id in visitors_seen())


@pytest.mark.parametrize("consent", ["", "no"])
def test_without_consent_profiling_is_strict(profiling: None, consent: str) -> None:
    assert not a_browser(consent=consent).get("/").cookies
    assert not is_profile(visitors_seen()[0])


def test_without_a_hook_nobody_has_agreed(settings: Any, profiling: None) -> None:
    settings.VISITORS = settings.VISITORS | {"CONSENT_HOOK": ""}
    assert not a_browser(consent="yes").get("/").cookies


def test_who_agreed_gets_a_cookie_that_only_this_site_can_read(settings: Any, profiling: None) -> None:
    settings.SESSION_COOKIE_SECURE = True
    response = a_browser(consent="yes").get("/", secure=True)
    (name,) = response.cookies
    cookie = response.cookies[name]
    assert name == "__Host-va_visitor"
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert cookie["max-age"] == 365 * 24 * 3600 <= 395 * 24 * 3600
    assert "Cookie" in response["Vary"]


def test_the_cookie_is_given_once_and_never_renewed(profiling: None) -> None:
    browser = a_browser(consent="yes")
    assert "va_visitor" in browser.get("/").cookies
    assert not browser.get("/about/").cookies


def test_ids_are_random_and_the_database_holds_none_of_them(profiling: None) -> None:
    values = set()
    for _ in range(3):
        browser = a_browser(consent="yes")
        browser.get("/")
        values.add(browser.cookies["va_visitor"].value.split(":")[0])
    assert len(values) == len(set(visitors_seen())) == 3
    stored = repr(list(VisitorSession.objects.values())) + repr(list(PageView.objects.values()))
    assert not [value for value in values if value in stored]


def test_visits_of_several_days_belong_together(profiling: None, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(FRIDAY)
    browser = a_browser(consent="yes")
    browser.get("/")
    time_machine.move_to(FRIDAY + timedelta(days=3))
    browser.get("/resume/")
    first, second = visitors_seen()
    assert first == second
    assert is_profile(first)


@pytest.mark.parametrize(("days", "has_returned"), [(3, True), (7, True), (8, False)])
def test_a_return_within_a_week_is_a_sign(
    profiling: None, time_machine: TimeMachineFixture, days: int, has_returned: bool
) -> None:
    time_machine.move_to(FRIDAY)
    browser = a_browser(consent="yes")
    browser.get("/")
    time_machine.move_to(FRIDAY + timedelta(days=days))
    browser.get("/resume/")
    first, second = (
        {signal["signal"] for signal in signals}
        for signals in VisitorSession.objects.order_by("started_at").values_list("recruiter_signals", flat=True)
    )
    assert "returned_within_week" not in first
    assert ("returned_within_week" in second) is has_returned


def test_in_strict_mode_no_visit_is_a_return(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(FRIDAY)
    browser = a_browser()
    for hours in (0, 2, 48):
        time_machine.move_to(FRIDAY + timedelta(hours=hours))
        browser.get("/resume/")
    assert VisitorSession.objects.count() == 3
    assert "returned_within_week" not in repr(list(VisitorSession.objects.values_list("recruiter_signals", flat=True)))


@pytest.mark.parametrize("mode", ["immediate", "external"])
def test_the_visit_in_which_somebody_agrees_goes_on_and_is_the_first_of_the_profile(
    settings: Any, profiling: None, time_machine: TimeMachineFixture, mode: str
) -> None:
    settings.VISITORS = settings.VISITORS | {"RECORDING": mode}
    time_machine.move_to(FRIDAY)
    browser = a_browser(consent="no")
    browser.get("/")
    if mode == "external":
        drain()
    browser.cookies["consent"] = "yes"
    for minutes, path in ((1, "/about/"), (2, "/projects/")):
        time_machine.move_to(FRIDAY + timedelta(minutes=minutes))
        browser.get(path)
    time_machine.move_to(FRIDAY + timedelta(minutes=3))
    drain()
    (visit,) = VisitorSession.objects.all()
    assert visit.page_views_count == 3
    assert is_profile(visit.visitor_id)
    assert set(PageView.objects.values_list("visitor_id", flat=True)) == {visit.visitor_id}


@pytest.mark.parametrize("headers", [{"dnt": "1"}, {"sec-gpc": "1"}])
def test_a_signal_of_the_browser_wins_over_consent(profiling: None, headers: dict[str, str]) -> None:
    assert not a_browser(consent="yes", **headers).get("/").cookies
    assert visitors_seen() == []


def test_an_opt_out_wins_over_consent_and_takes_the_cookie_back(settings: Any, profiling: None) -> None:
    settings.VISITORS = settings.VISITORS | {"HONOR_OPT_OUT_SIGNALS": False}
    browser = a_browser(consent="yes")
    browser.get("/")
    browser.cookies["va_optout"] = "1"
    response = browser.get("/about/")
    assert response.cookies["va_visitor"].value == ""
    assert PageView.objects.count() == 1


def test_a_consent_that_is_taken_back_takes_the_cookie_back(profiling: None) -> None:
    browser = a_browser(consent="yes")
    browser.get("/")
    browser.cookies["consent"] = "no"
    assert browser.get("/about/").cookies["va_visitor"].value == ""
    assert not is_profile(PageView.objects.get(path="/about/").visitor_id)


@pytest.mark.parametrize("value", ["x", "a:b:c", "\xe9\xff", "abc:1vKq2T:" + "x" * 43, ":" * 40, "x" * 4000])
def test_a_cookie_that_was_made_up_is_replaced(profiling: None, value: str) -> None:
    browser = a_browser(consent="yes")
    browser.cookies["va_visitor"] = value
    assert browser.get("/").cookies["va_visitor"].value not in {value, ""}


def test_a_cookie_older_than_it_may_be_is_replaced(
    settings: Any, profiling: None, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(FRIDAY)
    browser = a_browser(consent="yes")
    browser.get("/")
    old = browser.cookies["va_visitor"].value
    browser.cookies["va_visitor"]["max-age"] = browser.cookies["va_visitor"]["expires"] = ""
    time_machine.move_to(FRIDAY + timedelta(days=366))
    assert browser.get("/").cookies["va_visitor"].value != old


def test_a_client_that_keeps_no_cookies_gets_none(settings: Any, profiling: None) -> None:
    """A loop of curl would otherwise make a visitor with each request."""
    settings.VISITORS = settings.VISITORS | {"CONSENT_HOOK": "builtins.bool"}  # everybody agreed
    for _ in range(5):
        assert not Client(headers={"user-agent": FIREFOX}).get("/").cookies
    assert len(visitors_seen()) == 1


@pytest.mark.parametrize("headers", [{"sec-purpose": "prefetch"}, {"x-requested-with": "XMLHttpRequest"}])
def test_only_a_page_that_is_shown_gives_the_cookie(profiling: None, headers: dict[str, str]) -> None:
    browser = a_browser(consent="yes")
    assert not browser.get("/", headers=headers).cookies
    assert not browser.get("/no/such/").cookies
    assert not browser.get("/robots.txt").cookies


def test_what_the_tracker_reports_gives_no_cookie_and_no_id(profiling: None) -> None:
    browser = a_browser(consent="no")
    browser.get("/")
    browser.cookies["consent"] = "yes"
    body = '{"n": "engagement", "u": "http://testserver/", "e": 5000}'
    assert not browser.post("/api/visitors/events/", body, content_type="text/plain").cookies
    (visit,) = VisitorSession.objects.all()
    assert (is_profile(visit.visitor_id), visit.engaged_ms) == (False, 5000)
