"""Ways through the site, who came back, and single visits page by page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.visitors.builders import NOON, a_page_view, a_session
from visitors.exceptions import InvalidParameter
from visitors.reports.conditions import Filter
from visitors.reports.journeys import Journey, Neighbour, journeys
from visitors.reports.periods import Period
from visitors.reports.retention import Cohort, WithinDay, retention
from visitors.reports.scope import Scope
from visitors.reports.session_list import session_list

pytestmark = pytest.mark.django_db

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
HERE = Scope(WEEK)


def test_the_most_common_ways_come_first_and_a_reload_is_no_step():
    a_session(pages=("/", "/a", "/b"))
    a_session(pages=("/", "/", "/a", "/b"))
    a_session(pages=("/a",))
    found = journeys(HERE)
    assert (found.sessions, found.sessions_read, found.is_sample) == (3, 3, False)
    assert found.journeys == (Journey(("/", "/a", "/b"), False, 2, 66.7), Journey(("/a",), False, 1, 33.3))
    assert (found.previous, found.next) == ((), ())


def test_a_long_way_is_cut_and_says_so():
    a_session(pages=("/", "/a", "/b"))
    a_session(pages=("/", "/a"))
    assert journeys(HERE, length=2).journeys == (
        Journey(("/", "/a"), False, 1, 50.0),
        Journey(("/", "/a"), True, 1, 50.0),
    )


def test_before_and_after_a_page_stand_its_neighbours():
    a_session(pages=("/", "/a", "/b", "/a"))
    a_session(pages=("/a", "/c"))
    a_session(pages=("/c",))
    found = journeys(HERE, page="/a")
    assert found.previous == (Neighbour("(entry)", 1, 33.3), Neighbour("/", 1, 33.3), Neighbour("/b", 1, 33.3))
    assert found.next == (Neighbour("(exit)", 1, 33.3), Neighbour("/b", 1, 33.3), Neighbour("/c", 1, 33.3))
    assert {way.pages for way in found.journeys} == {("/a", "/b", "/a"), ("/a", "/c")}
    assert (found.page, found.sessions) == ("/a", 2)


def test_neighbours_past_the_list_are_one_row():
    for number in range(25):
        a_session(pages=(f"/{number:02}", "/a"))
    previous = journeys(HERE, page="/a").previous
    assert (len(previous), previous[-1]) == (21, Neighbour("(other)", 5, 20.0))


def test_only_the_latest_visits_are_read_and_the_answer_says_so():
    for minute in range(5):
        a_session(NOON + timedelta(minutes=minute), pages=(f"/{minute}",))
    found = journeys(HERE, most=2)
    assert (found.sessions, found.sessions_read, found.is_sample) == (5, 2, True)
    assert {way.pages for way in found.journeys} == {("/3",), ("/4",)}


def test_bots_and_pages_not_found_are_no_way():
    a_session(pages=("/",), is_bot=True)
    a_page_view(a_session(pages=("/a",)), "/gone", status=404)
    assert [way.pages for way in journeys(HERE).journeys] == [("/a",)]


@pytest.mark.parametrize("visits", [1, 20])
def test_ways_cost_three_queries(visits, django_assert_num_queries):
    for _ in range(visits):
        a_session(pages=("/", "/a"))
    with django_assert_num_queries(3):
        journeys(HERE, page="/a")


def test_without_ids_that_last_only_a_return_within_the_day_is_known():
    a_session(visitor_id=1)
    a_session(NOON + timedelta(hours=2), visitor_id=1)
    a_session(visitor_id=2)
    a_session(NOON - timedelta(days=1), visitor_id=1)
    found = retention(HERE)
    assert (found.available, found.cohorts) == (False, ())
    assert found.reason.startswith("Visitors are told apart within one local day only")
    assert found.within_day == WithinDay(3, 1, 33.3, (6.1, 79.2))


def test_visitors_who_are_known_again_are_followed_from_week_to_week(settings):
    settings.VISITORS = settings.VISITORS | {"PRIVACY": "profiling"}
    monday = NOON - timedelta(days=4 + 14)
    for visitor, days in ((1, (0, 1, 7)), (2, (6, 14)), (3, (7,)), (4, (20,))):
        for day in days:
            a_session(monday + timedelta(days=day), visitor_id=visitor)
    found = retention(Scope(Period(date(2026, 11, 2), date(2026, 11, 23))))
    assert found.available
    all_of_two, half, all_of_one = (34.2, 100.0), (9.5, 90.5), (20.7, 100.0)
    assert found.cohorts == (
        Cohort(date(2026, 11, 2), 2, (2, 1, 1), (100.0, 50.0, 50.0), (all_of_two, half, half)),
        Cohort(date(2026, 11, 9), 1, (1, 0), (100.0, 0.0), (all_of_one, (0.0, 79.3))),
        Cohort(date(2026, 11, 16), 1, (1,), (100.0,), (all_of_one,)),
    )


@pytest.mark.parametrize(("mode", "queries"), [("strict", 2), ("profiling", 3)])
def test_retention_costs_two_queries_and_one_for_cohorts(settings, django_assert_num_queries, mode, queries):
    settings.VISITORS = settings.VISITORS | {"PRIVACY": mode}
    for number in range(9):
        a_session(NOON - timedelta(days=number % 3), visitor_id=number % 4)
    with django_assert_num_queries(queries):
        retention(HERE)


def test_visits_are_listed_latest_first_and_narrowed():
    first = a_session(NOON, source="X", converted_goals=["Call"]).session_id
    second = a_session(NOON + timedelta(minutes=1), source="X").session_id
    a_session(source="Y")
    a_session(source="X", is_bot=True)
    found = session_list(Scope(WEEK, (Filter("source", "X"),)))
    assert ([row.session_id for row in found.results], found.next) == ([second, first], "")
    assert (found.results[1].goals, found.results[1].page_views) == (("Call",), 1)


def test_a_list_goes_on_where_it_ended_whatever_comes_meanwhile(django_assert_num_queries):
    ids = [a_session(NOON + timedelta(minutes=at // 2)).session_id for at in range(7)]
    seen, cursor = [], ""
    for _ in range(4):
        with django_assert_num_queries(2):
            page = session_list(HERE, cursor=cursor, page_size=2)
        seen += [row.session_id for row in page.results]
        cursor = page.next
        a_session(NOON + timedelta(hours=1))
    assert (seen, cursor) == (ids[::-1], "")


@pytest.mark.parametrize("cursor", ["x", "MQ", "MS4y.", "MS4yLjM", "LTEuMQ"])
def test_a_cursor_of_another_list_is_refused(cursor):
    with pytest.raises(InvalidParameter, match="`cursor` must be the `next` of an answer before, not"):
        session_list(HERE, cursor=cursor)


def test_a_cursor_past_all_time_lists_from_the_beginning():
    session = a_session()
    cursor = "OTIyMzM3MjAzNjg1NDc3NTgwNy4x"  # 9223372036854775807.1
    assert [row.session_id for row in session_list(HERE, cursor=cursor).results] == [session.session_id]
