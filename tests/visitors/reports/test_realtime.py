"""What happens now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.visitors.builders import NOON, a_session
from visitors import analytics_service as service
from visitors.models import PageView, first_id
from visitors.reports.answers import Counted
from visitors.reports.minutes import Minute
from visitors.reports.realtime import LatestInteraction

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


def test_a_view_counts_when_it_was_seen_though_a_clock_set_back_numbered_it_later():
    late = a_session(ago(3), visitor_id=1, pages=["/"])
    view = PageView.objects.get(session_id=late.id)
    PageView.objects.filter(pk=view.pk).update(id=first_id(NOON + timedelta(hours=1)))
    minutes = service.real_time(now=NOON).minutes
    assert [minute for minute in minutes if minute.page_views] == [Minute(3, 1, 1)]


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


def test_visitors_of_a_minute_are_people_who_were_shown_a_page():
    a_session(ago(2, 5), visitor_id=1, pages=["/", "/about/"])
    a_session(ago(2, 10), visitor_id=1, pages=["/"], campaign="other")
    a_session(ago(2, 15), visitor_id=2, pages=["/"])
    a_session(ago(2, 20), visitor_id=3, pages=["/"], is_bot=True)
    lost = a_session(ago(2, 25), visitor_id=4, pages=["/gone/"])
    PageView.objects.filter(session_id=lost.id).update(status=404)
    minutes = service.real_time(now=NOON - timedelta(microseconds=1)).minutes
    expected = [
        {"visitors": len({view.visitor_id for view in views}), "page_views": len(views)}
        for ago_ in reversed(range(30))
        for views in [list(_shown_between(ago(ago_ + 1), ago(ago_)))]
    ]
    assert [{"visitors": each.visitors, "page_views": each.page_views} for each in minutes] == expected
    assert sum(each.page_views for each in minutes) == 4


def _shown_between(since, until):
    return PageView.objects.humans().shown().filter(viewed_at__gte=since, viewed_at__lt=until)


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
