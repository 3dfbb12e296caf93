"""Cut a period into days, weeks or months. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Final

from visitors.exceptions import InvalidParameter, Rule

from .periods import Period

MAX_INTERVALS: Final = 400
MAX_DAYS_BY_DAY: Final = 92
MAX_DAYS_BY_WEEK: Final = 200


class Interval(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Stretch:
    """`first` is its first day within the period; partial when the period or the clock cuts it short."""

    first: date
    days: tuple[date, ...]
    is_partial: bool


def interval_for(period: Period) -> Interval:
    """Few enough points to draw."""
    if period.days <= MAX_DAYS_BY_DAY:
        return Interval.DAY
    return Interval.WEEK if period.days <= MAX_DAYS_BY_WEEK else Interval.MONTH


def stretches(period: Period, interval: Interval) -> tuple[Stretch, ...]:
    """Oldest first, weeks from Monday; those that have not begun are left out. Raises `InvalidParameter` for more than
    400."""
    if interval is Interval.DAY and period.days > MAX_INTERVALS:
        rule = f"week or month in a period of more than {MAX_INTERVALS} days"
        raise InvalidParameter("interval", rule, interval.value, rule=Rule.TOGETHER)
    begun = (day for day in _days(period) if period.until is None or day <= period.until.date())
    groups = groupby(begun, key=lambda day: _first_of(day, interval))
    return tuple(_stretch(first, tuple(days), period, interval) for first, days in groups)


def _days(period: Period) -> Iterator[date]:
    return (period.start + timedelta(days=number) for number in range(period.days))


def _stretch(first: date, days: tuple[date, ...], period: Period, interval: Interval) -> Stretch:
    is_cut = days[0] != first or days[-1] != _last_of(first, interval)
    is_running = period.until is not None and days[-1] == period.until.date()
    is_cut = is_cut or (period.since is not None and days[0] == period.since.date())
    return Stretch(days[0], days, is_cut or is_running)


def _first_of(day: date, interval: Interval) -> date:
    if interval is Interval.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval is Interval.MONTH else day


def _last_of(first: date, interval: Interval) -> date:
    if interval is Interval.WEEK:
        return first + timedelta(days=6)
    if interval is Interval.MONTH:
        return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first
