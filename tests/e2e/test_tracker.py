"""The tracker in real pages of the site: what it counts, when it rests, and what it never reports."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import pytest

from portfolio.seed import seed_site
from tests.e2e.conftest import chromium_path
from tests.e2e.waiting import stored, until_served
from visitors.models import DroppedCount, PageView, VisitorInteraction, VisitorSession
from visitors.recording import drain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
# A driven browser says so, and the tracker would rest; it keeps no page for "back" unless it is asked to. Its name is
# given here and not to the driver, who forgets it for what a closing page sends.
LIKE_A_READERS = {
    "args": ["--no-sandbox", "--disable-blink-features=AutomationControlled", f"--user-agent={BROWSER}"],
    "ignore_default_args": ["--disable-back-forward-cache"],
}


class Reader:
    """Somebody who reads the site, with what the browser sent to the tracker's door."""

    def __init__(self, browser: Any, base: str) -> None:
        self.browser, self.base = browser, base
        self.sent: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self.contexts: list[Any] = []

    def context(self, **options: Any) -> Any:
        context = self.browser.new_context(**({"timezone_id": "Europe/Lisbon"} | options))
        context.set_default_timeout(8000)
        context.on("request", self._watch)
        self.contexts.append(context)
        return context

    def page(self, path: str = "/", context: Any = None, **options: Any) -> Any:
        page = (context or self.context(**options)).new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.base + path, wait_until="load")
        # The driver pretends that every page has the focus.
        page.context.new_cdp_session(page).send("Emulation.setFocusEmulationEnabled", {"enabled": False})
        return page

    def _watch(self, request: Any) -> None:
        if request.url.endswith("/api/visitors/events/"):
            self.sent.append(request.post_data_json)

    def names(self) -> list[str]:
        return [event["n"] for event in self.sent]


@pytest.fixture(scope="module")
def readers_browser(browser: Any) -> Iterator[Any]:
    chromium = browser.browser_type.launch(executable_path=chromium_path(), **LIKE_A_READERS)
    yield chromium
    chromium.close()


@pytest.fixture
def reader(readers_browser: Any, live_server: Any, settings: Any) -> Iterator[Reader]:
    settings.ROOT_URLCONF = "tests.e2e.site"
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    seed_site()
    reader = Reader(readers_browser, live_server.url)
    yield reader
    for context in reader.contexts:
        context.set_offline(True)  # a closing page tells its last, which would reach the next test
        context.close()
    until_served(live_server.url)
    assert reader.complaints == []


def paths() -> list[str]:
    return list(PageView.objects.order_by("viewed_at", "id").values_list("path", flat=True))


def confirmed() -> list[str]:
    return list(PageView.objects.filter(is_confirmed=True).order_by("viewed_at", "id").values_list("path", flat=True))


def engaged_ms(path: str) -> int:
    return PageView.objects.get(path=path).engaged_ms


def acts() -> list[tuple[str, str, dict[str, Any]]]:
    return list(VisitorInteraction.objects.order_by("occurred_at", "id").values_list("kind", "target", "details"))


def test_each_page_counts_once_for_server_and_tracker(reader: Reader) -> None:
    page = reader.page("/")
    assert stored(page, confirmed) == ["/"]
    page.goto(reader.base + "/about/")
    assert stored(page, confirmed) == ["/", "/about/"]
    page.goto(reader.base + "/")
    assert stored(page, confirmed) == ["/", "/about/", "/"]
    assert (paths(), VisitorSession.objects.count()) == (["/", "/about/", "/"], 1)


def test_two_tabs_of_one_page_are_two_views(reader: Reader) -> None:
    first = reader.page("/about/")
    reader.page("/about/", context=first.context)
    assert stored(first, confirmed) == ["/about/", "/about/"]
    first.wait_for_timeout(300)
    drain()
    assert paths() == ["/about/", "/about/"]


def test_engaged_time_runs_while_the_page_has_the_focus(reader: Reader) -> None:
    page = reader.page("/about/")
    page.wait_for_timeout(2000)
    other = reader.page("/links/", context=page.context)
    other.bring_to_front()
    page.wait_for_timeout(2500)
    page.bring_to_front()
    page.wait_for_timeout(1000)
    page.goto(reader.base + "/projects/")
    assert stored(page, lambda: engaged_ms("/about/")) >= 2500  # 3 s before it and 2.5 s behind another tab
    assert engaged_ms("/about/") <= 4500


def test_engaged_time_is_sent_and_stops_when_the_page_is_hidden(reader: Reader) -> None:
    page = reader.page("/about/")
    page.wait_for_timeout(1500)
    hide(page, "hidden")
    assert stored(page, lambda: engaged_ms("/about/")) >= 1400
    before = engaged_ms("/about/")
    page.wait_for_timeout(2000)
    hide(page, "visible")
    page.wait_for_timeout(1200)
    hide(page, "hidden")
    assert stored(page, lambda: engaged_ms("/about/")) >= before + 1100
    assert engaged_ms("/about/") <= before + 1900


def hide(page: Any, state: str) -> None:
    """What the browser does when its window is covered; headless it never covers one."""
    page.evaluate(
        """state => {
            Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
            document.dispatchEvent(new Event('visibilitychange', {bubbles: true}));
        }""",
        state,
    )


def test_scroll_depth_is_the_deepest_point(reader: Reader) -> None:
    page = reader.page("/about/", viewport={"width": 900, "height": 400})
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_timeout(200)
    page.evaluate("scrollTo(0, 0)")
    page.goto(reader.base + "/projects/")
    assert stored(page, lambda: PageView.objects.get(path="/about/").scroll_depth) == 100


def test_pages_changed_by_script_are_page_views(reader: Reader) -> None:
    page = reader.page("/")
    page.evaluate("history.pushState(null, '', '/by-script/')")
    assert stored(page, confirmed) == ["/", "/by-script/"]
    page.evaluate("history.replaceState(null, '', '/replaced/')")
    assert stored(page, confirmed) == ["/", "/by-script/", "/replaced/"]
    page.evaluate("history.replaceState({}, '', '/replaced/?tab=2#part')")  # the same page, said differently
    page.evaluate("history.back()")
    assert stored(page, confirmed) == ["/", "/by-script/", "/replaced/", "/"]
    assert paths() == ["/", "/by-script/", "/replaced/", "/"]


def test_a_page_that_the_browser_kept_counts_again_when_it_is_shown_again(reader: Reader) -> None:
    page = reader.page("/about/")
    page.evaluate("window.isKept = true")
    page.wait_for_timeout(1200)
    page.goto(reader.base + "/projects/")
    assert stored(page, confirmed) == ["/about/", "/projects/"]
    page.wait_for_timeout(1500)
    page.go_back(wait_until="commit")
    assert page.evaluate("window.isKept") is True  # out of the browser's memory
    assert stored(page, confirmed) == ["/about/", "/projects/", "/about/"]
    first, again = PageView.objects.filter(path="/about/").order_by("viewed_at")
    assert 1000 <= first.engaged_ms <= 2500
    assert again.engaged_ms < 1000  # the time in the browser's memory is nobody's


def test_a_link_to_another_host_is_told_without_its_query(reader: Reader) -> None:
    page = reader.page("/links/")
    page.route("http://127.0.0.2:9/**", lambda route: route.fulfill(status=204))
    page.click("#out")
    assert stored(page, acts) == [("outbound", "127.0.0.2/there", {"from": "tracker"})]


def test_a_file_is_told_and_an_ordinary_link_is_not(reader: Reader) -> None:
    page = reader.page("/links/")
    page.route("**/paper.pdf*", lambda route: route.fulfill(status=204))
    page.click("#file")
    assert stored(page, lambda: [act[0] for act in acts()]) == ["download"]
    assert acts()[0][1].endswith("/static/paper.pdf")
    page.click("#inside")
    assert stored(page, confirmed) == ["/links/", "/about/"]
    assert len(acts()) == 1


def test_a_resume_downloaded_from_its_page_is_one_download(reader: Reader) -> None:
    page = reader.page("/resume/")
    with page.expect_download():
        page.locator("a[href*='/resume/download/']").first.click()
    assert stored(page, lambda: [act[0] for act in acts()]) == ["download"]
    page.wait_for_timeout(300)
    drain()
    assert len(acts()) == 1


def test_a_page_can_tell_its_own_acts(reader: Reader) -> None:
    page = reader.page("/about/")
    page.evaluate("visitors('Newsletter signup', {plan: 'monthly', typed: 'secret words'})")
    assert stored(page, acts) == [("newsletter_signup", "", {"plan": "monthly", "from": "tracker"})]


def test_a_browser_that_fetches_nothing_while_it_leaves_sends_beacons(reader: Reader) -> None:
    context = reader.context()
    context.add_init_script("delete Request.prototype.keepalive; window.fetch = () => { throw Error('fetched') }")
    page = reader.page("/about/", context=context)
    page.wait_for_timeout(1200)
    page.goto(reader.base + "/projects/")
    assert stored(page, lambda: engaged_ms("/about/")) >= 1000
    assert stored(page, confirmed) == ["/about/", "/projects/"]


def test_the_time_zone_is_the_browsers(reader: Reader) -> None:
    page = reader.page("/")
    assert stored(page, lambda: VisitorSession.objects.get().tz) == "Europe/Lisbon"
    assert {event["tz"] for event in reader.sent} == {"Europe/Lisbon"}


@pytest.mark.parametrize(
    "wish", ["Object.defineProperty(navigator, 'doNotTrack', {value: '1'})", "navigator.globalPrivacyControl = true"]
)
def test_who_wishes_no_tracking_is_not_tracked(reader: Reader, wish: str) -> None:
    context = reader.context()
    context.add_init_script(wish)
    page = reader.page("/about/", context=context)
    page.wait_for_timeout(1200)
    page.goto(reader.base + "/projects/")
    page.wait_for_timeout(300)
    drain()
    assert reader.sent == []


def test_who_opted_out_is_not_tracked(reader: Reader) -> None:
    context = reader.context()
    context.add_cookies([{"name": "va_optout", "value": "1", "url": reader.base}])
    page = reader.page("/about/", context=context)
    page.wait_for_timeout(1200)
    page.goto(reader.base + "/projects/")
    page.wait_for_timeout(300)
    drain()
    assert (reader.sent, PageView.objects.count()) == ([], 0)


def test_a_driven_browser_is_skipped_unless_it_is_asked_for(browser: Any, reader: Reader) -> None:
    reader.browser = browser  # as drivers start it
    page = reader.page("/about/")
    page.wait_for_timeout(500)
    assert page.evaluate("navigator.webdriver") is True
    assert reader.sent == []
    page.goto(reader.base + "/asked/")
    assert stored(page, reader.names) == ["pageview"]


def test_a_page_fetched_ahead_is_no_visit_until_it_is_shown(reader: Reader) -> None:
    page = reader.page("/api/speculating/")
    page.wait_for_timeout(1500)
    drain()
    assert (PageView.objects.count(), VisitorSession.objects.count()) == (0, 0)
    assert DroppedCount.objects.get(reason="prefetch").count == 1
    page.click("text=About")
    assert stored(page, confirmed) == ["/about/"]
    page.wait_for_timeout(300)
    drain()
    assert (paths(), VisitorSession.objects.count()) == (["/about/"], 1)


def test_a_prerendered_page_is_a_visit_once_it_is_activated(live_server: Any, settings: Any, tmp_path: Any) -> None:
    """A driver forbids activation, so this browser has none: a page of its own goes on after a while."""
    settings.ROOT_URLCONF = "tests.e2e.site"
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    seed_site()
    start = f"{live_server.url}/api/speculating/?goes"
    with tempfile.TemporaryDirectory() as profile:
        options = (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={profile}",
            f"--user-agent={BROWSER}",
        )
        chromium = subprocess.Popen([chromium_path(), *options, start], stderr=subprocess.DEVNULL)
        try:
            time.sleep(1.5)
            drain()
            before = PageView.objects.count()
            deadline = time.monotonic() + 15
            while not confirmed() and time.monotonic() < deadline:
                time.sleep(0.1)
                drain()
            time.sleep(0.5)
            drain()
        finally:
            chromium.terminate()
            chromium.wait(timeout=10)
            until_served(live_server.url)
    assert DroppedCount.objects.get(reason="prefetch").count == 1  # it was fetched, and run, ahead
    assert (before, paths(), confirmed()) == (0, ["/about/"], ["/about/"])
