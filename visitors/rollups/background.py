"""Roll up what waits beside the drainer, never in its way: one thread, some days a turn."""

from __future__ import annotations

import logging
import threading
from time import monotonic
from typing import Final

from django.db import DatabaseError, InterfaceError, connections, reset_queries
from django.utils import timezone

from visitors.manners import giving_way
from visitors.models import Upkeep

from .build import roll_up
from .dirt import days_to_roll

logger = logging.getLogger(__name__)

CHECK_SECONDS: Final = 60.0
DAYS_A_TURN: Final = 10

_thread: threading.Thread | None = None
_checked_at = float("-inf")


def roll_in_background(*, every_seconds: float = CHECK_SECONDS) -> None:
    """Start a turn if days wait, at most every so often and never two. Raises what the database raises."""
    global _thread, _checked_at
    if monotonic() - _checked_at < every_seconds or (_thread is not None and _thread.is_alive()):
        return
    _checked_at = monotonic()
    if not days_to_roll(now=timezone.now(), limit=1):
        return
    _thread = threading.Thread(target=_run, name="visitors-rollup", daemon=True)
    _thread.start()


def finish(*, within_seconds: float) -> bool:
    """Wait for the turn at hand; whether it ended in time."""
    if _thread is not None:
        _thread.join(within_seconds)
    return _thread is None or not _thread.is_alive()


def after_fork() -> None:
    """A child has no thread of its parent's."""
    global _thread, _checked_at
    _thread, _checked_at = None, float("-inf")


def roll_waiting(*, limit: int = DAYS_A_TURN) -> int:
    """Build the latest of the days that wait; returns how many are clean now."""
    now = timezone.now()
    days = days_to_roll(now=now, limit=limit)
    clean = 0
    for day in days:
        clean += roll_up(day)
        reset_queries()  # under DEBUG Django would keep every statement
    if days:
        outcome = {"days": len(days), "clean": clean}
        Upkeep.objects.update_or_create(task="roll_up", defaults={"ran_at": now, "outcome": outcome})
    return clean


def _run() -> None:
    try:
        with giving_way():
            roll_waiting()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("Days wait to be rolled up: %s", type(error).__name__)
    finally:
        connections.close_all()
