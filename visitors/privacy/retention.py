"""Say how long what is kept. One place, so that the page, the pruning and the inventory agree."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone

from visitors.conf import conf
from visitors.identity import local_day, now_ms

ERASURE_DAYS: Final = 7  # no journal waits for longer


def first_kept_day(today: date | None = None) -> date:
    """The oldest local day whose single visits are kept; the days before live on as sums alone."""
    return (today or local_day(now_ms())) - timedelta(days=conf.RETENTION_EVENT_DAYS - 1)


def first_rolled_day(today: date | None = None) -> date:
    """The oldest local day whose sums are kept."""
    return months_before(today or local_day(now_ms()), conf.RETENTION_ROLLUP_MONTHS)


def last_day_of(day: date) -> date:
    """The last local day on which visits of `day` are kept."""
    return day + timedelta(days=conf.RETENTION_EVENT_DAYS - 1)


def texts_before(now: datetime | None = None) -> datetime:
    """What was typed before this moment is deleted."""
    return (now or timezone.now()) - timedelta(days=conf.RETENTION_TEXT_DAYS)


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
