"""The tracker is small, and its tag fits any page."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace

from django.template import Context, Template

import visitors

SCRIPT = Path(visitors.__file__).parent / "static/visitors/visitors.js"
MAX_GZIP_BYTES = 1536


def tag(text: str = "{% visitors_tracker %}", **context: object) -> str:
    return Template("{% load visitors %}" + text).render(Context(context))


def test_the_tracker_fits_its_budget() -> None:
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) <= MAX_GZIP_BYTES


def test_the_tag_is_deferred_and_names_the_endpoint() -> None:
    assert tag() == '<script defer src="/static/visitors/visitors.js" data-api="/api/visitors/events/"></script>'


def test_the_tag_carries_the_nonce_of_the_request() -> None:
    assert ' nonce="abc"' in tag(request=SimpleNamespace(csp_nonce="abc"))


def test_keywords_become_data_attributes_escaped() -> None:
    assert ' data-webdriver="&quot;&gt;"' in tag("{% visitors_tracker webdriver=value %}", value='">')


def test_the_tracker_sets_no_cookie_and_stores_nothing() -> None:
    script = SCRIPT.read_text()
    assert "localStorage" not in script
    assert "sessionStorage" not in script
    assert "cookie =" not in script
