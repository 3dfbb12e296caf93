"""Turn observations into visits. `record()` is the door for requests; the rest is for reports and commands."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any

from visitors.conf import conf
from visitors.exceptions import VisitorsError
from visitors.models import Label, VisitorSession
from visitors.observation import DropReason, Observation

from . import background
from .journal import Journal, JournalFull, Limits
from .recorder import DrainResult, drain, store, waiting_bytes

__all__ = [
    "DrainResult",
    "apply_label",
    "begin",
    "catch_up",
    "count_drop",
    "drain",
    "next_id",
    "record",
    "record_new",
    "store",
]

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.02

_journal: Journal | None = None
_lock = threading.Lock()


def begin() -> None:
    """Have this process take part in storing what waits, before it observes anything itself: an opened application
    link must not wait for the next visitor because a server was started anew."""
    if conf.RECORDING == "background":
        background.ensure_running()


def record(observation: Observation) -> None:
    """Take an observation in, by the mode of `VISITORS["RECORDING"]`.

    `immediate` stores it before returning. `background` and `external` append it to the journal: once this returns,
    killing the process loses nothing. What the journal cannot take is counted, and the request goes on.
    """
    if conf.RECORDING == "immediate":
        store([observation])
        return
    try:
        journal().append(observation)
    except OSError as error:
        _count_lost(error)
    if conf.RECORDING == "background":
        background.ensure_running()


def record_new(fields: dict[str, Any]) -> None:
    """`record` an observation of these fields, which is given its id here: one way through the journal, not two."""
    if conf.RECORDING == "immediate":
        store([Observation(id=next_id(fields["at_ms"]), **fields)])
        return
    try:
        journal().append_new(fields)
    except OSError as error:
        _count_lost(error)
    if conf.RECORDING == "background":
        background.ensure_running()


def _count_lost(error: OSError) -> None:
    count_drop(DropReason.JOURNAL_FULL if isinstance(error, JournalFull) else DropReason.JOURNAL_ERROR)


def next_id(at_ms: int) -> int:
    """A new observation id of this process."""
    return journal().next_id(at_ms)


def count_drop(reason: DropReason) -> None:
    """Count what a request leaves out; costs no query and no system call."""
    journal().count_drop(reason)


def journal() -> Journal:
    """This process's journal."""
    global _journal
    directory = conf.JOURNAL_DIR
    # By identity: the setting is one object until it changes, and comparing paths costs microseconds.
    if _journal is None or (_journal.directory is not directory and _journal.directory != directory):
        with _lock:
            if _journal is None or _journal.directory != directory:
                if _journal is not None:
                    _journal.close()
                _journal = Journal(directory, _limits())
    return _journal


def _limits() -> Limits:
    return Limits(
        max_bytes=conf.JOURNAL_MAX_BYTES,
        rotate_bytes=conf.JOURNAL_ROTATE_BYTES,
        rotate_seconds=conf.JOURNAL_ROTATE_SECONDS,
    )


def catch_up(*, max_wait_seconds: float | None = None) -> bool:
    """Store what waits, so that a report tells what just happened; whether it did within the time.

    Another drainer of this machine is woken and waited for. Raises what the database raises when it is down; where the
    journal cannot be read the report tells what is stored.
    """
    try:
        return _catch_up(max_wait_seconds)
    except (OSError, VisitorsError) as error:
        logger.warning("Reports do not wait for the journal: %s", type(error).__name__)
        return False


def _catch_up(max_wait_seconds: float | None) -> bool:
    wait = conf.REPORT_WAIT_SECONDS if max_wait_seconds is None else max_wait_seconds
    deadline = monotonic() + wait
    while not background.is_caught_up():
        if drain(deadline=deadline) is not None:
            return waiting_bytes() == 0
        background.wake()
        if monotonic() > deadline:
            return False
        sleep(POLL_SECONDS)
    return True


def apply_label(session: VisitorSession, label: Label | str) -> None:
    """Keep the owner's verdict on a visit and recount what depends on it."""
    from .labels import relabel

    relabel([session], label)


def relabel_all(sessions: Sequence[VisitorSession], label: Label | str) -> None:
    from .labels import relabel

    relabel(sessions, label)


def _after_fork_in_child() -> None:
    global _lock
    _lock = threading.Lock()
    if _journal is not None:
        _journal.after_fork()
    background.after_fork()


os.register_at_fork(after_in_child=_after_fork_in_child)
