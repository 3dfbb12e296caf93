"""What acts brought, by what they and their visits carry."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.visitors.builders import NOON, a_session, an_interaction
from visitors import analytics_service as service
from visitors.exceptions import InvalidParameter
from visitors.reports import revenue
from visitors.reports.periods import Period
from visitors.reports.query import Query
from visitors.reports.revenue import Money
from visitors.reports.scope import Filter, Operator

pytestmark = pytest.mark.django_db

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))


def found(*dimensions, filters=()):
    return service.revenue(Query(metrics=("interactions",), period=WEEK, dimensions=dimensions, filters=filters))


@pytest.fixture
def sales():
    """A bot buys nothing, and what is no number is no amount."""
    first = a_session(source="LinkedIn", browser="")
    an_interaction(first, "purchase", details={"revenue": 0.1, "currency": "EUR", "gift": True}, path="/a")
    an_interaction(first, "purchase", details={"revenue": 0.2, "currency": "EUR"}, path="/b")
    second = a_session(NOON - timedelta(days=1), source="X")
    an_interaction(second, "booking", details={"revenue": "7", "currency": "CHF"}, path="/a")
    an_interaction(second, "booking", details={"revenue": "NaN", "currency": "CHF"})
    an_interaction(second, "booking", details={"revenue": "x", "currency": "CHF"})
    an_interaction(second, "booking", details={"note": "free"})
    bot = a_session(is_bot=True)
    an_interaction(bot, "purchase", details={"revenue": 9, "currency": "EUR"}, is_human=False)


EURO, FRANC = Money("EUR", Decimal("0.3"), 2), Money("CHF", Decimal(7), 1)


@pytest.mark.usefixtures("sales")
@pytest.mark.parametrize("chunk", [1, 1000])
@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        ((), {(): (FRANC, EURO)}),
        (("source",), {("LinkedIn",): (EURO,), ("X",): (FRANC,)}),
        (("browser",), {("(unknown)",): (EURO,), ("Firefox",): (FRANC,)}),
        (("act", "time"), {("purchase", "2026-11-20"): (EURO,), ("booking", "2026-11-19"): (FRANC,)}),
        (("time:hour",), {("2026-11-20T12:00",): (EURO,), ("2026-11-19T12:00",): (FRANC,)}),
        (("weekday", "hour"), {(5, 12): (EURO,), (4, 12): (FRANC,)}),
        (
            ("page",),
            {
                ("/a",): (FRANC, Money("EUR", Decimal("0.1"), 1)),
                ("/b",): (Money("EUR", Decimal("0.2"), 1),),
            },
        ),
        (
            ("detail:gift",),
            {
                ("true",): (Money("EUR", Decimal("0.1"), 1),),
                ("(unknown)",): (FRANC, Money("EUR", Decimal("0.2"), 1)),
            },
        ),
    ],
)
def test_amounts_are_summed_by_dimension_and_currency(monkeypatch, dimensions, expected, chunk):
    monkeypatch.setattr(revenue, "ACTS_AT_ONCE", chunk)
    assert found(*dimensions) == expected


@pytest.mark.usefixtures("sales")
def test_filters_narrow_acts_and_their_visits(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert found(filters=(Filter("source", "X", Operator.IS_NOT), Filter("page", "/b"))) == {
            (): (Money("EUR", Decimal("0.2"), 1),)
        }
    with django_assert_num_queries(2):
        assert found("source", filters=(Filter("act", "booking"),)) == {("X",): (FRANC,)}


@pytest.mark.parametrize("dimension", ["title", "goal"])
def test_what_no_act_and_no_visit_carries_is_refused(dimension):
    with pytest.raises(InvalidParameter, match="those that an interaction or its visit carries"):
        found(dimension)
