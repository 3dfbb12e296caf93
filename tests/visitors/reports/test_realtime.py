"""What happens now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.visitors.builders import NOON, a_session
from visitors import analytics_service as service
from visitors.models import PageView, first_id
from visitors.reports.answers import Counted
from visitors.reports.realtime import LatestInteraction, Minute

pytestmark = pytest.mark.django_db


def ago(minutes, seconds=0):
    return NOON - timedelta(minutes=minutes, seconds=seconds)


def test_current_visitors_are_the_people_of_the_last_five_minutes():
    a_session(ago(5), visitor_id=1)
    a_session(ago(1), visitor_id=1)
    a_session(ago(2), visitor_id=2)
    a_session(ago(5, 1), visitor_id=3)
    a_session(ago(1), is_bot=True)
    a_session(ago(1), is_owner=True)
    answer = service.real_time(now=NOON)
    assert (answer.current_visitors, answer.sessions) == (2, 4)
    assert service.current_visitors(now=NOON) == 2


def test_views_whose_ids_run_ahead_of_the_clock_count_in_the_latest_minute():
    late = a_session(ago(3), visitor_id=1, pages=["/"])
    view = PageView.objects.get(session_id=late.id)
    PageView.objects.filter(pk=view.pk).update(id=first_id(NOON + timedelta(hours=1)))
    minutes = service.real_time(now=NOON).minutes
    assert [minute for minute in minutes if minute.page_views] == [Minute(0, 1, 1)]


def test_a_minute_ends_with_its_last_millisecond():
    a_session(ago(3), visitor_id=1, pages=["/"])
    a_session(ago(2) - timedelta(milliseconds=1), visitor_id=2, pages=["/"])
    minutes = service.real_time(now=NOON).minutes
    assert [minute for minute in minutes if minute.page_views] == [Minute(3, 1, 1), Minute(2, 1, 1)]


def test_thirty_minutes_are_counted_oldest_first():
    a_session(ago(0, 30), visitor_id=1, pages=["/"])
    a_session(ago(3, 30), visitor_id=2, pages=["/", "/about/"])
    a_session(ago(31), pages=["/"])
    minutes = service.real_time(now=NOON).minutes
    assert [minute.minutes_ago for minute in minutes] == list(range(29, -1, -1))
    assert [minute for minute in minutes if minute.page_views] == [Minute(3, 1, 1), Minute(2, 1, 1), Minute(0, 1, 1)]


def test_pages_and_sources_are_those_of_now():
    a_session(ago(1), pages=["/about/"], source="LinkedIn")
    a_session(ago(2), pages=["/about/"], source="LinkedIn")
    a_session(ago(20), pages=["/"], source="Hacker News")
    answer = service.real_time(now=NOON)
    assert answer.pages == (Counted("/about/", 2),)
    assert answer.sources == (Counted("LinkedIn", 2),)


def test_who_reads_for_long_is_still_on_the_page():
    a_session(ago(12), pages=["/", "/about/"], last_activity_at=ago(1), visitor_id=1)
    a_session(ago(3), pages=["/about/"], visitor_id=2)
    a_session(ago(2), pages=(), acts=["contact"], visitor_id=3)
    answer = service.real_time(now=NOON)
    assert (answer.current_visitors, answer.pages) == (3, (Counted("/about/", 2),))


def test_sessions_in_progress_and_the_latest_acts_come_newest_first():
    first = a_session(ago(10), acts=["chat_start"])
    second = a_session(ago(1), acts=["download"])
    a_session(ago(45))
    answer = service.real_time(now=NOON)
    assert [session.session_id for session in answer.sessions_in_progress] == [second.session_id, first.session_id]
    assert answer.latest_interactions == (
        LatestInteraction(ago(1), "download", "", "/"),
        LatestInteraction(ago(10), "chat_start", "", "/"),
    )
