"""The insight into one visit, and the visitor's own view of it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from tests.visitors.builders import NOON, a_page_view, a_session, an_interaction
from visitors import analytics_service as service
from visitors.detection.engagement import score_engagement
from visitors.reports.current import CurrentSession, OwnPage, OwnSession
from visitors.reports.interest import Interest
from visitors.reports.likelihood import VisitFacts, conversion_likelihood
from visitors.reports.verdicts import BotShown, SignalShown

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=3)
SIGNALS = [
    {"signal": "office hours", "weight": 0.2, "seen": "Tue 10"},
    {"signal": "ats", "weight": 2.5, "seen": "greenhouse.io"},
]


def insight(session):
    return service.session_insight(session.session_id, now=LATER)


def test_an_unknown_visit_has_no_insight():
    assert service.session_insight(uuid.uuid4(), now=LATER) is None


def test_the_timeline_merges_pages_and_acts_by_time():
    session = a_session(pages=["/", "/resume/"])
    an_interaction(session, "download", after=timedelta(seconds=90), target="resume.pdf")
    a_page_view(session, "/gone/", after=timedelta(seconds=30), status=404)
    entries = insight(session).timeline
    assert [(entry.kind, entry.path, entry.target, entry.offset_ms) for entry in entries] == [
        ("page", "/", "", 0),
        ("not_found", "/gone/", "", 30_000),
        ("page", "/resume/", "", 60_000),
        ("download", "/resume/", "resume.pdf", 90_000),
    ]


def test_a_timeline_holds_no_row_of_another_visit():
    session = a_session(visitor_id=1)
    a_session(visitor_id=1, pages=["/other/"])
    assert [entry.path for entry in insight(session).timeline] == ["/"]


def test_the_engagement_score_is_the_sum_of_its_parts():
    session = a_session(pages=["/", "/a/", "/b/"], acts=["download", "project_view"])
    engagement = insight(session).engagement
    assert engagement == score_engagement(
        page_views=3, engaged_ms=120_000, deepest_scroll=0, kinds=["download", "project_view"]
    )
    assert engagement.score == sum(part.points for part in engagement.parts)


def test_the_primary_interest_is_the_section_with_most_weight():
    session = a_session(pages=["/", "/projects/", "/projects/raft/", "/about/", "/projects/raft/"])
    assert insight(session).primary_interest == Interest("projects", "/projects/raft/", 71.4, "3 of 5 pages and acts")


def test_the_home_page_is_an_interest_only_when_alone():
    assert insight(a_session(pages=["/"])).primary_interest == Interest("home", "/", 100.0, "1 of 1 pages and acts")


def test_a_visit_that_found_nothing_has_no_interest():
    session = a_session(pages=[])
    a_page_view(session, "/wp-login.php", status=404)
    assert insight(session).primary_interest is None


def test_the_recruiter_ledger_and_the_bot_verdict_come_with_their_reasons():
    human = insight(a_session(recruiter_score=72, recruiter_band="possible", recruiter_signals=SIGNALS))
    assert (human.recruiter.score, human.recruiter.band) == (72, "possible")
    assert human.recruiter.signals == (
        SignalShown("ats", 2.5, "greenhouse.io"),
        SignalShown("office hours", 0.2, "Tue 10"),
    )
    bot = insight(
        a_session(is_bot=True, bot_certainty="declared", bot_kind="search", bot_name="Googlebot", bot_reason="says so")
    )
    assert bot.bot == BotShown(True, "declared", "search", "Googlebot", "says so")
    assert (bot.recruiter.score, bot.conversion.percent) == (None, None)


def test_the_likelihood_rests_on_the_sites_own_rate():
    for number in range(20):
        a_session(NOON - timedelta(days=2), converted_goals=["Résumé"] if number < 9 else [])
    likelihood = insight(a_session(pages=["/", "/a/"])).conversion
    assert (likelihood.percent, likelihood.level) == (25, "medium")
    assert [reason.reason for reason in likelihood.reasons] == ["9 of 20 recent visits converted"]


def facts(**changes):
    plain = {
        "goals": [],
        "page_views": 2,
        "interactions": 0,
        "engaged_ms": 0,
        "duration_ms": 0,
        "came_before": False,
        "is_recruiter": False,
        "is_bounce": False,
        "is_human": True,
    }
    return VisitFacts(**(plain | changes))


@pytest.mark.parametrize(
    ("changes", "percent", "level"),
    [
        ({}, 5, "low"),
        ({"is_bounce": True, "page_views": 1}, 1, "low"),
        ({"interactions": 1}, 14, "low"),
        ({"interactions": 5}, 32, "medium"),
        ({"interactions": 2, "is_recruiter": True, "page_views": 6}, 72, "high"),
        ({"goals": ["Résumé"]}, 100, "converted"),
        ({"is_human": False}, None, ""),
    ],
)
def test_reasons_move_the_likelihood(changes, percent, level):
    likelihood = conversion_likelihood(facts(**changes), site_conversions=0, site_sessions=0)
    assert (likelihood.percent, likelihood.level) == (percent, level)


def test_no_visit_is_certain_before_its_goal():
    certain = facts(interactions=9, page_views=9, duration_ms=900_000, came_before=True, is_recruiter=True)
    assert conversion_likelihood(certain, site_conversions=1000, site_sessions=1000).percent == 99


def test_a_visitor_sees_his_own_pages_and_no_verdict():
    session = a_session(NOON, pages=["/", "/about/"], recruiter_score=90, is_recruiter=True, visitor_id=4)
    assert service.current_session([4, 0], now=NOON + timedelta(minutes=20)) == CurrentSession(
        OwnSession(
            session_id=session.session_id,
            started_at=NOON,
            last_activity_at=NOON + timedelta(minutes=1),
            page_views=2,
            interactions=0,
            pages=(
                OwnPage("/", "Title of /", NOON),
                OwnPage("/about/", "Title of /about/", NOON + timedelta(minutes=1)),
            ),
        )
    )


@pytest.mark.parametrize(("ids", "minutes"), [([4], 31), ([5], 0), ([0], 0), ([], 0)])
def test_an_ended_or_unknown_visit_is_no_session(ids, minutes):
    a_session(NOON, visitor_id=4)
    assert service.current_session(ids, now=NOON + timedelta(minutes=minutes)) == CurrentSession(None)
