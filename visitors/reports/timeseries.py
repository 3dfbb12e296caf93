"""How a period went, interval by interval, beside the period that it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Final

from .filters import hour_of_start
from .metrics import changes
from .periods import Period
from .scope import Scope, sessions_in
from .totals import AGGREGATES, Figures, Totals, figures_of, total_of

MAX_DAYS_BY_HOUR: Final = 2
MAX_DAYS_BY_DAY: Final = 92
MAX_DAYS_BY_WEEK: Final = 200


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
    """One query for each period, two when it is shown by hour. Intervals that have not begun are left out."""
    interval = interval_of(scope.period)
    now = _series(scope, interval)
    before = _series(scope.during(against), interval) if against else None
    return Traffic(interval, now, before, changes(asdict(now.totals), asdict(before.totals)) if before else {})


def point_moment(point: Point) -> str:
    """ISO 8601 of the site's clock: a day, or a day with the hour."""
    return point.day.isoformat() if point.hour is None else f"{point.day.isoformat()}T{point.hour:02}:00"


def interval_of(period: Period) -> Interval:
    if period.days <= MAX_DAYS_BY_HOUR:
        return Interval.HOUR
    if period.days <= MAX_DAYS_BY_DAY:
        return Interval.DAY
    return Interval.WEEK if period.days <= MAX_DAYS_BY_WEEK else Interval.MONTH


def _series(scope: Scope, interval: Interval) -> Series:
    by_day = _by_day(scope)
    points = _hours(scope) if interval is Interval.HOUR else _days(scope.period, by_day, interval)
    return Series(scope.period, figures_of(total_of(by_day.values())), tuple(points))


def _by_day(scope: Scope) -> dict[date, Totals]:
    rows = sessions_in(scope).order_by().values_list("day").annotate(**AGGREGATES)
    found = {day: Totals(*sums) for day, *sums in rows}
    return {day: found.get(day, Totals()) for day in _each_day(scope.period)}


def _each_day(period: Period) -> Iterable[date]:
    return (period.start + timedelta(days=number) for number in range(period.days))


def _hours(scope: Scope) -> Iterable[Point]:
    sessions = sessions_in(scope).order_by().annotate(hour=hour_of_start())
    rows = sessions.values_list("day", "hour").annotate(**AGGREGATES)
    found = {(day, hour): Totals(*sums) for day, hour, *sums in rows}
    until = scope.period.until
    for day in _each_day(scope.period):
        for hour in range(24):
            if until is None or (day, hour) <= (until.date(), until.hour):
                figures = figures_of(found.get((day, hour), Totals()))
                yield Point(day, hour, _is_now(until, day, hour), figures)


def _is_now(until: datetime | None, day: date, hour: int) -> bool:
    return until is not None and (until.date(), until.hour) == (day, hour)


def _days(period: Period, by_day: Mapping[date, Totals], interval: Interval) -> Iterable[Point]:
    begun = (day for day in by_day if period.until is None or day <= period.until.date())
    for first, days in groupby(begun, key=lambda day: _first_of(day, interval)):
        group = list(days)
        is_cut = group[0] != first or group[-1] != _last_of(first, interval)
        is_running = period.until is not None and group[-1] == period.until.date()
        yield Point(group[0], None, is_cut or is_running, figures_of(total_of(by_day[day] for day in group)))


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
