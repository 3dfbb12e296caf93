"""The drainer of a web process: a daemon thread that starts with the first observation.

Every process has one; the file lock lets one of them work, and another takes over when that process dies.
"""

from __future__ import annotations

import logging
import os
import select
import threading
from pathlib import Path
from time import monotonic
from typing import Final

from django.db import DatabaseError, InterfaceError, connections, reset_queries

from visitors import manners
from visitors.conf import conf
from visitors.exceptions import VisitorsError
from visitors.notices.post import post_in_background
from visitors.rollups import background as rollups

from . import recorder, upkeep
from .finality import is_final
from .journal import journal_sizes, journal_uuid
from .reading import FLUSH_SECONDS, make_durable
from .recorder import drain_holding_lock, drainer_lock, waiting_bytes
from .writers import read_counts

logger = logging.getLogger(__name__)

MAX_PAUSE_SECONDS: Final = 15.0
STANDBY_SECONDS: Final = 1.0
LAST_DRAIN_SECONDS: Final = 8.0  # whoever sent SIGTERM waits ten

_thread: threading.Thread | None = None
_lock = threading.Lock()
_settled: tuple[object, ...] = ()


def ensure_running() -> None:
    """Start the thread of this process if it does not run."""
    global _thread
    if _thread is None:
        with _lock:
            if _thread is None:
                _thread = threading.Thread(target=_run_to_the_end, name="visitors-recorder", daemon=True)
                try:
                    _thread.start()
                except RuntimeError:  # no room for a thread, or the process ends: the next observation tries again
                    _thread = None


def _run_to_the_end() -> None:
    """When this thread ends, the next observation starts another: `ensure_running` need not ask if it is alive."""
    global _thread
    try:
        run()
    finally:
        _thread = None


def after_fork() -> None:
    """A child has no thread of its parent's."""
    global _thread, _lock, _settled
    manners.after_fork()
    recorder.after_fork()
    upkeep.forget()
    rollups.after_fork()
    _thread, _lock, _settled = None, threading.Lock(), ()


def run(stop: threading.Event | None = None) -> bool:
    """Drain on every tick while this process holds the machine's lock, until `stop` is set. Answers whether the last
    drain could use the database."""
    directory = conf.JOURNAL_DIR
    stop = stop or threading.Event()
    is_well = True
    while not stop.is_set():
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with drainer_lock(directory) as is_mine:
                if is_mine:
                    is_well = _drain_until(stop, directory)
        except OSError as error:
            logger.warning("The journal's folder cannot be used: %s", type(error).__name__)
            stop.wait(MAX_PAUSE_SECONDS)
        stop.wait(STANDBY_SECONDS)
    return is_well


def _drain_until(stop: threading.Event, directory: Path) -> bool:
    with _Doorbell(directory) as bell:
        pause = conf.DRAIN_SECONDS
        while not stop.is_set():
            pause = _tick(directory, pause, stop=stop)
            _rest(bell, directory, seconds=pause)
        return _tick(directory, pause, deadline=monotonic() + LAST_DRAIN_SECONDS) <= conf.DRAIN_SECONDS


def _rest(bell: _Doorbell, directory: Path, *, seconds: float) -> None:
    """Until the bell rings; while the database is away the journal is brought to disk all the same."""
    until = monotonic() + seconds
    while (left := until - monotonic()) > 0 and not bell.wait(min(left, FLUSH_SECONDS)):
        if seconds > FLUSH_SECONDS:
            make_durable(directory)


def _tick(
    directory: Path, pause: float, *, stop: threading.Event | None = None, deadline: float | None = None
) -> float:
    """One drain; returns seconds until the next. A database that cannot be reached is tried ever less often."""
    try:
        with manners.giving_way():
            drain_holding_lock(directory, stop=stop, deadline=deadline)
        post_in_background()
        upkeep.prune_in_passing()
        rollups.roll_in_background()
    except (DatabaseError, InterfaceError, VisitorsError, OSError) as error:
        logger.warning("Visits wait in the journal: %s", type(error).__name__)
        for connection in connections.all(initialized_only=True):
            connection.close()
        return min(max(pause, conf.DRAIN_SECONDS) * 2, MAX_PAUSE_SECONDS)
    finally:
        reset_queries()  # under DEBUG Django keeps statements with all their rows until the next request of this thread
    return conf.DRAIN_SECONDS


def wake() -> None:
    """Ask this machine's drainer, whichever process it is, not to wait for its tick."""
    try:
        descriptor = os.open(conf.JOURNAL_DIR / "doorbell", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return  # nobody listens
    try:
        os.write(descriptor, b"!")
    except BlockingIOError:
        pass  # it has rung often enough
    finally:
        os.close(descriptor)


def is_caught_up() -> bool:
    """Whether neither lines nor counts wait. Asks the database only if the files changed since the last yes."""
    global _settled
    state = _files_state()
    if state == _settled or not state:
        return True
    if waiting_bytes() or not _counts_stored():
        return False
    if is_final():
        _settled = state
    return True


def _files_state() -> tuple[object, ...]:
    directory = conf.JOURNAL_DIR
    sizes = tuple(sorted((name, size) for name, size in journal_sizes(directory).items() if size))
    counts = tuple((name, tuple(sorted(each.items()))) for name, each in read_counts(directory / "writers") if each)
    return (directory, sizes, counts) if sizes or counts else ()


def _counts_stored() -> bool:
    from visitors.models import JournalPosition

    position = JournalPosition.objects.filter(journal=journal_uuid(conf.JOURNAL_DIR)).first()
    known = position.counted if position else {}
    return all(known.get(name, {}) == dict(each) for name, each in read_counts(conf.JOURNAL_DIR / "writers") if each)


class _Doorbell:
    """A FIFO that any process of this machine can ring."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "doorbell"

    def __enter__(self) -> _Doorbell:
        if not self._path.exists():
            os.mkfifo(self._path, 0o600)
        # Opened for both ends, so that it never reads as closed.
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._descriptor)

    def wait(self, seconds: float) -> bool:
        """Whether it rang."""
        readable, _, _ = select.select([self._descriptor], [], [], seconds)
        if readable:
            os.read(self._descriptor, 4096)
        return bool(readable)
