"""Which days a report covers, and what it is compared with."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from visitors.exceptions import InvalidParameter
from visitors.reports.periods import (
    Comparison,
    InvalidPeriod,
    Period,
    compared_with,
    period_between,
    period_named,
    period_of_days,
    whole_number,
)

BERLIN = ZoneInfo("Europe/Berlin")


def test_days_count_back_from_today_and_include_it():
    now = datetime(2026, 11, 20, 15, 30, tzinfo=BERLIN)
    assert period_of_days(7, now=now) == Period(date(2026, 11, 14), date(2026, 11, 21), until=now)


def test_a_running_period_is_compared_up_to_the_same_time_of_day():
    now = datetime(2026, 11, 20, 15, 30, tzinfo=BERLIN)
    assert period_of_days(1, now=now).previous() == Period(
        date(2026, 11, 19), date(2026, 11, 20), until=datetime(2026, 11, 19, 15, 30, tzinfo=BERLIN)
    )


def test_a_running_period_is_as_long_as_it_has_lasted():
    now = datetime(2026, 11, 20, 6, 0, tzinfo=BERLIN)
    assert period_of_days(2, now=now).length == timedelta(hours=30)
    assert period_named("24h", now=now).length == timedelta(hours=24)
    assert period_between("2026-11-01", "2026-11-07", now=now).length == timedelta(days=7)
    assert period_between("2026-11-20", "2026-12-31", now=now).length == timedelta(hours=6)
    assert period_of_days(1, now=now.replace(hour=0)).length == timedelta(seconds=1)


def test_the_time_of_day_survives_a_change_of_clocks():
    now = datetime(2026, 3, 30, 15, 30, tzinfo=BERLIN)  # clocks went forward the day before
    until = period_of_days(7, now=now).previous().until
    assert until is not None
    assert (until.hour, until.utcoffset()) == (15, datetime(2026, 3, 23, tzinfo=BERLIN).utcoffset())


def test_a_closed_period_is_compared_with_the_whole_one_before():
    assert Period(date(2026, 11, 8), date(2026, 11, 15)).previous() == Period(date(2026, 11, 1), date(2026, 11, 8))


@pytest.mark.parametrize("end", [date(2026, 11, 8), date(2026, 11, 7)])
def test_a_period_ends_after_it_starts(end):
    with pytest.raises(InvalidPeriod):
        Period(date(2026, 11, 8), end)


@pytest.mark.parametrize("days", [0, -1, 366, 10**9])
def test_days_out_of_range_are_refused_by_name(days):
    with pytest.raises(InvalidParameter) as refused:
        period_of_days(days, now=datetime(2026, 11, 20, tzinfo=BERLIN))
    assert refused.value.message == f"`days` must be between 1 and 365, not {days}."


@pytest.mark.parametrize(
    "given", ["", "abc", "1e9", "７", " 7", "7 ", "+7", "-7", "7.0", "0x7", "1_0", "9" * 5000, "\x00", "٣"]
)
def test_only_ascii_digits_are_a_whole_number(given):
    with pytest.raises(InvalidParameter) as refused:
        whole_number("days", given=given, least=1, most=365)
    assert refused.value.message.startswith("`days` must be a whole number between 1 and 365, not ")
    assert len(refused.value.message) < 150


@pytest.mark.parametrize(("given", "number"), [("1", 1), ("365", 365), ("030", 30)])
def test_a_whole_number_in_range_is_taken(given, number):
    assert whole_number("days", given=given, least=1, most=365) == number


NOW = datetime(2026, 3, 31, 15, 30, tzinfo=BERLIN)  # clocks went forward two days before


@pytest.mark.parametrize(
    ("word", "start", "end"),
    [
        ("today", date(2026, 3, 31), date(2026, 4, 1)),
        ("7d", date(2026, 3, 25), date(2026, 4, 1)),
        ("28d", date(2026, 3, 4), date(2026, 4, 1)),
        ("30d", date(2026, 3, 2), date(2026, 4, 1)),
        ("91d", date(2025, 12, 31), date(2026, 4, 1)),
        ("month", date(2026, 3, 1), date(2026, 4, 1)),
        ("6mo", date(2025, 10, 1), date(2026, 4, 1)),
        ("12mo", date(2025, 4, 1), date(2026, 4, 1)),
        ("year", date(2026, 1, 1), date(2026, 4, 1)),
        ("all", date(2024, 2, 29), date(2026, 4, 1)),
    ],
)
def test_a_word_names_a_period_that_runs(word, start, end):
    assert period_named(word, now=NOW, first_day=date(2024, 2, 29)) == Period(start, end, NOW)


def test_yesterday_is_closed_and_a_day_of_hours_moves():
    assert period_named("yesterday", now=NOW) == Period(date(2026, 3, 30), date(2026, 3, 31))
    hours = period_named("24h", now=NOW)
    day = timedelta(days=1)
    assert hours == Period(date(2026, 3, 30), date(2026, 4, 1), NOW, NOW - day)
    assert hours.previous() == Period(date(2026, 3, 29), date(2026, 3, 31), NOW - day, NOW - 2 * day)


def test_all_of_nothing_is_today():
    assert period_named("all", now=NOW) == period_named("today", now=NOW)


@pytest.mark.parametrize(
    ("word", "how", "expected"),
    [
        ("month", "previous_period", Period(date(2026, 2, 1), date(2026, 3, 1), NOW.replace(month=2, day=28))),
        ("year", "previous_period", Period(date(2025, 1, 1), date(2025, 4, 1), NOW.replace(year=2025))),
        ("7d", "previous_period", Period(date(2026, 3, 18), date(2026, 3, 25), NOW - timedelta(days=7))),
        ("7d", "year_over_year", Period(date(2025, 3, 25), date(2025, 4, 1), NOW.replace(year=2025))),
        ("yesterday", "previous_period", Period(date(2026, 3, 29), date(2026, 3, 30))),
    ],
)
def test_a_running_period_is_compared_up_to_now(word, how, expected):
    assert compared_with(period_named(word, now=NOW), Comparison(how), word=word) == expected


def test_days_of_ones_own_are_compared_up_to_now_when_they_are_as_many():
    running = period_between("2026-03-30", "2026-04-01", now=NOW)
    assert running.until == NOW
    three = period_between("2026-01-01", "2026-01-03", now=NOW)
    found = compared_with(running, Comparison.CUSTOM, custom=three)
    assert found.until == datetime(2026, 1, 2, 15, 30, tzinfo=BERLIN)
    ten = period_between("2026-01-01", "2026-01-10", now=NOW)
    assert compared_with(running, Comparison.CUSTOM, custom=ten) == ten
    with pytest.raises(InvalidParameter):
        compared_with(running, Comparison.CUSTOM)


def test_a_month_that_goes_on_is_compared_up_to_the_same_day():
    march = period_between("2026-03-01", "2026-04-30", now=NOW)
    assert march.months_before(1) == Period(date(2026, 2, 1), date(2026, 3, 31), NOW.replace(month=2, day=28))


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("2026-02-30", "2026-03-01", "`from` must be a day such as 2026-01-31, from 2000-01-01 on, not '2026-02-30'."),
        ("٢026-02-01", "2026-03-01", "`from` must be a day such as"),
        ("1999-12-31", "2026-03-01", "`from` must be a day such as"),
        ("2026-03-01", "", "`to` must be a day such as"),
        (
            "2026-03-02",
            "2026-03-01",
            "`to` must be a day on or after `from` and at most a year ahead, not '2026-03-01'.",
        ),
        ("2026-03-02", "2028-03-01", "`to` must be a day on or after `from` and at most a year ahead"),
        ("2000-01-01", "2026-03-01", "`from` must be at most 3,660 days before `to`, not '2000-01-01'."),
    ],
)
def test_days_that_are_none_are_refused_by_name(first, last, message):
    with pytest.raises(InvalidParameter) as refused:
        period_between(first, last, now=NOW)
    assert refused.value.message.startswith(message)


def test_a_word_that_names_no_period_is_refused():
    with pytest.raises(InvalidParameter, match="`period` must be one of today, yesterday, 24h"):
        period_named("fortnight", now=NOW)
