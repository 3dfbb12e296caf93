"""Cut time on the site's clock into minutes, hours, days, weeks and months, without asking a database to truncate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Case, F, Func, Value, When
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from visitors.reports.periods import Period

from .language import DAY, HOUR, MINUTE, MONTH, WEEK

SECONDS: Final = {MINUTE: 60, HOUR: 3_600}
STEP: Final = timedelta(minutes=15)  # clocks change at a quarter of an hour


def number_of(column: str, *, unit: str, period: Period) -> Combinable:
    """Minutes or hours since 1970 on the clock of the wall."""
    return (Epoch(F(column)) + _offset(column, period)) / Value(SECONDS[unit])


def label_of_number(number: int, *, unit: str) -> str:
    """ISO 8601 without offset, to the minute."""
    return datetime.fromtimestamp(number * SECONDS[unit], UTC).strftime("%Y-%m-%dT%H:%M")


def label_of_hour(day: date, hour: int) -> str:
    return f"{day.isoformat()}T{hour:02}:00"


def label_of_day(day: date, *, unit: str, period: Period) -> str:
    """The first day of the bucket within the period."""
    if unit == WEEK:
        day = max(day - timedelta(days=day.weekday()), period.start)
    elif unit == MONTH:
        day = max(day.replace(day=1), period.start)
    return day.isoformat()


def labels_of(period: Period, *, unit: str) -> tuple[str, ...]:
    """Every bucket of the period that has begun, oldest first."""
    if unit in SECONDS:
        return tuple(dict.fromkeys(_moments(period, timedelta(seconds=SECONDS[unit]))))
    last = period.until.date() if period.until else period.last_day
    days = (period.start + timedelta(days=number) for number in range(period.days))
    return tuple(dict.fromkeys(label_of_day(day, unit=unit, period=period) for day in days if day <= last))


def _moments(period: Period, step: timedelta) -> Iterator[str]:
    """Naive moments of the wall clock: an hour that clocks leave out is listed and stays empty."""
    moment = datetime.combine(period.start, time())
    end = datetime.combine(period.end, time())
    if period.since:
        since = period.since.replace(tzinfo=None)
        moment = max(
            moment, since - timedelta(seconds=(since - datetime.combine(since.date(), time())).seconds % step.seconds)
        )
    if period.until:
        end = min(end, period.until.replace(tzinfo=None) + timedelta(microseconds=1))
    while moment < end:
        yield moment.strftime("%Y-%m-%dT%H:%M")
        moment += step


def _offset(column: str, period: Period) -> Combinable:
    """Seconds that the wall is ahead of UTC; by moments where clocks change within the period."""
    zone = timezone.get_default_timezone()
    first = datetime.combine(period.start - timedelta(days=1), time(), UTC)
    last = datetime.combine(period.end + timedelta(days=1), time(), UTC)
    changes: list[When] = []
    before = _seconds(first, zone)
    for day in range((last - first).days):
        start, end = first + timedelta(days=day), first + timedelta(days=day + 1)
        after = _seconds(end, zone)
        if after != before:
            change = next(
                start + place * STEP for place in range(1, 97) if _seconds(start + place * STEP, zone) != before
            )
            changes.append(When(**{f"{column}__lt": change}, then=Value(before)))
            before = after
    return Case(*changes, default=Value(before), output_field=BigIntegerField()) if changes else Value(before)


def _seconds(moment: datetime, zone: Any) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


class Epoch(Func):
    """Whole seconds since 1970, the fraction cut off, not rounded."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        template = "CAST(STRFTIME('%%%%s', SUBSTR(%(expressions)s, 1, 19)) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
        return self.as_sql(compiler, connection, template=template, **context)


__all__ = ("DAY", "Epoch", "label_of_day", "label_of_hour", "label_of_number", "labels_of", "number_of")
