"""Sums by day and key: what adds up, what is folded, and that rollups answer like the facts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.visitors.builders import NOON, a_page_view, a_session
from visitors.reports.periods import Period
from visitors.reports.scope import Filter, Scope
from visitors.reports.sums import act_totals, page_totals, sums_by_key, totals_by_key
from visitors.rollups.dimensions import BETWEEN, GOAL, NOT_FOUND, PAGES, SESSION_DIMENSIONS, TARGET
from visitors.rollups.totals import ActTotals, PageTotals, Totals

pytestmark = pytest.mark.django_db

DAY = NOON.date()
SCOPE = Scope(Period(DAY - timedelta(days=2), DAY + timedelta(days=1)))
HOUR = timedelta(hours=1)


def test_visitors_are_counted_once_a_day_and_key():
    for at in (NOON, NOON + HOUR, NOON - timedelta(days=1)):
        a_session(at, visitor_id=7, source="Google")
    a_session(NOON, visitor_id=7, source="Bing")
    assert sums_by_key(SCOPE)[DAY][""].visitors == 1
    found = totals_by_key(SCOPE, dimension="source")
    assert {key: (sums.visitors, sums.sessions) for key, sums in found.items()} == {"Google": (2, 3), "Bing": (1, 1)}


def test_bots_are_a_sum_of_their_own():
    a_session(is_bot=True, country="NL")
    assert totals_by_key(SCOPE, dimension="country") == {"NL": Totals(bots=1)}


def test_pages_carry_time_depth_and_where_visits_begin_and_end():
    session = a_session(pages=("/", "/a"), visitor_id=1)
    a_page_view(session, "/a", after=HOUR, scroll_depth=40, is_confirmed=True, title="Z")
    a_page_view(session, "/nowhere", status=404)
    assert page_totals(SCOPE) == {
        "/": PageTotals(1, 1, 0, 1, 60_000, 0, 0, 1, 0, "Title of /"),
        "/a": PageTotals(1, 2, 1, 0, 0, 1, 40, 0, 1, "Z"),
    }
    assert page_totals(SCOPE, dimension=PAGES) == {"": PageTotals(1, 3, 1, 1, 60_000, 1, 40)}
    assert page_totals(SCOPE, dimension=NOT_FOUND)["/nowhere"].page_views == 1


def test_acts_and_goals():
    a_session(visitor_id=1, acts=("download", "download"), converted_goals=["resume", "contact"])
    a_session(visitor_id=1, acts=("download",), converted_goals=["resume"])
    assert act_totals(SCOPE) == {"download": ActTotals(1, 2, 3)}
    assert act_totals(SCOPE, dimension=TARGET) == {f"download{BETWEEN}": ActTotals(1, 2, 3)}
    assert act_totals(SCOPE, dimension=GOAL) == {"resume": ActTotals(1, 2), "contact": ActTotals(1, 1)}


def test_the_smallest_keys_of_a_day_are_one_row():
    for number in range(502):
        a_session(city=f"City {number:03}", pages=())
    a_session(city="City 500")
    found = totals_by_key(SCOPE, dimension="city")
    assert len(found) == 501
    assert found["City 500"].sessions == 1
    assert found["(other)"] == Totals(empty=2)


def test_filters_narrow_every_sum():
    a_session(pages=("/", "/a"), acts=("download",), country="NL")
    a_session(pages=("/b",), acts=("contact",), country="DE")
    scope = Scope(SCOPE.period, (Filter("country", "DE"),))
    assert totals_by_key(scope, dimension="entry").keys() == {"/b"}
    assert page_totals(scope).keys() == {"/b"}
    assert act_totals(scope).keys() == {"contact"}


@pytest.mark.parametrize("dimension", SESSION_DIMENSIONS)
def test_every_dimension_divides_the_whole(dimension):
    a_session(pages=("/", "/a"), acts=("download",))
    a_session(NOON + HOUR, pages=("/",), is_bot=True, bot_kind="search")
    parts = sums_by_key(SCOPE, dimension=dimension)[DAY]
    assert sum(parts.values(), start=Totals()) == sums_by_key(SCOPE)[DAY][""]
