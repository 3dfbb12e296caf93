"""Decide which local days a report covers and what it is compared with. Pure: the caller passes the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from visitors.exceptions import InvalidParameter

MAX_DAYS: Final = 365
DEFAULT_DAYS: Final = 30
SESSION_GAP: Final = timedelta(minutes=30)  # a session with no sign of life for longer has ended
CURRENT: Final = timedelta(minutes=5)  # "on the site now"


class InvalidPeriod(InvalidParameter):
    """A period that ends before it begins."""


@dataclass(frozen=True, slots=True)
class Period:
    """Local days of the half-open `[start, end)`; `until` is the moment up to which a running period has got."""

    start: date
    end: date
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidPeriod("period", "at least one day that ends after it starts", f"{self.start} to {self.end}")

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def is_running(self) -> bool:
        return self.until is not None

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    def previous(self) -> Period:
        """The same length just before; of a running period only up to the same time of day."""
        length = timedelta(days=self.days)
        # Aware datetimes of one zone move by the clock on the wall, so a day with 23 hours is still one day.
        until = self.until - length if self.until else None
        return Period(self.start - length, self.start, until)


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
