"""Which days an address means, and which addresses a page links to."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.http import QueryDict

from visitors.dashboard.question import read_question
from visitors.exceptions import InvalidParameter
from visitors.reports.scope import Filter, Operator

pytestmark = pytest.mark.django_db  # a filter asks how far visits are kept

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def question(address=""):
    return read_question(QueryDict(address), now=NOW)


@pytest.mark.parametrize(
    ("address", "first", "last", "is_running"),
    [
        ("", (2026, 10, 24), (2026, 11, 22), True),
        ("period=today", (2026, 11, 22), (2026, 11, 22), True),
        ("period=yesterday", (2026, 11, 21), (2026, 11, 21), False),
        ("period=7d", (2026, 11, 16), (2026, 11, 22), True),
        ("period=28d", (2026, 10, 26), (2026, 11, 22), True),
        ("period=month", (2026, 11, 1), (2026, 11, 22), True),
        ("period=year", (2026, 1, 1), (2026, 11, 22), True),
        ("period=12mo", (2025, 12, 1), (2026, 11, 22), True),
        ("from=2026-02-01&to=2026-02-28", (2026, 2, 1), (2026, 2, 28), False),
        ("from=2026-11-20&to=2026-11-30", (2026, 11, 20), (2026, 11, 30), True),
    ],
)
def test_an_address_means_these_days(address, first, last, is_running):
    period = question(address).period
    assert (period.start, period.last_day, period.is_running) == (date(*first), date(*last), is_running)


@pytest.mark.parametrize("day", range(1, 31))
@pytest.mark.parametrize("month", [1, 3, 6, 11])
def test_twelve_months_are_the_month_that_runs_and_eleven_before(month, day):
    now = datetime(2026, month, day, tzinfo=UTC)
    start = read_question(QueryDict("period=12mo"), now=now).period.start
    assert (start.year * 12 + start.month, start.day) == (2026 * 12 + month - 11, 1)


def test_a_year_earlier_begins_on_the_same_weekday():
    asked = question("period=7d&compare=year")
    assert asked.against.start.weekday() == asked.period.start.weekday()
    assert asked.against.start == date(2025, 11, 17)


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("7d", (2026, 11, 9), (2026, 11, 15)),
        ("month", (2026, 10, 1), (2026, 10, 22)),
        ("year", (2025, 1, 1), (2025, 11, 22)),
        ("12mo", (2024, 12, 1), (2025, 11, 22)),
    ],
)
def test_a_running_period_is_compared_up_to_the_same_time(preset, first, last):
    before = question(f"period={preset}").against
    assert (before.start, before.last_day) == (date(*first), date(*last))
    assert before.until == datetime(*last, 14, 0, tzinfo=UTC)


def test_a_month_is_compared_with_a_shorter_one_to_its_end():
    now = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
    assert read_question(QueryDict("period=month"), now=now).against.last_day == date(2026, 2, 28)


def test_nothing_is_compared_when_the_address_says_so():
    assert question("compare=off").against is None


def test_a_link_keeps_what_it_does_not_change_and_leaves_out_the_defaults():
    asked = question("period=7d&source=LinkedIn&metric=visitors")
    assert asked.link(metric="sessions") == "?period=7d&source=LinkedIn&metric=sessions"
    assert asked.link(source=None, period="30d") == "?"


def test_another_period_keeps_the_filters_and_forgets_the_visit():
    asked = question("country=DE&visit=12345678123456781234567812345678")
    assert asked.of_preset("today") == "?country=DE&period=today"


def test_earlier_is_the_same_length_just_before_and_later_ends_with_now():
    asked = question("from=2026-11-09&to=2026-11-15")
    assert asked.shifted(-1) == "?from=2026-11-02&to=2026-11-08"
    assert asked.shifted(1) == "?from=2026-11-16&to=2026-11-22"
    assert question("period=7d").shifted(1) == ""


def test_filters_are_read_in_one_order():
    assert question("browser=Firefox&page=/").scope.filters == (Filter("page", "/"), Filter("browser", "Firefox"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("country=DE&country=FR", Filter("country", "DE", more=("FR",))),
        ("country.not=DE", Filter("country", "DE", Operator.IS_NOT)),
        ("country=germany&country=fr", Filter("country", "DE", more=("FR",))),
        ("country=Atlantis", Filter("country", "Atlantis")),
        ("page.contains=resume", Filter("page", "resume", Operator.CONTAINS)),
        ("page.without=resume", Filter("page", "resume", Operator.NOT_CONTAINS)),
        ("entry.matches=/projects/*", Filter("entry", "/projects/*", Operator.MATCHES)),
        ("entry.unlike=/projects/*", Filter("entry", "/projects/*", Operator.NOT_MATCHES)),
    ],
)
def test_a_filter_says_how_and_may_have_several_values(address, expected):
    asked = question(address)
    assert asked.scope.filters == (expected,)
    assert asked.link() == f"?{address.replace('/', '%2F').replace('*', '%2A')}"


def test_a_row_replaces_the_values_of_its_own_filter_alone():
    asked = question("country=DE&country=FR&source.not=Google")
    assert asked.narrowed("country", "US") == "?country=US&source.not=Google"
    assert asked.link(**{"source.not": None}) == "?country=DE&country=FR"


@pytest.mark.parametrize("address", ["country.nor=DE", "period.not=7d", "colour.not=red", "period=7d&period=30d"])
def test_what_is_no_filter_is_refused(address):
    with pytest.raises(InvalidParameter):
        question(address)
