"""Which days a report covers, and what it is compared with."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from visitors.exceptions import InvalidParameter
from visitors.reports.periods import InvalidPeriod, Period, period_of_days, whole_number

BERLIN = ZoneInfo("Europe/Berlin")


def test_days_count_back_from_today_and_include_it():
    now = datetime(2026, 11, 20, 15, 30, tzinfo=BERLIN)
    assert period_of_days(7, now=now) == Period(date(2026, 11, 14), date(2026, 11, 21), until=now)


def test_a_running_period_is_compared_up_to_the_same_time_of_day():
    now = datetime(2026, 11, 20, 15, 30, tzinfo=BERLIN)
    assert period_of_days(1, now=now).previous() == Period(
        date(2026, 11, 19), date(2026, 11, 20), until=datetime(2026, 11, 19, 15, 30, tzinfo=BERLIN)
    )


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
