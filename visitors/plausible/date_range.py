"""Read a range of days or of moments, and tell a period as one that can be asked again."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Final

from django.utils import timezone

from visitors.exceptions import InvalidParameter, Rule, breaking
from visitors.reports.periods import Period, period_between

NAMES: Final = ("date_range.0", "date_range.1")
DAY_END: Final = time(23, 59, 59)
SECOND: Final = timedelta(seconds=1)
MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


@breaking(Rule.LANGUAGE)
def between(first: str, last: str, *, now: datetime) -> Period:
    """Two days, or two moments such as 2026-01-31T12:00:00+02:00, both inclusive; without offset they are on the
    site's clock. Raises `InvalidParameter` for anything else."""
    moments = tuple(map(_moment, NAMES, (first, last))) if "T" in first + last else None
    if moments is None:
        return period_between(first, last, now=now, names=NAMES)
    start, end = moments
    if end < start:
        raise InvalidParameter(NAMES[1], f"a moment at or after `{NAMES[0]}`", last, rule=Rule.PERIOD)
    days = period_between(start.date().isoformat(), end.date().isoformat(), now=now, names=NAMES)
    if start.time() == time() and end.time() == DAY_END:
        return days
    return Period(days.start, days.end, min(end + SECOND - timedelta(microseconds=1), now), start)


def bounds(period: Period) -> list[str]:
    """The first and the last second, with offset."""
    zone = timezone.get_default_timezone()
    start = period.since or datetime.combine(period.start, time(), zone)
    last = period.until if period.since and period.until else datetime.combine(period.last_day, DAY_END, zone)
    return [moment.replace(microsecond=0).isoformat() for moment in (start, last)]


def _moment(name: str, given: str) -> datetime:
    rule = "a day such as 2026-01-31, or both ends moments such as 2026-01-31T12:00:00+02:00"
    if not MOMENT.fullmatch(given):
        raise InvalidParameter(name, rule, given, rule=Rule.LANGUAGE)
    try:
        moment = datetime.fromisoformat(given).replace(microsecond=0)
        zone = timezone.get_default_timezone()
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise InvalidParameter(name, rule, given, rule=Rule.LANGUAGE) from None
