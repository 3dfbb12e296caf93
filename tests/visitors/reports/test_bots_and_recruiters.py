"""Bots by kind, reason and time; recruiters by score."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.visitors.builders import NOON, a_session
from visitors import analytics_service as service
from visitors.exceptions import InvalidParameter
from visitors.reports.answers import Part
from visitors.reports.bots import BotRow, DayCount, HourCount
from visitors.reports.filters import Paging

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=3)


def a_bot(at=NOON, *, name="Googlebot", kind="search", certainty="declared", reason="names itself", **columns):
    return a_session(
        at, is_bot=True, bot_name=name, bot_kind=kind, bot_certainty=certainty, bot_reason=reason, **columns
    )


def test_bots_are_counted_by_kind_certainty_reason_and_name():
    a_bot()
    a_bot(pages=["/", "/about/"])
    a_bot(name="", kind="scanner", certainty="suspected", reason="asked for /.env")
    a_session()
    answer = service.bots(days=1, now=LATER)
    assert answer.sessions == 3
    assert answer.kinds == (Part("search", 2, 66.7), Part("scanner", 1, 33.3))
    assert answer.certainties == (Part("declared", 2, 66.7), Part("suspected", 1, 33.3))
    assert answer.reasons == (Part("names itself", 2, 66.7), Part("asked for /.env", 1, 33.3))
    assert answer.bots == (
        BotRow("Googlebot", "search", "declared", "names itself", 2, 3, NOON + timedelta(minutes=1)),
        BotRow("", "scanner", "suspected", "asked for /.env", 1, 1, NOON),
    )


def test_bots_are_counted_by_day_and_hour():
    a_bot()
    a_bot(NOON - timedelta(days=1, hours=2))
    answer = service.bots(days=3, now=LATER)
    assert answer.days == (
        DayCount(date(2026, 11, 18), 0),
        DayCount(date(2026, 11, 19), 1),
        DayCount(date(2026, 11, 20), 1),
    )
    assert [hour for hour in answer.hours if hour.sessions] == [HourCount(10, 1), HourCount(12, 1)]
    assert len(answer.hours) == 24


def scored(score, **columns):
    band = "likely" if score >= 80 else "possible"
    return a_session(recruiter_score=score, recruiter_band=band, is_recruiter=score >= 50, **columns)


def test_recruiters_come_best_first_with_their_strongest_signals():
    weights = {"a": 0.1, "b": 2.0, "c": -1.0, "d": 0.5}
    signals = [{"signal": name, "weight": weight, "seen": "x"} for name, weight in weights.items()]
    low, high = scored(55), scored(91, recruiter_signals=signals, source="LinkedIn")
    scored(20)
    labelled = a_session(is_recruiter=True, label="recruiter")
    answer = service.recruiters(days=1, now=LATER)
    assert [row.session_id for row in answer.results] == [high.session_id, low.session_id, labelled.session_id]
    assert [signal.signal for signal in answer.results[0].top_signals] == ["b", "c", "d"]
    assert (answer.count, answer.min_score, answer.results[2].label) == (3, None, "recruiter")


def test_a_least_score_replaces_the_threshold():
    scored(20)
    scored(55)
    a_session(is_recruiter=True, label="recruiter")
    assert [row.score for row in service.recruiters(days=1, min_score=20, now=LATER).results] == [55, 20]


def test_bots_and_the_owner_are_no_recruiters():
    scored(90, is_bot=True)
    scored(90, is_owner=True)
    assert service.recruiters(days=1, now=LATER).count == 0
    assert service.recruiters(days=1, min_score=0, now=LATER).count == 0


def test_recruiters_are_paged():
    for score in (60, 70, 80):
        scored(score)
    answer = service.recruiters(days=1, paging=Paging(page=2, page_size=2), now=LATER)
    assert ([row.score for row in answer.results], answer.pages) == ([60], 2)


@pytest.mark.parametrize("score", [-1, 101])
def test_a_score_out_of_range_is_refused(score):
    with pytest.raises(InvalidParameter) as refused:
        service.recruiters(min_score=score)
    assert refused.value.message == f"`min_score` must be between 0 and 100, not {score}."
