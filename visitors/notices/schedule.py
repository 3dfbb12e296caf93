"""Decide when a notice may go out: after the delay for an undo, outside quiet hours, with the digest. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

QuietHours = tuple[int, int]  # minutes after local midnight: from, until

FIRST_RETRY: Final = timedelta(minutes=1)
LONGEST_RETRY: Final = timedelta(hours=6)
MAX_ATTEMPTS: Final = 40  # nine days of a dead server; the inbox keeps the notice anyway


def earliest(moment: datetime, *, quiet: QuietHours | None, digest: int | None = None) -> datetime:
    """The first time from `moment` on, on the wall of its own time zone, at which something may be sent.

    `digest` is the minute of the day that gathers everything; it counts above quiet hours, since the owner chose it.
    """
    if digest is not None:
        return _next(moment, digest)
    if quiet is not None and _is_within(_minute(moment), quiet):
        return _next(moment, quiet[1])
    return moment


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _is_within(minute: int, quiet: QuietHours) -> bool:
    start, end = quiet
    return start <= minute < end if start <= end else minute >= start or minute < end


def _next(moment: datetime, minute: int) -> datetime:
    """The next such minute on the wall; exactly now counts."""
    found = moment.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
    if found == moment.replace(second=0, microsecond=0):
        return moment
    return found if found > moment else found + timedelta(days=1)


def retry_after(attempts: int) -> timedelta:
    """One minute after the first failure, twice as long after each other one, at most six hours."""
    doublings: int = min(max(attempts - 1, 0), 10)
    return min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)
