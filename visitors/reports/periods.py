"""Decide which local days a report covers and what it is compared with. Pure: the caller passes the clock."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from visitors.exceptions import InvalidParameter, Rule

MAX_DAYS: Final = 365
DEFAULT_DAYS: Final = 30
SESSION_GAP: Final = timedelta(minutes=30)  # a session with no sign of life for longer has ended
CURRENT: Final = timedelta(minutes=5)  # "on the site now"
FIRST_DAY: Final = date(2000, 1, 1)  # no visit is older: the ids of facts begin there
MAX_SPAN_DAYS: Final = 3_660
MAX_DAYS_AHEAD: Final = 366
MOMENT: Final = timedelta(seconds=1)  # no period is shorter: lengths are divided by

# Word -> what it covers. All but `yesterday` end now.
PERIODS: Final[Mapping[str, str]] = {
    "today": "the local day so far",
    "yesterday": "the whole local day before",
    "24h": "the last 24 hours",
    "7d": "7 local days with today",
    "28d": "28 local days with today",
    "30d": "30 local days with today",
    "91d": "91 local days with today",
    "month": "the calendar month so far",
    "6mo": "this calendar month and 5 before",
    "12mo": "this calendar month and 11 before",
    "year": "the calendar year so far",
    "all": "everything since the first visit",
}
MONTHS: Final[Mapping[str, int]] = {"month": 1, "6mo": 6, "12mo": 12, "year": 12}


class Comparison(StrEnum):
    PREVIOUS_PERIOD = "previous_period"
    YEAR_OVER_YEAR = "year_over_year"
    CUSTOM = "custom"


class InvalidPeriod(InvalidParameter):
    """A period that ends before it begins."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days of the half-open `[start, end)`; `until` is the moment up to which a running period has got, `since`
    the one from which a period of hours counts."""

    start: date
    end: date
    until: datetime | None = None
    since: datetime | None = None
    asked_start: date | None = None  # what was asked for, where `start` is the first day whose single visits are kept

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidPeriod("period", "at least one day that ends after it starts", f"{self.start} to {self.end}")

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def length(self) -> timedelta:
        """On the clock of the wall; of a running period up to now."""
        start, end = datetime.combine(self.start, time()), datetime.combine(self.end, time())
        first = self.since.replace(tzinfo=None) if self.since else start
        last = min(self.until.replace(tzinfo=None), end) if self.until else end
        return max(last - first, MOMENT)

    @property
    def is_running(self) -> bool:
        return self.until is not None

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    def beginning(self, day: date) -> Period:
        """What is left of it from this day on, with a memory of what was asked for."""
        return replace(self, start=day, asked_start=self.asked_start or self.start)

    def previous(self) -> Period:
        """The same length just before; of a running period only up to the same time of day."""
        length = timedelta(days=1 if self.since else self.days)
        # Aware datetimes of one zone move by the clock on the wall, so a day with 23 hours is still one day.
        until = self.until - length if self.until else None
        if self.since:
            return Period(self.start - length, self.end - length, until, self.since - length)
        return Period(self.start - length, self.start, until)

    def months_before(self, months: int) -> Period:
        """The same days of an earlier month or year; a day that month has not is its last one."""
        last = _day_before(self.last_day, months)
        until = self.until.replace(year=last.year, month=last.month, day=last.day) if self.until else None
        # The clock may be in the middle of a period that goes on beyond today.
        if self.until and until and self.until.date() != self.last_day:
            day = _day_before(self.until.date(), months)
            until = self.until.replace(year=day.year, month=day.month, day=day.day)
        since = _moment_before(self.since, months) if self.since else None
        return Period(_day_before(self.start, months), last + timedelta(days=1), until, since)


def period_named(word: str, *, now: datetime, first_day: date | None = None) -> Period:
    """One of `PERIODS`. `now` is aware, in the site's time zone; `first_day` is that of the first visit, for `all`.

    Raises `InvalidParameter` for another word.
    """
    if word not in PERIODS:
        raise InvalidParameter("period", f"one of {', '.join(PERIODS)}", word)
    today, day = now.date(), timedelta(days=1)
    if word == "yesterday":
        return Period(today - day, today)
    if word == "24h":
        return Period(today - day, today + day, now, now - day)
    return Period(_start(word, today, first_day), today + day, now)


def period_between(first: str, last: str, *, now: datetime, names: tuple[str, str] = ("from", "to")) -> Period:
    """Days such as 2026-01-31, both inclusive; raises `InvalidParameter` for what is no day or out of range."""
    start, to = (_day(name, given) for name, given in zip(names, (first, last), strict=True))
    if not start <= to <= now.date() + timedelta(days=MAX_DAYS_AHEAD):
        rule = f"a day on or after `{names[0]}` and at most a year ahead"
        raise InvalidParameter(names[1], rule, last, rule=Rule.PERIOD)
    if (to - start).days >= MAX_SPAN_DAYS:
        rule = f"at most {MAX_SPAN_DAYS:,} days before `{names[1]}`"
        raise InvalidParameter(names[0], rule, first, rule=Rule.PERIOD)
    end = to + timedelta(days=1)
    return Period(start, end, now if end > now.date() else None)


def compared_with(period: Period, how: Comparison, *, word: str = "", custom: Period | None = None) -> Period:
    """The period that another one is compared with, a running one up to the same moment. `word` is the name it was
    asked by: months are compared with months. Raises `InvalidParameter` for a custom comparison without its days."""
    if how is Comparison.YEAR_OVER_YEAR:
        return period.months_before(12)
    if how is Comparison.PREVIOUS_PERIOD:
        return period.months_before(MONTHS[word]) if word in MONTHS else period.previous()
    if custom is None:
        rule = "given with `compare_from` and `compare_to` when it is custom"
        raise InvalidParameter("compare", rule, "neither", rule=Rule.TOGETHER)
    if period.until and custom.days == period.days:
        return Period(custom.start, custom.end, period.until - (period.start - custom.start))
    return custom


def _start(word: str, today: date, first_day: date | None) -> date:
    if word == "all":
        return min(first_day or today, today)
    if word == "year":
        return today.replace(month=1, day=1)
    if word in MONTHS:
        return _day_before(today.replace(day=1), MONTHS[word] - 1)
    days = 1 if word == "today" else int(word.removesuffix("d"))
    return today - timedelta(days=days - 1)


def _day(name: str, given: str) -> date:
    try:
        day = date(*map(int, given.split("-"))) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", given) else None
    except ValueError:
        day = None
    if day is None or day < FIRST_DAY:
        raise InvalidParameter(name, f"a day such as 2026-01-31, from {FIRST_DAY} on", given)
    return day


def _day_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _moment_before(moment: datetime, months: int) -> datetime:
    day = _day_before(moment.date(), months)
    return moment.replace(year=day.year, month=day.month, day=day.day)


def period_of_days(days: int, *, now: datetime) -> Period:
    """The last `days` local days up to and including today. `now` is aware, in the site's time zone.

    Raises `InvalidParameter` unless `days` is 1-365.
    """
    if not 1 <= days <= MAX_DAYS:
        raise InvalidParameter("days", f"between 1 and {MAX_DAYS}", days)
    tomorrow = now.date() + timedelta(days=1)
    return Period(tomorrow - timedelta(days=days), tomorrow, now)


def whole_number(name: str, *, given: str, least: int, most: int) -> int:
    """The number that a caller wrote in ASCII digits; raises `InvalidParameter` for anything else or out of range."""
    if not re.fullmatch(r"[0-9]{1,9}", given):
        raise InvalidParameter(name, f"a whole number between {least} and {most}", given)
    if not least <= int(given) <= most:
        raise InvalidParameter(name, f"between {least} and {most}", int(given))
    return int(given)
