"""Events of goals and pages, and the money that acts brought, as clients of the Stats API ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.visitors.builders import NOON, a_page_view, a_session, an_interaction
from visitors.models import VisitorInteraction

from .test_stats_v2 import asked, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]

BOUGHT, READ, DEEP = "Bought", "Read", "Read for long"
GOALS = {
    BOUGHT: {"interaction": "purchase"},
    READ: {"page": "/projects/*"},
    DEEP: {"page": "/projects/*", "engaged_seconds": 30},
}
OF_BOUGHT = [["is", "event:goal", [BOUGHT]]]


@pytest.fixture
def shop(settings: Any) -> Iterator[None]:
    """Two buy: one by LinkedIn twice, one directly once; a third reads two projects."""
    settings.VISITORS = settings.VISITORS | {"GOALS": GOALS}
    first = a_session(NOON, pages=("/shop/",), source="LinkedIn", country="PL", converted_goals=[BOUGHT])
    for amount in (19.9, 5):
        an_interaction(first, "purchase", path="/shop/", details={"plan": "pro", "revenue": amount, "currency": "EUR"})
    second = a_session(NOON - timedelta(days=1), pages=("/shop/",), country="DE", converted_goals=[BOUGHT])
    an_interaction(second, "purchase", path="/shop/", details={"revenue": 1200.15, "currency": "EUR"})
    an_interaction(second, "purchase", path="/shop/", details={"revenue": "much", "currency": "EUR"})
    an_interaction(second, "outbound", path="/shop/")
    third = a_session(NOON, pages=("/projects/a/", "/projects/b/"), converted_goals=[READ, DEEP])
    a_page_view(third, "/shop/", after=timedelta(minutes=2))
    with time_machine.travel(datetime(2026, 11, 20, 18, 0, tzinfo=UTC), tick=False):
        yield


def euro(value: float, short: str, long: str) -> dict[str, Any]:
    return {"value": value, "currency": "EUR", "short": short, "long": long}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"dimensions": ["event:goal"]}, [(BOUGHT, 4), (READ, 2), (DEEP, 1)]),
        ({"dimensions": ["event:goal"], "filters": OF_BOUGHT}, [(BOUGHT, 4)]),
        ({"filters": OF_BOUGHT}, [(4,)]),
        ({"filters": [["is", "event:goal", [BOUGHT, DEEP]]]}, [(7,)]),
        ({"filters": OF_BOUGHT, "dimensions": ["time:day"]}, [("2026-11-19", 2), ("2026-11-20", 2)]),
        ({"dimensions": ["event:page"]}, [("/shop/", 8), ("/projects/a/", 1), ("/projects/b/", 1)]),
        ({"filters": [["is", "event:page", ["/shop/"]]]}, [(8,)]),
        (
            {"dimensions": ["event:page", "event:goal"], "filters": OF_BOUGHT, "metrics": ["visitors"]},
            "`dimensions` must be those that a page view carries",
        ),
        ({"dimensions": ["event:page", "visit:source"]}, "`dimensions` must be those that an interaction carries"),
    ],
)
def test_events_are_those_of_the_goal_or_page(body: dict[str, Any], expected: Any) -> None:
    question = {"metrics": ["events"], "date_range": "7d"} | body
    if isinstance(expected, str):
        assert asked(**question).json()["error"].startswith(expected)
        return
    assert rows(**question) == expected


def test_amounts_are_added_up_and_averaged() -> None:
    total, mean = euro(1225.05, "€1.2K", "€1,225.05"), euro(408.35, "€408.35", "€408.35")
    answer = asked(metrics=["total_revenue", "average_revenue"], date_range="7d", filters=OF_BOUGHT).json()
    assert (answer["results"][0]["metrics"], answer["meta"]) == ([total, mean], {})
    assert rows(metrics=["total_revenue"], date_range="7d") == [(total,)]


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("visit:source", [("Direct / None", 1200.15), ("LinkedIn", 24.9)]),
        ("visit:country_name", [("Germany", 1200.15), ("Poland", 24.9)]),
        ("time:day", [("2026-11-19", 1200.15), ("2026-11-20", 24.9)]),
        ("event:goal", [(BOUGHT, 1225.05)]),
        ("event:props:plan", [("(none)", 1200.15), ("pro", 24.9)]),
    ],
)
def test_amounts_are_divided_and_put_in_order(dimension: str, expected: list[Any]) -> None:
    order = {} if dimension.startswith("time") else {"order_by": [["total_revenue", "desc"]]}
    found = rows(metrics=["total_revenue"], date_range="7d", dimensions=[dimension], filters=OF_BOUGHT, **order)
    assert [(name, money["value"]) for name, money in found] == expected


def test_a_goal_without_amounts_has_none_and_says_why() -> None:
    answer = asked(metrics=["total_revenue"], date_range="7d", filters=[["is", "event:goal", [READ]]]).json()
    assert answer["results"][0]["metrics"] == [None]
    assert answer["meta"]["metric_warnings"]["total_revenue"]["code"] == "no_revenue_goals_matching"


def test_amounts_of_several_currencies_are_not_added() -> None:
    VisitorInteraction.objects.filter(details__revenue=5).update(details={"revenue": 5, "currency": "USD"})
    answer = asked(metrics=["average_revenue"], date_range="7d", dimensions=["visit:source"]).json()
    assert [row["metrics"] for row in answer["results"]] == [[None], [None]]
    assert answer["meta"]["metric_warnings"]["average_revenue"]["code"] == "no_single_revenue_currency"
