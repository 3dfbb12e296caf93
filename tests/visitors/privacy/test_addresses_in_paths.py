"""An e-mail address in the path of a page is not kept, whoever reports the page."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from visitors.models import PageView, VisitorSession
from visitors.observation import own_path

from .test_profiles import FIREFOX


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/confirm/jane@example.org/", "/confirm/***/"),
        ("/a/jane@example.org/b/joe@example.org", "/a/***/b/***"),
        ("/@jane/", "/@jane/"),
        ("/about/", "/about/"),
        ("", "/"),
        ("/x" * 400, ("/x" * 400)[:500]),
    ],
)
def test_a_segment_with_an_e_mail_address_is_masked(path: str, kept: str) -> None:
    assert own_path(path) == kept


@pytest.mark.django_db
def test_page_and_tracker_agree_on_the_masked_path() -> None:
    client = Client(headers={"user-agent": FIREFOX})
    client.get("/about/")
    client.get("/confirm/canary%40example.org/")
    for name in ("pageview", "engagement"):
        event = {"n": name, "u": "http://testserver/confirm/canary%40example.org/", "e": 4000}
        client.post("/api/visitors/events/", json.dumps(event), content_type="text/plain")
    assert set(PageView.objects.values_list("path", flat=True)) == {"/about/", "/confirm/***/"}
    assert "canary" not in repr(list(VisitorSession.objects.values())) + repr(list(PageView.objects.values()))
