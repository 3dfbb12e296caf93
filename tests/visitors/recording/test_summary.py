"""A stored visit carries what its first observation told, and verdicts that its rows agree with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from visitors.models import PageView, Share, VisitorInteraction, VisitorSession, unix_ms
from visitors.recording.recorder import store

from .builders import MINUTE_MS, NOON_MS, a_ping, an_observation

pytestmark = pytest.mark.django_db

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


def visit_of(*observations: Any) -> VisitorSession:
    store(observations)
    return VisitorSession.objects.get()


def test_source_device_and_language_are_those_of_the_first_observation() -> None:
    visit = visit_of(
        an_observation(referrer="https://www.linkedin.com/in/me", accept_language="de-DE,de;q=0.9", country="DE"),
        an_observation(at_ms=NOON_MS + 1000, referrer="https://github.com/me", accept_language="fr", country="FR"),
    )
    assert (visit.source, visit.channel, visit.language, visit.country) == ("LinkedIn", "Organic Social", "de-DE", "DE")
    assert (visit.device_type, visit.browser, visit.os) == ("desktop", "Chrome", "Windows")


def test_a_late_first_observation_takes_over_where_the_visit_came_from() -> None:
    store([an_observation(at_ms=NOON_MS + MINUTE_MS, referrer="https://github.com/me", path="/second")])
    visit = visit_of(an_observation(referrer="https://www.linkedin.com/", path="/first", user_agent=IPHONE))
    assert (visit.source, visit.entry_path, visit.exit_path) == ("LinkedIn", "/first", "/second")
    assert set(PageView.objects.values_list("source", "device_type", "sequence")) == {
        ("LinkedIn", "mobile", 1),
        ("LinkedIn", "mobile", 2),
    }


def test_a_ping_before_the_first_page_leaves_the_source_alone() -> None:
    store([an_observation(at_ms=NOON_MS + MINUTE_MS, referrer="https://www.linkedin.com/")])
    assert visit_of(a_ping(at_ms=NOON_MS, engaged_ms=10)).source == "LinkedIn"


@pytest.mark.parametrize(
    ("given_fields", "is_human"),
    [
        ({}, True),
        ({"user_agent": "curl/8.5.0"}, False),
        ({"is_owner": True}, False),
        ({"kind": "probe", "target": "HEAD", "method": "HEAD"}, False),
        ({"kind": "download"}, True),
        ({"status": 404}, False),
    ],
)
def test_human_figures_count_people_that_saw_a_page_or_acted(given_fields: dict[str, Any], is_human: bool) -> None:
    visit = visit_of(an_observation(**given_fields))
    assert visit.is_human is is_human
    assert {row.is_human for model in (PageView, VisitorInteraction) for row in model.objects.all()} <= {is_human}


def test_the_owner_on_one_page_is_the_owner_of_the_whole_visit() -> None:
    store([an_observation()])
    visit = visit_of(an_observation(at_ms=NOON_MS + 1000, is_owner=True))
    assert (visit.is_owner, visit.is_human, set(PageView.objects.values_list("is_human", flat=True))) == (
        True,
        False,
        {False},
    )


def test_what_a_bot_says_of_itself_is_kept_as_evidence_and_what_a_person_says_is_not() -> None:
    store([an_observation(user_agent="curl/8.5.0", visitor_id=5), an_observation(visitor_id=6)])
    kept = VisitorSession.objects.order_by("visitor_id").values_list("bot_user_agent", "bot_certainty")
    assert list(kept) == [("curl/8.5.0", "declared"), ("", "none")]


def test_a_link_preview_is_a_share_and_no_visit() -> None:
    store([an_observation(path="/cv/", user_agent="Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)")])
    assert list(Share.objects.values_list("path", "channel", "day")) == [("/cv/", "Slack", date(2026, 11, 20))]
    assert VisitorSession.objects.count() == PageView.objects.count() == 0


def test_a_visit_over_midnight_is_one_and_belongs_to_the_day_that_it_began() -> None:
    midnight_ms = unix_ms(datetime(2026, 11, 21, tzinfo=UTC))
    store([an_observation(at_ms=midnight_ms - 1000, visitor_id=11)])
    visit = visit_of(an_observation(at_ms=midnight_ms + 1000, visitor_id=22, previous_visitor_id=11))
    assert (visit.visitor_id, visit.day, visit.page_views_count) == (11, date(2026, 11, 20), 2)
    assert set(PageView.objects.values_list("visitor_id", "session_id")) == {(11, visit.id)}


def test_pages_at_the_same_moment_from_two_processes_count_as_two() -> None:
    visit = visit_of(an_observation(path="/a"), an_observation(path="/b"))
    assert (visit.page_views_count, visit.is_bounce) == (2, False)


@pytest.mark.parametrize("hour", range(0, 24, 6))
def test_a_full_hour_does_not_cut_a_visit(hour: int) -> None:
    full_ms = unix_ms(datetime(2026, 11, 20, hour, tzinfo=UTC))
    visit = visit_of(an_observation(at_ms=full_ms - 1), an_observation(at_ms=full_ms))
    assert visit.page_views_count == 2


def test_a_link_with_a_very_long_campaign_opened_again_continues_its_visit() -> None:
    long = {name: name + "x" * 190 for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")}
    store([an_observation(**long)])
    visit = visit_of(an_observation(at_ms=NOON_MS + MINUTE_MS, **long))
    assert (visit.page_views_count, len(visit.campaign)) == (2, 500)
