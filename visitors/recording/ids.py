"""Ids of observations: 63 bits, ordered by time, unique by construction.

From the top: 41 bits of milliseconds since 2000, 6 bits of machine, 9 bits of writer (a number claimed by lock),
7 bits of sequence. A replayed observation has the id that it had before; nothing else can.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from visitors.models import EPOCH_MS, TIME_SHIFT

SEQUENCE_BITS: Final = 7
WRITER_BITS: Final = 9
MACHINE_BITS: Final = 6
MACHINE_SHIFT: Final = SEQUENCE_BITS + WRITER_BITS
MAX_WRITERS: Final = 1 << WRITER_BITS
MAX_TIME: Final = (1 << 41) - 1
LATEST_MS: Final = EPOCH_MS + MAX_TIME - 10**9  # leaves milliseconds to borrow from

LOCAL_MACHINE: Final = 0  # written without a journal, or not yet given a number by the database
LAST_MACHINE: Final = 60
DEMO_MACHINE: Final = 61
IMPORT_MACHINE: Final = 63


def compose(at_ms: int, *, machine: int = LOCAL_MACHINE, low_bits: int) -> int:
    """The id of a time and the bits below it; times outside 2000-2069 count as the nearest end."""
    time = min(max(at_ms - EPOCH_MS, 0), MAX_TIME)
    return time << TIME_SHIFT | machine << MACHINE_SHIFT | low_bits


def with_machine(identifier: int, machine: int) -> int:
    """The id as the database knows it: the machine's number is added when its journal is read."""
    return identifier | machine << MACHINE_SHIFT


def machine_of(identifier: int) -> int:
    return identifier >> MACHINE_SHIFT & (1 << MACHINE_BITS) - 1


def import_id(at_ms: int, digest: bytes) -> int:
    """The id of an imported log line, from what the line says: the same line has the same id for ever.

    A log tells seconds; the digest spreads the lines of one second over its thousand milliseconds as well.
    """
    number = int.from_bytes(blake2b(digest, digest_size=8).digest(), "big")
    spread_ms = at_ms // 1000 * 1000 + number % 1000
    return compose(spread_ms, machine=IMPORT_MACHINE, low_bits=number // 1000 & (1 << MACHINE_SHIFT) - 1)


class IdSequence:
    """Ids of one writer. `last_ms` never goes back, whatever the clock does, and survives the process."""

    def __init__(self, writer: int, *, last_ms: int = 0) -> None:
        self.writer = writer
        self.last_ms = max(last_ms, EPOCH_MS)
        self._sequence = (1 << SEQUENCE_BITS) - 1  # the last millisecond of a former owner is used up

    def next(self, at_ms: int) -> int:
        """A new id; a full, past or impossible millisecond borrows from the following one.

        Not thread-safe: callers lock.
        """
        if self.last_ms < at_ms <= LATEST_MS:
            self.last_ms, self._sequence = at_ms, 0
        elif self._sequence + 1 < 1 << SEQUENCE_BITS:
            self._sequence += 1
        else:
            self.last_ms, self._sequence = self.last_ms + 1, 0
        low_bits = self.writer << SEQUENCE_BITS | self._sequence
        # As `compose` has it, without a call: the first limit is kept by `last_ms`.
        return min(self.last_ms - EPOCH_MS, MAX_TIME) << TIME_SHIFT | low_bits
