"""Facts for the owner's own tools, row by row."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.visitors.builders import NOON, a_page_view, a_session, an_interaction
from visitors.reports.conditions import Filter
from visitors.reports.export import Dataset, export
from visitors.reports.periods import Period
from visitors.reports.scope import Scope

pytestmark = pytest.mark.django_db

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))


def rows(dataset, *filters):
    found = export(Scope(WEEK, filters), dataset)
    return [dict(zip(found.header, row, strict=True)) for row in found.rows]


def test_visits_are_told_in_full_but_for_what_tells_visitors_apart():
    session = a_session(pages=("/", "/a"), acts=("download",), converted_goals=["Call"], country="DE")
    (row,) = rows(Dataset.SESSIONS)
    assert (row["visit"], row["session_id"]) == (str(session.id), str(session.session_id))
    assert (row["page_views"], row["interactions"], row["goals"], row["country"]) == (2, 1, ["Call"], "DE")
    assert not set(row) & {"visitor_id", "bot_user_agent", "recruiter_logit", "recruiter_signals"}


def test_pages_and_acts_name_their_visit_as_the_visits_do():
    session = a_session(pages=("/a",))
    an_interaction(session, "outbound", target="https://x.test", details={"from": "tracker"})
    (view,), (act,) = rows(Dataset.PAGE_VIEWS), rows(Dataset.INTERACTIONS)
    assert view["visit"] == act["visit"] == str(session.id)
    assert (view["path"], view["viewed_at"]) == ("/a", NOON)
    assert (act["kind"], act["target"], act["details"]) == ("outbound", "https://x.test", {"from": "tracker"})


@pytest.mark.parametrize("dataset", list(Dataset))
def test_bots_are_left_out_and_filters_and_periods_hold(dataset):
    for source in ("X", "Y"):
        a_session(source=source, acts=("download",))
    a_session(source="X", acts=("download",), is_bot=True)
    a_session(NOON - timedelta(days=7), source="X", acts=("download",))
    assert len(rows(dataset)) == 2
    assert len(rows(dataset, Filter("source", "X"))) == 1


def test_pages_not_found_are_left_out():
    a_page_view(a_session(pages=("/",)), "/gone", status=404)
    assert [row["path"] for row in rows(Dataset.PAGE_VIEWS)] == ["/"]


@pytest.mark.parametrize("dataset", list(Dataset))
def test_an_export_is_one_query_that_is_asked_when_its_rows_are_taken(dataset, django_assert_num_queries):
    for minute in range(3):
        a_session(NOON + timedelta(minutes=minute), acts=("download",))
    with django_assert_num_queries(0):
        found = export(Scope(WEEK), dataset)
    with django_assert_num_queries(1):
        assert len(list(found.rows)) == 3
