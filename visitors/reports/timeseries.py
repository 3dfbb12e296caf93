"""How a period went, interval by interval, beside the period that it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from visitors.rollups.dimensions import HOUR
from visitors.rollups.totals import Totals

from . import intervals
from .intervals import interval_for, stretches
from .metrics import changes
from .periods import Period
from .scope import Scope
from .sums import sums_by_key
from .totals import Figures, figures_of, total_of, totals_by_day

MAX_DAYS_BY_HOUR: Final = 2


class Interval(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Point:
    """`day` is the first of the interval within the period; `hour` 0-23 for hours alone. A partial interval is one
    that the period or the clock cuts short."""

    day: date
    hour: int | None
    is_partial: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class Series:
    period: Period
    totals: Figures
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Traffic:
    """`before` is `None` when nothing is compared; its points lie beside those of `now` by their place."""

    interval: Interval
    now: Series
    before: Series | None
    change: Mapping[str, float | None]


def traffic(scope: Scope, *, against: Period | None) -> Traffic:
    """Two sums for each period when it is shown by hour, else one. Intervals that have not begun are left out."""
    interval = interval_of(scope.period)
    now = _series(scope, interval)
    before = _series(scope.during(against), interval) if against else None
    return Traffic(interval, now, before, changes(asdict(now.totals), asdict(before.totals)) if before else {})


def point_moment(point: Point) -> str:
    """ISO 8601 of the site's clock: a day, or a day with the hour."""
    return point.day.isoformat() if point.hour is None else f"{point.day.isoformat()}T{point.hour:02}:00"


def interval_of(period: Period) -> Interval:
    return Interval.HOUR if period.days <= MAX_DAYS_BY_HOUR else Interval(interval_for(period).value)


def _series(scope: Scope, interval: Interval) -> Series:
    by_day = totals_by_day(scope)
    points = _hours(scope) if interval is Interval.HOUR else _days(scope.period, by_day, interval)
    return Series(scope.period, figures_of(total_of(by_day.values())), tuple(points))


def _each_day(period: Period) -> Iterable[date]:
    return (period.start + timedelta(days=number) for number in range(period.days))


def _hours(scope: Scope) -> Iterable[Point]:
    found = sums_by_key(scope, dimension=HOUR)
    until = scope.period.until
    for day in _each_day(scope.period):
        for hour in range(24):
            if until is None or (day, hour) <= (until.date(), until.hour):
                figures = figures_of(found.get(day, {}).get(str(hour), Totals()))
                yield Point(day, hour, _is_now(until, day, hour), figures)


def _is_now(until: datetime | None, day: date, hour: int) -> bool:
    return until is not None and (until.date(), until.hour) == (day, hour)


def _days(period: Period, by_day: Mapping[date, Totals], interval: Interval) -> Iterable[Point]:
    for stretch in stretches(period, intervals.Interval(interval.value)):
        figures = figures_of(total_of(by_day[day] for day in stretch.days))
        yield Point(stretch.first, None, stretch.is_partial, figures)
