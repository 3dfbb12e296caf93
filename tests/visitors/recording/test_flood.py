"""A flood of invented visitors: the database grows by the cap a minute, and open visits go on."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from visitors.models import PageView, Share, VisitorSession
from visitors.observation import DropReason, Observation
from visitors.recording import flood
from visitors.recording.writer import write_batch

from .builders import MINUTE_MS, NOON_MS, an_observation

pytestmark = pytest.mark.django_db

CAP = 20


@pytest.fixture(autouse=True)
def _capped(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"MAX_NEW_SESSIONS_PER_MINUTE": CAP}
    flood.forget()


def strangers(count: int, *, at_ms: int = NOON_MS, first: int = 1000, **given: Any) -> list[Observation]:
    return [
        an_observation(
            at_ms=at_ms + number, visitor_id=first + number, **({"user_agent": f"Fresh/{first + number}"} | given)
        )
        for number in range(count)
    ]


def over(left_out: Counter[tuple[str, DropReason]]) -> int:
    return sum(count for (_, reason), count in left_out.items() if reason is DropReason.OVER_CAP)


def test_no_more_visits_begin_in_a_minute_than_the_cap() -> None:
    assert over(write_batch(strangers(100))) == 80
    assert (VisitorSession.objects.count(), PageView.objects.count()) == (CAP, CAP)


def test_the_cap_holds_over_batches_and_restarts() -> None:
    left_out = 0
    for batch in range(10):
        left_out += over(write_batch(strangers(15, at_ms=NOON_MS + batch, first=1000 * batch + 1000)))
        flood.forget()
    assert (VisitorSession.objects.count(), left_out) == (CAP, 130)


def test_the_next_minute_has_its_own() -> None:
    write_batch([*strangers(50), *strangers(50, at_ms=NOON_MS + MINUTE_MS, first=5000)])
    assert VisitorSession.objects.count() == 2 * CAP


def test_open_visits_go_on_during_a_flood() -> None:
    write_batch([an_observation(visitor_id=7)])
    for batch in range(3):
        later = [an_observation(at_ms=NOON_MS + 500 + batch, visitor_id=7, path=f"/page-{batch}/")]
        write_batch([*strangers(60, at_ms=NOON_MS + batch, first=1000 * batch + 1000), *later])
    assert VisitorSession.objects.get(visitor_id=7).page_views_count == 4
    assert VisitorSession.objects.count() == CAP


def test_a_visit_over_midnight_goes_on_during_a_flood() -> None:
    write_batch([an_observation(visitor_id=7)])
    write_batch([*strangers(60), an_observation(at_ms=NOON_MS + 900, visitor_id=8, previous_visitor_id=7)])
    assert VisitorSession.objects.get(visitor_id=7).page_views_count == 2


def test_a_client_that_invents_campaigns_is_a_flood_too() -> None:
    batch = [an_observation(at_ms=NOON_MS + number, utm_campaign=f"c{number}") for number in range(100)]
    assert over(write_batch(batch)) == 80
    assert VisitorSession.objects.count() == CAP


def test_all_pages_of_a_visit_that_is_left_out_are_left_out_and_counted() -> None:
    pages = [an_observation(at_ms=NOON_MS + 500 + number, visitor_id=9, path=f"/{number}/") for number in range(5)]
    assert over(write_batch([*strangers(CAP), *pages])) == 5
    assert not PageView.objects.filter(visitor_id=9).exists()


def test_link_previews_are_bounded_too() -> None:
    slack = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"
    assert over(write_batch(strangers(100, user_agent=slack))) == 80
    assert (Share.objects.count(), VisitorSession.objects.count()) == (CAP, 0)


def test_without_a_cap_everything_is_stored(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"MAX_NEW_SESSIONS_PER_MINUTE": 0}
    assert over(write_batch(strangers(100))) == 0
    assert VisitorSession.objects.count() == 100


def test_a_quiet_minute_costs_no_query(settings: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            write_batch(strangers(5, first=len(connection.queries_log) + 10_000))
        return len(captured)

    queries()  # whatever is asked once
    capped = queries()
    settings.VISITORS = settings.VISITORS | {"MAX_NEW_SESSIONS_PER_MINUTE": 0}
    assert queries() == capped


def test_what_is_remembered_is_bounded() -> None:
    for minute in range(200):
        write_batch(strangers(1, at_ms=NOON_MS + minute * MINUTE_MS, first=10_000 + minute))
    assert len(flood._begun) <= 2 * flood.REMEMBERED_MINUTES + 1
