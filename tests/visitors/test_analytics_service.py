"""Every report costs the same few queries, however many visits there are, and writes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.visitors.builders import NOON, a_session
from visitors import analytics_service as service
from visitors.exceptions import InvalidParameter
from visitors.models import VisitorSession

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=3)

QUERIES = {
    "session_statistics": 11,
    "engagement": 8,
    "behavior": 6,
    "popular_pages": 5,
    "sources": 2,
    "conversions": 3,
    "bots": 6,
    "recruiters": 2,
}


def some_visits(number):
    for each in range(number):
        a_session(NOON - timedelta(minutes=each), pages=["/", f"/{each}/"], acts=["download"], source=f"s{each}")
        a_session(is_bot=True, bot_name=f"bot {each}")
        a_session(is_recruiter=True, recruiter_score=60, converted_goals=["Résumé"])


@pytest.mark.parametrize(("report", "queries"), QUERIES.items())
@pytest.mark.parametrize("visits", [1, 12])
def test_a_report_costs_the_same_queries_at_any_size(report, queries, visits, django_assert_num_queries):
    some_visits(visits)
    with django_assert_num_queries(queries):
        getattr(service, report)(now=LATER)


@pytest.mark.parametrize("visits", [1, 12])
def test_now_one_visit_and_the_own_visit_cost_few_queries(visits, django_assert_num_queries):
    some_visits(visits)
    session = VisitorSession.objects.humans().first()
    with django_assert_num_queries(4):
        service.real_time(now=LATER)
    with django_assert_num_queries(1):
        service.current_visitors(now=LATER)
    with django_assert_num_queries(5):
        service.session_insight(session.session_id, now=LATER)
    with django_assert_num_queries(2):
        service.current_session([session.visitor_id], now=NOON)
    with django_assert_num_queries(0):
        service.current_session([0], now=NOON)


def test_no_report_writes_or_joins():
    some_visits(2)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        for report in QUERIES:
            getattr(service, report)(now=LATER)
        service.real_time(now=NOON)
    statements = [query["sql"] for query in captured]
    # On PostgreSQL long answers are read by a cursor.
    assert all(statement.startswith(("SELECT ", "DECLARE ")) for statement in statements)
    assert not [statement for statement in statements if " JOIN " in statement]


@pytest.mark.parametrize("report", QUERIES)
@pytest.mark.parametrize("days", [0, -3, 366])
def test_every_report_refuses_days_out_of_range(report, days):
    with pytest.raises(InvalidParameter):
        getattr(service, report)(days=days)


def test_the_time_zone_of_now_does_not_move_the_sites_days(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    assert service.sources(days=1, now=NOON + timedelta(hours=4)).period.first_day.isoformat() == "2026-11-21"


def test_no_row_keeps_an_address():
    for name in ("ip", "ip_address", "session_key", "cookie"):
        with pytest.raises(FieldDoesNotExist):
            VisitorSession._meta.get_field(name)
