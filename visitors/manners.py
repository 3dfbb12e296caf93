"""Let the pages of a process go before what works beside them.

A thread that wants the lock of Python is given it after five milliseconds, and a request wants it after each read and
write: beside a recorder at work one in a hundred took twice its time. For as long as somebody works beside pages, the
lock changes hands sooner.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

HANDOVER_SECONDS: Final = 0.0005
HALF_A_MICROSECOND: Final = 5e-7  # Python keeps whole ones and cuts: what is read and set again would shrink

_lock = threading.Lock()
_guests = 0
_usual = 0.0


@contextmanager
def giving_way() -> Iterator[None]:
    """Work beside pages. The interval is the whole process's, and as it was once the last of these has ended."""
    global _guests, _usual
    with _lock:
        if not _guests:
            _usual = sys.getswitchinterval() + HALF_A_MICROSECOND
            sys.setswitchinterval(min(_usual, HANDOVER_SECONDS))
        _guests += 1
    try:
        yield
    finally:
        with _lock:
            _guests = max(_guests - 1, 0)
            if not _guests:
                sys.setswitchinterval(_usual)


def after_fork() -> None:
    """A child has none of its parent's threads."""
    global _lock, _guests
    _lock = threading.Lock()
    if _guests:
        _guests = 0
        sys.setswitchinterval(_usual)
