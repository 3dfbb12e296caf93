"""A writer's number and its counters: one small mapped file, owned by lock, that outlives the process.

The file is allocated when it is claimed, so that drops can be counted on a full disk; being mapped, a count costs no
system call and survives `kill -9`.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from visitors.observation import DropReason

from .ids import MAX_WRITERS

SLOT_BYTES: Final = 4096
REASONS: Final = tuple(DropReason)
_LAST_MS: Final = struct.Struct("<Q")
_COUNTS: Final = struct.Struct(f"<{len(REASONS)}Q")
_COUNT: Final = struct.Struct("<Q")
_COUNTS_AT: Final = _LAST_MS.size
_INDEX: Final = {reason: _COUNTS_AT + index * _COUNT.size for index, reason in enumerate(REASONS)}


class NoWriterNumber(OSError):
    """All writer numbers of this machine are taken, or the directory cannot be written."""


class WriterSlot:
    """The claimed number of this process. Callers hold a lock around `count` and `remember`."""

    def __init__(self, number: int, descriptor: int) -> None:
        self.number = number
        self._descriptor = descriptor
        self._map = mmap.mmap(descriptor, SLOT_BYTES)

    @property
    def last_ms(self) -> int:
        (last,) = _LAST_MS.unpack_from(self._map, 0)
        return int(last)

    def remember(self, last_ms: int) -> None:
        _LAST_MS.pack_into(self._map, 0, last_ms)

    def count(self, reason: DropReason) -> None:
        at = _INDEX[reason]
        (value,) = _COUNT.unpack_from(self._map, at)
        _COUNT.pack_into(self._map, at, value + 1)

    def close(self) -> None:
        """Give the number back. In a forked child this leaves the parent's claim as it is."""
        self._map.close()
        os.close(self._descriptor)


def claim_writer(directory: Path) -> WriterSlot:
    """The lowest free number of this machine; raises `NoWriterNumber`."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number in range(MAX_WRITERS):
            descriptor = _try_claim(directory / f"{number:03d}")
            if descriptor is not None:
                return WriterSlot(number, descriptor)
    except OSError as error:
        raise NoWriterNumber(*error.args) from error
    raise NoWriterNumber(f"all {MAX_WRITERS} writer numbers in {directory} are taken")


def _try_claim(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_size < SLOT_BYTES:
            os.posix_fallocate(descriptor, 0, SLOT_BYTES)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def read_counts(directory: Path) -> Iterator[tuple[str, Counter[str]]]:
    """(writer, drops by reason since the file was made) of every writer that ever was."""
    if not directory.is_dir():
        return
    for path in sorted(directory.iterdir()):
        content = path.read_bytes()
        if len(content) < _COUNTS_AT + _COUNTS.size:
            continue
        values = _COUNTS.unpack_from(content, _COUNTS_AT)
        yield path.name, Counter({str(reason): value for reason, value in zip(REASONS, values, strict=True) if value})
