"""Engagement bands, behaviour patterns, ways and hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.visitors.builders import NOON, a_page_view, a_session
from visitors import analytics_service as service
from visitors.reports.answers import Part
from visitors.reports.behavior import HourOfWeek, Way
from visitors.reports.patterns import Pattern

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=3)


def test_bands_divide_every_human_session_once():
    for duration_ms, score in ((0, 0), (1, 19), (9_999, 20), (10_000, 39), (60_000, 80), (900_000, 100)):
        a_session(duration_ms=duration_ms, engagement_score=score)
    answer = service.engagement(days=1, now=LATER)
    assert [(part.name, part.sessions) for part in answer.durations] == [
        ("0 s", 1),
        ("under 10 s", 2),
        ("10-59 s", 1),
        ("1-4 min", 1),
        ("5-14 min", 0),
        ("15 min and more", 1),
    ]
    assert [(part.name, part.sessions) for part in answer.scores] == [
        ("0-19", 2),
        ("20-39", 2),
        ("40-59", 0),
        ("60-79", 0),
        ("80-100", 2),
    ]
    assert [(part.name, part.sessions) for part in answer.depths][:3] == [("no page", 0), ("1 page", 6), ("2 pages", 0)]


def test_engagement_is_compared_in_points_and_percent():
    a_session(pages=["/", "/a/"])
    a_session(NOON - timedelta(days=1))
    answer = service.engagement(days=1, now=LATER)
    assert (answer.totals.bounce_rate, answer.previous.bounce_rate, answer.change["bounce_rate"]) == (
        0.0,
        100.0,
        -100.0,
    )
    assert (answer.totals.views_per_session, answer.change["views_per_session"]) == (2.0, 100.0)
    assert answer.change["session_duration"] is None


def test_scroll_depth_is_the_mean_of_the_views_that_reported_it():
    session = a_session()
    a_page_view(session, scroll_depth=50)
    a_page_view(session, scroll_depth=75)
    assert service.engagement(days=1, now=LATER).scroll_depth == 62.5


@pytest.mark.parametrize(
    ("pattern", "columns"),
    [
        (Pattern.EVALUATOR, {"converted_goals": ["Résumé"]}),
        (Pattern.EXPLORER, {"pages": ["/a", "/b", "/c", "/d"]}),
        (Pattern.EXPLORER, {"acts": ["chat_message"] * 3}),
        (Pattern.READER, {"engaged_ms": 30_000}),
        (Pattern.READER, {"duration_ms": 60_000}),
        (Pattern.BOUNCER, {}),
        (Pattern.SKIMMER, {"pages": ["/", "/a"], "duration_ms": 5_000}),
        (Pattern.SKIMMER, {"acts": ["outbound"]}),
    ],
)
def test_each_pattern_has_its_rule(pattern, columns):
    session = a_session(**columns)
    answer = service.behavior(days=1, now=LATER)
    assert [row.pattern for row in answer.patterns if row.sessions] == [pattern]
    assert service.session_insight(session.session_id, now=LATER).behavior.pattern is pattern


def test_somebody_who_comes_back_the_same_day_is_returning():
    a_session(NOON - timedelta(hours=2), visitor_id=5)
    a_session(visitor_id=5)
    found = {row.pattern: row.sessions for row in service.behavior(days=1, now=LATER).patterns if row.sessions}
    assert found == {Pattern.BOUNCER: 1, Pattern.RETURNING: 1}


def test_first_and_last_pages_and_the_ways_between_them():
    a_session(pages=["/", "/about/", "/contact/"])
    a_session(pages=["/", "/contact/"])
    a_session(pages=["/about/"])
    a_session(pages=["/secret/"], is_bot=True)
    answer = service.behavior(days=1, now=LATER)
    assert answer.entry_pages == (Part("/", 2, 66.7), Part("/about/", 1, 33.3))
    assert answer.exit_pages == (Part("/contact/", 2, 66.7), Part("/about/", 1, 33.3))
    assert answer.ways == (Way("/", "/contact/", 2),)


def test_hours_are_those_of_the_sites_clock(settings):
    settings.TIME_ZONE = "America/New_York"
    a_session()  # Friday, 07:00 in New York
    a_session(NOON - timedelta(hours=8))  # Thursday, 23:00
    a_session(NOON + timedelta(minutes=59))
    answer = service.behavior(days=7, now=LATER)
    assert answer.hours == (HourOfWeek(4, 23, 1), HourOfWeek(5, 7, 2))
