"""Columns come back as they were written, answer filters of closed days, and go with the facts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.visitors.builders import NOON, a_page_view, a_session, an_interaction
from visitors.models import DayColumn
from visitors.reports.periods import Period
from visitors.reports.scope import Filter, HasDone, Operator, Scope
from visitors.reports.sums import act_totals, page_totals, split, totals_by_key
from visitors.rollups.build import roll_up
from visitors.rollups.columns import Column, column_of_texts, decode, encode
from visitors.rollups.dirt import EVERY_DAY_HAS, mark_dirty

DAY = NOON.date()
NEXT = DAY + timedelta(days=1)
NL = Filter("country", "NL")
SCOPE = Scope(Period(DAY, NEXT), (NL,))


@given(numbers=st.lists(st.integers(0, 2**64 - 1)) | st.lists(st.integers(0, 1)) | st.lists(st.integers(0, 300)))
def test_numbers_come_back(numbers):
    assert list(decode(encode(Column(numbers))).numbers) == numbers


@given(texts=st.lists(st.text(max_size=5)))
def test_texts_come_back(texts):
    found = decode(encode(column_of_texts(texts)))
    assert [found.texts[place] for place in found.numbers] == texts


@pytest.mark.django_db
def test_filters_of_a_closed_day_ask_its_columns_alone(django_assert_num_queries):
    a_session(country="NL", source="Google")
    a_session(country="DE", source="Google")
    roll_up(DAY)
    with django_assert_num_queries(2):
        assert totals_by_key(SCOPE, dimension="source")["Google"].sessions == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        Filter("title", "Title of /"),
        Filter("page", "/*", Operator.MATCHES),
        Filter("target", "x"),
        Filter("country", "nl", ignores_case=True),
        Filter("weekday", "1"),
        HasDone(Filter("act", "download")),
    ],
    ids=str,
)
def test_what_columns_do_not_know_is_asked_of_the_facts(asked):
    roll_up(DAY)
    assert split(SCOPE).packed == (DAY,)
    assert split(Scope(SCOPE.period, (asked,))).packed == ()


@pytest.mark.django_db
def test_columns_go_when_a_fact_of_their_day_changes():
    a_session(country="NL")
    roll_up(DAY)
    mark_dirty([DAY])
    assert not DayColumn.objects.exists()
    assert split(SCOPE).raw == (DAY,)


@pytest.mark.django_db
def test_a_page_after_midnight_counts_where_its_visit_is_in_the_period():
    session = a_session(NOON + timedelta(hours=11, minutes=50), country="NL", pages=("/",))
    a_page_view(session, "/late", after=timedelta(hours=1))
    both = Scope(Period(DAY, NEXT + timedelta(days=1)), (NL,))
    second = Scope(Period(NEXT, NEXT + timedelta(days=1)), (NL,))
    raw = page_totals(both), page_totals(second)
    assert raw[0].keys() == {"/", "/late"}
    assert roll_up(DAY)
    assert roll_up(NEXT)
    assert (page_totals(both), page_totals(second)) == raw


@pytest.mark.django_db
@pytest.mark.parametrize("operator", [Operator.IS, Operator.IS_NOT, Operator.CONTAINS])
@pytest.mark.parametrize("asked", [("page", "/late"), ("page", "/"), ("act", "contact"), ("act", "download")])
@pytest.mark.parametrize("is_bot", [False, True])
def test_what_a_visit_did_on_another_day_is_asked_of_both(asked, operator, is_bot):
    name, value = asked
    if name == "act" and operator is Operator.CONTAINS:
        value = value[1:]
    at = NOON + timedelta(hours=11, minutes=50)
    hour = timedelta(hours=1)
    session = a_session(at, pages=("/",), acts=("download",), is_bot=is_bot, last_activity_at=at + hour)
    a_page_view(session, "/late", after=hour)
    an_interaction(session, "contact", after=hour)
    for other in (NOON, NOON + timedelta(days=1)):
        a_session(other, pages=("/late",), acts=("contact",))
        a_session(other, pages=("/",), acts=("download",), is_bot=True)
    periods = [Period(DAY, NEXT), Period(NEXT, NEXT + timedelta(days=1)), Period(DAY, NEXT + timedelta(days=1))]
    scopes = [Scope(period, (Filter(name, value, operator),)) for period in periods]

    def told():
        return [(totals_by_key(scope, dimension="entry"), page_totals(scope), act_totals(scope)) for scope in scopes]

    raw = told()
    assert roll_up(DAY)
    assert roll_up(NEXT)
    assert split(scopes[2]).packed == (DAY, NEXT)
    assert told() == raw


@pytest.mark.django_db
def test_days_built_before_a_column_was_kept_are_read_from_the_facts():
    a_session(country="NL")
    roll_up(DAY)
    assert split(SCOPE).packed == (DAY,)
    DayColumn.objects.filter(name=EVERY_DAY_HAS).delete()
    assert split(SCOPE).raw == (DAY,)
