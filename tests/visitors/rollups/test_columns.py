"""Columns come back as they were written, answer filters of closed days, and go with the facts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.visitors.builders import NOON, a_page_view, a_session
from visitors.models import DayColumn
from visitors.reports.periods import Period
from visitors.reports.scope import Filter, HasDone, Operator, Scope
from visitors.reports.sums import page_totals, split, totals_by_key
from visitors.rollups.build import roll_up
from visitors.rollups.columns import Column, column_of_texts, decode, encode
from visitors.rollups.dirt import mark_dirty

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
        Filter("page", "/"),
        Filter("city", "Ams", Operator.CONTAINS),
        Filter("country", "nl", ignores_case=True),
        Filter("weekday", "1"),
        Filter("application", "x"),
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
