"""A page fetched ahead of its reader is counted when it is shown: once, with what its request said."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from visitors.models import PageView, VisitorSession

from .builders import NOON
from .recording.builders import CHROME

pytestmark = pytest.mark.django_db

AHEAD = {"Sec-Purpose": "prefetch;prerender", "Accept": "text/html", "Referer": "https://www.linkedin.com/feed/"}


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def word_in(path: str, **headers: str) -> str:
    page = Client(headers={"User-Agent": CHROME, "Accept-Language": "en"} | headers).get(path).content.decode()
    found = re.search(r'data-seen="([^"]*)"', page)
    return found[1] if found else ""


def tell(word: Any, *, name: str = "pageview", path: str = "/about/") -> int:
    cache.clear()
    body = json.dumps({"n": name, "u": f"http://testserver{path}", "s": word})
    client = Client(headers={"User-Agent": CHROME, "Accept-Language": "en"})
    return client.post("/api/visitors/events/", body, content_type="text/plain").status_code


def test_an_ordinary_page_carries_no_word() -> None:
    assert word_in("/about/", Accept="text/html") == ""


def test_nothing_is_counted_before_the_page_is_shown() -> None:
    assert word_in("/about/?utm_source=mail", **AHEAD)
    assert (PageView.objects.count(), VisitorSession.objects.count()) == (0, 0)


def test_shown_it_opens_a_visit_with_what_its_request_said() -> None:
    word = word_in("/about/?utm_campaign=spring&utm_source=mail", **AHEAD)
    assert tell(word) == 202
    session, page = VisitorSession.objects.get(), PageView.objects.get()
    assert (session.utm_campaign, session.source, session.referrer_host) == ("spring", "Email", "www.linkedin.com")
    assert (session.entry_path, session.page_views_count, session.is_bot) == ("/about/", 1, False)
    assert (page.path, page.route, page.is_confirmed) == ("/about/", "portfolio:about", True)


def test_the_same_word_counts_once() -> None:
    word = word_in("/about/", **AHEAD)
    for _ in range(3):
        tell(word, name="engagement")
    assert PageView.objects.count() == 1


@pytest.mark.parametrize("change", [lambda word: word[:-1] + "~", lambda word: "", lambda word: "x:y:z"])
def test_a_forged_word_counts_nothing(change: Any) -> None:
    assert tell(change(word_in("/about/", **AHEAD))) == 202
    assert PageView.objects.count() == 0


def test_a_word_belongs_to_its_page_and_to_half_an_hour(_noon: Any) -> None:
    word = word_in("/about/", **AHEAD)
    tell(word, path="/projects/")
    _noon.shift(timedelta(minutes=31))
    tell(word)
    assert PageView.objects.count() == 0


@pytest.mark.parametrize("word", [7, ["x"], "x" * 4001, True])
def test_a_word_that_is_no_text_is_refused(word: Any) -> None:
    assert tell(word) == 400


def test_engaged_time_that_overtakes_its_page_view_does_not_count_it_twice() -> None:
    client = Client(headers={"User-Agent": CHROME, "Accept-Language": "en"})
    client.get("/about/", headers={"Accept": "text/html"})
    for name in ("engagement", "pageview"):
        body = json.dumps({"n": name, "u": "http://testserver/about/", "e": 1200 if name == "engagement" else 0})
        client.post("/api/visitors/events/", body, content_type="text/plain")
    assert [page.engaged_ms for page in PageView.objects.all()] == [1200]


def test_a_page_with_an_address_beyond_ascii_is_found_again() -> None:
    client = Client(headers={"User-Agent": CHROME, "Accept-Language": "en"})
    client.get("/about/", headers={"Accept": "text/html"})
    for path in ("/caf%C3%A9/", "/caf%C3%A9/"):
        body = json.dumps({"n": "engagement", "u": f"http://testserver{path}", "e": 1000})
        PageView.objects.update(path="/café/")
        client.post("/api/visitors/events/", body, content_type="text/plain")
    assert PageView.objects.get().engaged_ms == 2000
