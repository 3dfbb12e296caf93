"""Let the pages of a process go before what works beside them.

What is changed for that is the whole process's: it stays so for as long as anybody works, and is then as it was.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

HANDOVER_SECONDS: Final = 0.0005
HALF_A_MICROSECOND: Final = 5e-7  # Python keeps whole ones and cuts: what is read and set again would shrink

Undo: TypeAlias = Callable[[], None]


def _nothing() -> None:
    pass


class Manner:
    """A context for any number of threads at once: the first one in changes something, the last one out undoes it."""

    def __init__(self, begin: Callable[[], Undo]) -> None:
        self._begin = begin
        self._lock = threading.Lock()
        self._guests = 0
        self._undo: Undo = _nothing

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if not self._guests:
                self._undo = self._begin()
            self._guests += 1
        try:
            yield
        finally:
            with self._lock:
                self._guests = max(self._guests - 1, 0)
                if not self._guests:
                    self._end()

    def after_fork(self) -> None:
        """A child has none of its parent's threads."""
        self._lock, self._guests = threading.Lock(), 0
        self._end()

    def _end(self) -> None:
        undo, self._undo = self._undo, _nothing
        undo()


def _hand_over_sooner() -> Undo:
    """A thread that wants the lock of Python is given it after five milliseconds, and a request wants it after each
    read and write: beside a recorder at work one in a hundred took twice its time."""
    usual = sys.getswitchinterval() + HALF_A_MICROSECOND
    sys.setswitchinterval(min(usual, HANDOVER_SECONDS))
    return lambda: sys.setswitchinterval(usual)


def _search_no_cycles() -> Undo:
    """All that a batch makes is alive until its end and then goes without a search. The collector, which sees only that
    there is more and more of it, would look through the whole process for each thousand observations: a tenth of what
    storing costs, in pauses that requests wait for."""
    if not gc.isenabled():
        return _nothing
    gc.disable()
    return gc.enable


giving_way: Final = Manner(_hand_over_sooner)
holding_a_batch: Final = Manner(_search_no_cycles)


def after_fork() -> None:
    for manner in (giving_way, holding_a_batch):
        manner.after_fork()
