"""`/js/script.js` is the tracker under the names that script tags for Plausible use."""

from __future__ import annotations

from django.test import Client

from tests.visitors.test_tracker import SCRIPT


def test_the_script_is_the_tracker_within_its_adapter() -> None:
    answer = Client().get("/js/script.js")
    text = answer.content.decode()
    assert SCRIPT.read_text() in text
    assert 'new URL(s.src).origin + "/api/event"' in text
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_any_page_may_load_it_and_keep_it_for_an_hour() -> None:
    answer = Client().get("/js/script.js")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    again = Client().get("/js/script.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_is_only_read() -> None:
    assert Client().post("/js/script.js").status_code == 405
