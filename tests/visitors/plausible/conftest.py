"""Three visits that the figures of these tests come from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.visitors.builders import NOON, a_page_view, a_session, an_interaction

from .builders import DOWNLOADED

DAY = timedelta(days=1)


@pytest.fixture
def visits(db: None) -> Iterator[None]:
    """Thursday: one visit by LinkedIn with a download; Friday: two direct ones, one of them a bounce on a phone."""
    came = a_session(
        NOON - DAY,
        pages=("/", "/projects/"),
        acts=("download",),
        source="LinkedIn",
        country="PL",
        converted_goals=[DOWNLOADED],
    )
    a_page_view(came, "/resume/", after=timedelta(minutes=3), scroll_depth=80, time_on_page_ms=20_000)
    came.page_views_count = 3
    came.save()
    read = a_session(NOON, pages=("/", "/about/"), country="DE", duration_ms=90_000)
    an_interaction(read, "sign_up", details={"plan": "pro", "from": "events"})
    read.interactions_count = 1
    read.save()
    a_session(NOON + timedelta(hours=1), country="DE", device_type="mobile")
    a_session(NOON, is_bot=True)
    with time_machine.travel(datetime(2026, 11, 20, 18, 0, tzinfo=UTC), tick=False):
        yield
