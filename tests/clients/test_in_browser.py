"""npm's trackers in Chromium: on another front end, and on a page that this server saw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import chromium_path
from tests.e2e.waiting import stored, until_served
from visitors.models import PageView, VisitorInteraction, VisitorSession

# The driver keeps a loop in its thread, which no other test of the suite may meet.
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

READER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"


@pytest.fixture(scope="module")
def readers_browser(browser: Any) -> Iterator[Any]:
    chromium = browser.browser_type.launch(
        executable_path=chromium_path(), args=["--no-sandbox", "--disable-blink-features=AutomationControlled"]
    )
    yield chromium
    chromium.close()


@pytest.fixture
def page(readers_browser: Any, live_server: Any) -> Iterator[Any]:
    reader = READER.format(version=readers_browser.version.partition(".")[0])  # other headers tell the version too
    context = readers_browser.new_context(user_agent=reader, bypass_csp=True, locale="en-GB")
    context.set_default_timeout(8000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "CORS" in message.text else None)
    yield page
    context.set_offline(True)  # a closing page tells its last, which would reach the next test
    context.close()
    until_served(live_server.url)
    assert complaints == []


def paths() -> list[str]:
    return list(PageView.objects.order_by("viewed_at", "id").values_list("path", flat=True))


def acts() -> list[tuple[str, str, dict[str, Any]]]:
    return list(VisitorInteraction.objects.order_by("occurred_at", "id").values_list("kind", "target", "details"))


def test_the_official_tracker_reports_another_front_end(page: Any, front_end: str, site: str) -> None:
    page.goto(f"{front_end}/tracker.html?domain=localhost&api={site}&utm_source=newsletter")
    assert stored(page, paths) == ["/tracker.html"]
    page.evaluate("scrollTo(0, 1500)")
    page.wait_for_timeout(200)
    page.evaluate("history.pushState({}, '', '/cart')")
    assert stored(page, paths) == ["/tracker.html", "/cart"]
    # What tells of the page before goes out together with it, and may be the later to arrive.
    assert stored(page, lambda: PageView.objects.get(path="/tracker.html").engaged_ms) >= 1
    first = PageView.objects.get(path="/tracker.html")
    assert (first.is_confirmed, 50 <= (first.scroll_depth or 0) < 100) == (True, True)
    session = VisitorSession.objects.get()
    assert (session.utm_source, session.is_human, session.bot_reason) == ("newsletter", True, "")


def test_the_official_tracker_reports_acts(page: Any, front_end: str, site: str) -> None:
    page.goto(f"{front_end}/tracker.html?domain=localhost&api={site}")
    assert stored(page, paths) == ["/tracker.html"]
    page.click("#out")
    page.click("#file")
    page.click("#form button")
    page.click("#named")
    page.evaluate(
        "track('Order', {props: {plan: 'pro'}, revenue: {currency: 'EUR', amount: 19.9}, interactive: false})"
    )
    marked = {"from": "events"}
    # By kind: what is sent at nearly the same time may arrive in another order.
    assert stored(page, lambda: sorted(acts(), key=lambda act: act[0])) == [
        ("download", "127.0.0.1/price-list.pdf", marked),
        ("form_submission", "", marked),
        ("newsletter_asked", "127.0.0.1/tracker.html", marked | {"place": "footer"}),
        ("order", "", marked | {"plan": "pro", "revenue": 19.9, "currency": "EUR", "interactive": False}),
        ("outbound", "127.0.0.2/there", marked),
    ]


def test_a_page_that_the_server_saw_counts_once_beside_the_official_tracker(
    page: Any, front_end: str, site: str
) -> None:
    page.goto(f"{site}/about/")
    module = f"{front_end}/node_modules/@plausible-analytics/tracker/plausible.js"
    page.add_script_tag(
        type="module",
        content=f"import {{init}} from '{module}';"
        f"init({{domain: 'localhost', endpoint: '{site}/api/event', captureOnLocalhost: true}});",
    )
    assert stored(page, lambda: list(PageView.objects.values_list("path", "is_confirmed"))) == [("/about/", True)]
    page.evaluate("history.pushState({}, '', '/about/more/')")
    assert stored(page, paths) == ["/about/", "/about/more/"]
    assert VisitorSession.objects.count() == 1


def test_the_older_tracker_reports(page: Any, front_end: str, site: str) -> None:
    page.goto(f"{front_end}/older.html?domain=localhost&api={site}")
    assert stored(page, paths) == ["/older.html"]
    page.evaluate("history.pushState({}, '', '/post')")
    assert stored(page, paths) == ["/older.html", "/post"]
    page.evaluate("plausible.trackEvent('Sign Up', {props: {plan: 'pro'}})")
    signed_up = ("sign_up", {"from": "events", "plan": "pro"})
    assert stored(page, lambda: [(kind, details) for kind, _, details in acts()]) == [signed_up]
    page.click("#out")
    outbound = ("outbound", {"from": "events"})
    assert stored(page, lambda: [(kind, details) for kind, _, details in acts()]) == [signed_up, outbound]


def test_a_script_tag_made_for_plausible_reports(page: Any, front_end: str, site: str) -> None:
    page.goto(f"{front_end}/script.html?domain=localhost&api={site}")
    assert stored(page, paths) == ["/script.html"]
    assert stored(page, acts) == [("early_bird", "", {"from": "events", "plan": "pro"})]
    assert page.evaluate("early") == {"status": 202}
    page.evaluate("history.pushState({}, '', '/pricing')")
    assert stored(page, paths) == ["/script.html", "/pricing"]
