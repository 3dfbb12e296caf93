"""What the parameters of an address ask for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from tests.visitors.builders import NOON, a_session
from visitors import analytics_service as service
from visitors.exceptions import InvalidParameter, Rule
from visitors.questions import against_of, refuse_unknown, scope_of
from visitors.questions_filters import filter_of
from visitors.reports.periods import Period
from visitors.reports.scope import AnyOf, Filter, HasDone, Not, Operator, Scope

pytestmark = pytest.mark.django_db  # a filter asks how far visits are kept

NOW = service.clock(NOON)
TODAY = date(2026, 11, 20)
TOMORROW = date(2026, 11, 21)


def scope(text):
    return scope_of(QueryDict(text), NOW)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("", Period(date(2026, 10, 22), TOMORROW, NOW)),
        ("days=2", Period(date(2026, 11, 19), TOMORROW, NOW)),
        ("period=today", Period(TODAY, TOMORROW, NOW)),
        ("from=2026-11-01&to=2026-11-02", Period(date(2026, 11, 1), date(2026, 11, 3))),
    ],
)
def test_a_period_is_asked_in_one_of_three_ways(text, period):
    assert scope(text) == Scope(period)


@pytest.mark.django_db
def test_all_begins_with_the_first_visit():
    assert scope("period=all").period.start == TODAY
    a_session(NOON - timedelta(days=900))
    a_session(NOON - timedelta(days=3))
    assert scope("period=all").period.start == TODAY - timedelta(days=900)


@pytest.mark.parametrize(
    ("text", "against"),
    [
        ("period=today", None),
        ("period=today&compare=previous_period", Period(TODAY - timedelta(1), TODAY, NOW - timedelta(days=1))),
        (
            "period=today&compare=custom&compare_from=2026-01-01&compare_to=2026-01-01",
            Period(date(2026, 1, 1), date(2026, 1, 2), NOW.replace(month=1, day=1)),
        ),
        (
            "period=yesterday&compare=year_over_year",
            Period(date(2025, 11, 19), date(2025, 11, 20)),
        ),
    ],
)
def test_a_comparison_is_asked_by_name(text, against):
    assert against_of(QueryDict(text), NOW) == against


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("source:is:LinkedIn", Filter("source", "LinkedIn")),
        ("source:is:LinkedIn|Google", Filter("source", "LinkedIn", more=("Google",))),
        (r"title:contains:a\|b|c", Filter("title", "a|b", Operator.CONTAINS, ("c",))),
        ("page:matches:/a/*", Filter("page", "/a/*", Operator.MATCHES)),
        (r"page:matches:/a\*", Filter("page", r"/a\*", Operator.MATCHES)),
        ("entry_page:is:/a:is:/b", Filter("entry_page", "/a:is:/b")),
        ("detail:via:is_not:footer", Filter("detail:via", "footer", Operator.IS_NOT)),
        ("has_done:act:is:download", HasDone(Filter("act", "download"))),
        ("has_not_done:page:is:/a", Not(HasDone(Filter("page", "/a")))),
        ("source:is:", Filter("source", "")),
        ('["is", "source", ["a"], {"case_sensitive": false}]', Filter("source", "a", ignores_case=True)),
        (
            '["or", [["is", "hour", [9]], ["not", ["has_done", ["contains", "page", ["a"]]]]]]',
            AnyOf((Filter("hour", "9"), Not(HasDone(Filter("page", "a", Operator.CONTAINS))))),
        ),
    ],
)
def test_a_filter_is_written_name_operator_values(text, condition):
    assert filter_of(text) == condition


def test_several_filters_hold_together():
    asked = QueryDict("filter=source:is:X&filter=country:is:DE")
    refuse_unknown(asked, known=frozenset({"filter"}))
    assert scope("filter=source:is:X&filter=country:is:DE").filters == (Filter("source", "X"), Filter("country", "DE"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("days=0", "`days` must be between 1 and 365, not 0."),
        ("period=x", "`period` must be one of today, yesterday,"),
        ("period=7d&days=7", "`period` must be left out when `days` is given, not '7d'."),
        ("period=7d&from=2026-01-01&to=2026-01-02", "`to` must be left out when `period` is given, not '2026-01-02'."),
        ("from=2026-01-01", "`to` must be given with `from`, not 'left out'."),
        ("from=2026-01-01&to=", "`to` must be a day such as 2026-01-31, from 2000-01-01 on, not ''."),
        ("filter=LinkedIn", "`filter` must be NAME:OPERATOR:VALUE, several values parted by |"),
        ("filter=source:like:x", "`filter` must be NAME:OPERATOR:VALUE"),
        ("filter=colour:is:x", "`filter` must be one of page, title"),
        ('filter=["or"', "`filter` must be NAME:OPERATOR:VALUE, several values parted by |"),
        ('filter=["or", "x"]', "`filter` must be a list such as"),
        ('filter=["is", "source", []]', "`filter` must be given at least one value for source, not '[]'."),
        (f"filter={'[' * 9999}", "`filter` must be NAME:OPERATOR:VALUE"),
        ("compare=x", "`compare` must be one of previous_period, year_over_year, custom, not 'x'."),
        ("compare=custom", "`compare_from` must be given with `compare_to`"),
        ("compare_to=2026-01-01", "`compare_to` must be left out unless `compare` is custom, not '2026-01-01'."),
        ("compare=previous_period&compare_to=2026-01-01", "`compare_to` must be left out unless `compare` is custom"),
    ],
)
def test_what_is_no_question_is_refused_by_name(text, message):
    with pytest.raises(InvalidParameter) as refused:
        scope(text)
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("days=0", Rule.INVALID),
        ("period=7d&days=7", Rule.TOGETHER),
        ("from=2026-01-01", Rule.TOGETHER),
        ("compare=custom", Rule.TOGETHER),
        ("from=2026-01-02&to=2026-01-01", Rule.PERIOD),
        ("from=2010-01-01&to=2026-01-01", Rule.PERIOD),
        ("filter=LinkedIn", Rule.LANGUAGE),
        ("filter=hour:is:99", Rule.LANGUAGE),
        ('filter=["or", []]', Rule.LANGUAGE),
    ],
)
def test_a_refusal_names_the_rule_that_no_schema_says(text, rule):
    with pytest.raises(InvalidParameter) as refused:
        scope(text)
    assert refused.value.rule is rule


@given(st.text(max_size=80))
def test_any_text_is_a_filter_or_refused(text):
    try:
        assert filter_of(text)
    except InvalidParameter as refused:
        assert len(refused.message) < 800
