"""`/api/v1/stats/` answers as third-party tools expect it, from the project's own figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.visitors.builders import a_session
from visitors.models import TokenScope

from .builders import DOWNLOADED, a_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("visits")]


def asked(name: str, **query: Any) -> Any:
    headers = {"Authorization": f"Bearer {a_token(TokenScope.READ)}"}
    given = {"site_id": "testserver"} | query
    return Client(headers=headers).get(
        f"/api/v1/stats/{name}", {key: value for key, value in given.items() if value is not ...}
    )


def results(name: str, **query: Any) -> Any:
    answer = asked(name, **query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_an_aggregate_holds_a_value_for_each_metric() -> None:
    assert results("aggregate", period="7d", metrics="visitors,pageviews,bounce_rate,visit_duration") == {
        "visitors": {"value": 3},
        "pageviews": {"value": 6},
        "bounce_rate": {"value": 33.3},
        "visit_duration": {"value": 50},
    }


def test_a_comparison_adds_the_change() -> None:
    assert results("aggregate", period="day", metrics="visitors,bounce_rate,events", compare="previous_period") == {
        "visitors": {"value": 2, "change": 100.0},
        "bounce_rate": {"value": 50.0, "change": 50.0},
        "events": {"value": 4, "change": 0.0},
    }


@pytest.mark.parametrize(
    ("query", "visitors"),
    [
        ({}, 3),
        ({"period": "day"}, 2),
        ({"period": "day", "date": "2026-11-19"}, 1),
        ({"period": "7d", "date": "2026-11-19"}, 1),
        ({"period": "7d", "date": "2026-11-18"}, 0),
        ({"period": "month", "date": "2026-11-02"}, 3),
        ({"period": "month", "date": "2026-10-31"}, 0),
        ({"period": "6mo", "date": "2026-11-01"}, 3),
        ({"period": "12mo", "date": "2027-10-31"}, 3),
        ({"period": "year", "date": "2026-02-28"}, 3),
        ({"period": "all"}, 3),
        ({"period": "custom", "date": "2026-11-01,2026-11-19"}, 1),
        ({"filters": "visit:source==LinkedIn"}, 1),
        ({"filters": "visit:country!=DE;event:page==/res*/"}, 1),
        ({"filters": f"event:goal=={DOWNLOADED}"}, 1),
        ({"with_imported": "true"}, 3),
    ],
)
def test_a_period_and_filters_are_read(query: dict[str, str], visitors: int) -> None:
    assert results("aggregate", **query) == {"visitors": {"value": visitors}}


def test_a_timeseries_has_every_day() -> None:
    rows = results("timeseries", period="7d", metrics="visitors,pageviews,bounce_rate")
    assert [row["date"] for row in rows] == [f"2026-11-{day}" for day in range(14, 21)]
    assert rows[0] == {"date": "2026-11-14", "visitors": 0, "pageviews": 0, "bounce_rate": None}
    assert rows[-1] == {"date": "2026-11-20", "visitors": 2, "pageviews": 3, "bounce_rate": 50.0}


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ({"period": "day"}, "2026-11-20 00:00:00", 19),
        ({"period": "12mo"}, "2025-12-01", 12),
        ({"period": "30d", "interval": "month"}, "2026-10-22", 2),
        ({"period": "7d", "interval": "date"}, "2026-11-14", 7),
        ({"period": "month", "date": "2026-11-03"}, "2026-11-01", 20),
    ],
)
def test_the_interval_fits_the_period_or_is_asked_for(query: dict[str, str], first: str, count: int) -> None:
    rows = results("timeseries", **query)
    assert (rows[0]["date"], len(rows)) == (first, count)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"property": "event:page", "limit": 1}, [{"page": "/", "visitors": 3}]),
        (
            {"property": "event:page", "limit": 2, "page": 2},
            [{"page": "/projects/", "visitors": 1}, {"page": "/resume/", "visitors": 1}],
        ),
        (
            {"property": "visit:source", "metrics": "visitors,visits"},
            [
                {"source": "Direct / None", "visitors": 2, "visits": 2},
                {"source": "LinkedIn", "visitors": 1, "visits": 1},
            ],
        ),
        ({"property": "event:entry_page"}, [{"entry_page": "/", "visitors": 3}]),
        (
            {"property": "event:props:plan", "metrics": "events"},
            [{"plan": "(none)", "events": 1}, {"plan": "pro", "events": 1}],
        ),
        (
            {"property": "event:goal", "metrics": "visitors,conversion_rate"},
            [{"goal": DOWNLOADED, "visitors": 1, "conversion_rate": 33.3}],
        ),
    ],
)
def test_a_breakdown_has_a_row_for_each_value(query: dict[str, Any], expected: Any) -> None:
    assert results("breakdown", **query) == expected


def test_who_is_here_is_a_bare_number() -> None:
    a_session(timezone.now() - timedelta(minutes=1))
    answer = asked("realtime/visitors")
    assert (answer.status_code, answer.json()) == (200, 1)


@pytest.mark.parametrize(
    ("name", "query", "message"),
    [
        ("realtime/visitors", {"site_id": "healthcheck"}, "`site_id` must be a host of this site"),
        ("aggregate", {"site_id": ...}, "`site_id` must be a host of this site, not None"),
        ("aggregate", {"period": "5d"}, "`period` must be one of day, 24h"),
        ("aggregate", {"period": "custom"}, "`date` must be two days"),
        ("aggregate", {"period": "custom", "date": "2026-11-20,2026-11-01"}, "`date` must be a day on or after"),
        ("aggregate", {"period": "day", "date": "soon"}, "`date` must be a day such as"),
        ("aggregate", {"period": "all", "date": "2026-11-01"}, "`date` must be left out when `period` is all"),
        ("aggregate", {"metrics": "hits"}, "`metrics` must be names out of visitors"),
        ("aggregate", {"metrics": "percentage"}, "`metrics` must be without percentage"),
        ("aggregate", {"compare": "last_year"}, "`compare` must be previous_period"),
        ("aggregate", {"filters": "visit:planet==x"}, "`filters` must be of dimensions out of"),
        ("aggregate", {"perod": "7d"}, "`perod` must be left out"),
        ("breakdown", {}, "`dimensions` must be of dimensions out of"),
        ("breakdown", {"property": "event:page", "limit": "0"}, "`limit` must be between 1 and 1000"),
        ("breakdown", {"property": "event:page", "page": "x"}, "`page` must be a whole number"),
        ("timeseries", {"interval": "decade"}, "`interval` must be one of minute"),
        ("timeseries", {"period": "30d", "interval": "minute"}, "`period` must be at most 2 days"),
    ],
)
def test_a_question_that_breaks_a_rule_is_answered_with_it(name: str, query: dict[str, Any], message: str) -> None:
    answer = asked(name, **query)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert answer.json()["error"].startswith(message)


@pytest.mark.parametrize("name", ["aggregate", "breakdown", "timeseries", "realtime/visitors"])
def test_nobody_asks_without_a_token(name: str) -> None:
    answer = Client().get(f"/api/v1/stats/{name}", {"site_id": "testserver"})
    assert (answer.status_code, list(answer.json()), answer.headers["WWW-Authenticate"]) == (401, ["error"], "Bearer")


@pytest.mark.parametrize(
    ("name", "query", "queries"),
    [
        ("aggregate", {"metrics": "visitors,pageviews,bounce_rate"}, 3),
        ("aggregate", {"metrics": "conversion_rate", "filters": f"event:goal=={DOWNLOADED}"}, 5),
        ("breakdown", {"property": "event:page"}, 3),
        ("timeseries", {}, 3),
        ("realtime/visitors", {}, 2),
    ],
)
def test_a_question_costs_so_many_queries(
    name: str, query: dict[str, str], queries: int, django_assert_num_queries: Any
) -> None:
    headers = {"Authorization": f"Bearer {a_token(TokenScope.READ)}"}
    client = Client(headers=headers)
    given = {"site_id": "testserver"} | query
    client.get(f"/api/v1/stats/{name}", given)
    with django_assert_num_queries(queries):
        client.get(f"/api/v1/stats/{name}", given)
