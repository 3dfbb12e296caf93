"""A site of several names: which host a page was on is kept, and reports find the page on their own."""

from __future__ import annotations

import pytest

from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.observation import EVENTS
from visitors.recording import store
from visitors.recording.pings import PAGEVIEW

from .builders import MINUTE_MS, NOON_MS, a_ping, an_observation

pytestmark = pytest.mark.django_db

SHOP, BLOG = "shop.example.com", "www.example.com"
LATER_MS = NOON_MS + MINUTE_MS


def views() -> list[tuple[object, ...]]:
    return list(PageView.objects.order_by("id").values_list("host", "engaged_ms", "is_confirmed"))


def test_a_visit_knows_the_hosts_of_its_first_and_last_page() -> None:
    store(
        [
            an_observation(host=SHOP, path="/in"),
            an_observation(at_ms=LATER_MS, host=BLOG, path="/out"),
            an_observation(at_ms=LATER_MS + 1, host="lost.example.com", path="/lost", status=404),
            an_observation(at_ms=LATER_MS + 2, host=SHOP, path="/out", kind="download"),
        ]
    )
    (visit,) = VisitorSession.objects.all()
    assert (visit.entry_host, visit.entry_path, visit.exit_host, visit.exit_path) == (SHOP, "/in", BLOG, "/out")
    assert [host for host, *_ in views()] == [SHOP, BLOG, "lost.example.com"]
    assert VisitorInteraction.objects.get().host == SHOP


def test_a_visit_without_a_page_has_no_host() -> None:
    store([an_observation(kind="download", host=SHOP)])
    assert (VisitorSession.objects.get().entry_host, VisitorInteraction.objects.get().host) == ("", SHOP)


@pytest.mark.parametrize("via", ["tracker", EVENTS])
def test_engaged_time_goes_to_the_page_on_its_host(via: str) -> None:
    store([an_observation(host=SHOP), an_observation(at_ms=LATER_MS, host=BLOG)])
    store([a_ping(at_ms=LATER_MS + 1, host=SHOP, target="engagement", engaged_ms=5000, via=via)])
    assert views() == [(SHOP, 5000, True), (BLOG, 0, False)]


def test_the_same_path_of_another_front_end_is_another_view() -> None:
    store([an_observation(host=SHOP, route="portfolio:home")])
    store([a_ping(at_ms=LATER_MS, host=BLOG, target=PAGEVIEW, via=EVENTS)])
    assert views() == [(SHOP, 0, False), (BLOG, 0, True)]


def test_a_page_behind_a_proxy_that_hides_the_host_is_counted_once() -> None:
    store([an_observation(host="10.0.0.7", path="/cv/", route="portfolio:resume")])
    store([a_ping(at_ms=LATER_MS, host=SHOP, path="/cv/", route="portfolio:resume", target=PAGEVIEW, via=EVENTS)])
    assert views() == [("10.0.0.7", 0, True)]
