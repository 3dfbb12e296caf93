"""Let the pages of a process go before what works beside them.

A thread that wants the lock of Python is given it after five milliseconds, and a request wants it after each read and
write: beside a recorder at work one in a hundred took twice its time. A short sleep hands the lock over at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from time import monotonic, sleep
from typing import Final, TypeVar

BUSY_SECONDS: Final = 0.0005
PAUSE_SECONDS: Final = 0.00005  # with the slack that the system adds it is enough to wake who waits

Item = TypeVar("Item")

_here = threading.local()


def be_a_guest() -> None:
    """This thread shares its process with pages."""
    _here.is_guest = True


def politely(items: Iterable[Item]) -> Iterable[Item]:
    """The same items; a guest rests between them whenever it was busy for half a millisecond."""
    return _with_pauses(items) if getattr(_here, "is_guest", False) else items


def _with_pauses(items: Iterable[Item]) -> Iterator[Item]:
    since = monotonic()
    for item in items:
        yield item
        if monotonic() - since > BUSY_SECONDS:
            sleep(PAUSE_SECONDS)
            since = monotonic()
