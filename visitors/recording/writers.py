"""A writer's number and its counters: one small mapped file, owned by lock, that outlives the process.

The file is allocated before it is needed, so that drops can be counted on a full disk, also by a process that starts
there; being mapped, a count costs no system call and survives `kill -9`.
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
SPARES: Final = 4  # files allocated ahead, for as many processes that start when there is no room any more
REASONS: Final = tuple(DropReason)
LAST_MS: Final = 0
_INDEX: Final = {reason: LAST_MS + 1 + index for index, reason in enumerate(REASONS)}
_NUMBERS: Final = struct.Struct(f"@{1 + len(REASONS)}Q")


class NoWriterNumber(OSError):
    """All writer numbers of this machine are taken, or the directory cannot be written."""


class WriterSlot:
    """The claimed number of this process. Callers hold a lock around whatever they write."""

    def __init__(self, number: int, descriptor: int) -> None:
        self.number = number
        self._descriptor = descriptor
        self._map = mmap.mmap(descriptor, SLOT_BYTES)
        # Numbers that are written by assignment: the last time used, then a count for each reason.
        self.numbers = memoryview(self._map).cast("Q")

    @property
    def last_ms(self) -> int:
        return self.numbers[LAST_MS]

    def count(self, reason: DropReason) -> None:
        self.numbers[_INDEX[reason]] += 1

    def close(self) -> None:
        """Give the number back. In a forked child this leaves the parent's claim as it is."""
        self.numbers.release()
        self._map.close()
        os.close(self._descriptor)


def claim_writer(directory: Path) -> WriterSlot:
    """The lowest free number of this machine; raises `NoWriterNumber`."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number in range(MAX_WRITERS):
            descriptor = _try_claim(directory / f"{number:03d}")
            if descriptor is not None:
                _allocate_spares(directory, after=number)
                return WriterSlot(number, descriptor)
    except OSError as error:
        raise NoWriterNumber(*error.args) from error
    raise NoWriterNumber(f"all {MAX_WRITERS} writer numbers in {directory} are taken")


def _allocate_spares(directory: Path, *, after: int) -> None:
    """As many as there is room for."""
    for number in range(after + 1, min(after + 1 + SPARES, MAX_WRITERS)):
        try:
            descriptor = _try_claim(directory / f"{number:03d}")
        except OSError:
            return
        if descriptor is not None:
            os.close(descriptor)


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
    """(writer, drops by reason since the file was made) of every writer that ever counted any."""
    if not directory.is_dir():
        return
    for path in sorted(directory.iterdir()):
        content = path.read_bytes()
        if len(content) < _NUMBERS.size:
            continue
        _, *values = _NUMBERS.unpack_from(content)
        if any(values):
            yield path.name, Counter({str(each): value for each, value in zip(REASONS, values, strict=True) if value})
