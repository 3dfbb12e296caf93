"""A site of several names: which host a page was on is kept."""

from __future__ import annotations

import pytest

from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.recording import store

from .builders import MINUTE_MS, NOON_MS, an_observation

pytestmark = pytest.mark.django_db

SHOP, BLOG = "shop.example.com", "www.example.com"
LATER_MS = NOON_MS + MINUTE_MS


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
    assert list(PageView.objects.order_by("id").values_list("host", flat=True)) == [SHOP, BLOG, "lost.example.com"]
    assert VisitorInteraction.objects.get().host == SHOP


def test_a_visit_without_a_page_has_no_host() -> None:
    store([an_observation(kind="download", host=SHOP)])
    assert (VisitorSession.objects.get().entry_host, VisitorInteraction.objects.get().host) == ("", SHOP)
