"""Read what the journal holds, in order of time over all its files, and remove the files that are done."""

from __future__ import annotations

import fcntl
import heapq
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from time import monotonic
from typing import BinaryIO, Final

from visitors.observation import Observation

from .journal import FILE_PATTERN, BadLine, decode, journal_sizes

MAX_LINE_BYTES: Final = 256 * 1024  # an observation is bounded far below
MAX_OPEN_FILES: Final = 64  # after a day without a database there are more than a process may open
KEPT_OF_BAD_LINE: Final = 2048
FLUSH_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of `size` bytes: an observation, or what is wrong with it and its first bytes. `end` is where the next
    line begins."""

    at_ms: int
    file: str
    end: int
    size: int
    observation: Observation | None
    error: str = ""
    raw: bytes = b""


def read_entries(directory: Path, offsets: Mapping[str, int]) -> Iterator[Entry]:
    """All lines beyond `offsets` (bytes by file name), oldest first among `MAX_OPEN_FILES` files at a time."""
    files = sorted(name for name, size in journal_sizes(directory).items() if size > offsets.get(name, 0))
    for first in range(0, len(files), MAX_OPEN_FILES):
        together = (_entries(directory / name, offsets.get(name, 0)) for name in files[first : first + MAX_OPEN_FILES])
        yield from heapq.merge(*together, key=attrgetter("at_ms"))


def _entries(path: Path, offset: int) -> Iterator[Entry]:
    at_ms = 0
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        file.seek(offset)
        while line := file.readline(MAX_LINE_BYTES):
            raw = line
            if not line.endswith(b"\n"):
                if not _line_is_final(file, len(line)):
                    return  # its writer is still at it
                file.seek(offset)  # it may have finished the line before it went
                raw = line = file.readline(MAX_LINE_BYTES)
                _skip_to_next_line(file, line)
            offset = file.tell()
            entry = _entry(raw, path.name, offset, at_ms)
            at_ms = entry.at_ms
            yield entry


def _line_is_final(file: BinaryIO, length: int) -> bool:
    """An over-long line, or the torn last line of a writer that is gone."""
    return length >= MAX_LINE_BYTES or not has_writer(file)


def _skip_to_next_line(file: BinaryIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = file.readline(MAX_LINE_BYTES)


def _entry(line: bytes, name: str, end: int, at_ms: int) -> Entry:
    try:
        observation = decode(line)
    except BadLine as error:
        return Entry(at_ms, name, end, len(line), None, str(error), line[:KEPT_OF_BAD_LINE])
    return Entry(observation.at_ms, name, end, len(line), observation)


def has_writer(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


_flushed: tuple[Path, float] | None = None


def make_durable(directory: Path) -> None:
    """Flush the files to disk, whatever the database does: a power cut then loses a second at most. Costs nothing
    within `FLUSH_SECONDS` of the last time."""
    global _flushed
    now = monotonic()
    if _flushed and _flushed[0] == directory and now - _flushed[1] < FLUSH_SECONDS:
        return
    _flushed = (directory, now)
    for path in directory.glob(FILE_PATTERN):
        try:
            with path.open("rb") as file:
                os.fdatasync(file.fileno())
        except FileNotFoundError:
            continue


def remove_finished(directory: Path, offsets: Mapping[str, int], *, first: Callable[[], None]) -> None:
    """Delete files that are read to the end and whose writer is gone; `first` is called before one goes."""
    is_first = True
    for path in directory.glob(FILE_PATTERN):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Unlinked under the lock: a writer that waits for it sees that the file is gone.
                # A file that a power cut left shorter than it was read has nothing to read either.
                if os.fstat(file.fileno()).st_size <= offsets.get(path.name, 0):
                    if is_first:
                        first()
                        is_first = False
                    path.unlink()
        except (BlockingIOError, FileNotFoundError):
            continue


def unread_bytes(sizes: Mapping[str, int], offsets: Mapping[str, int]) -> int:
    return sum(max(size - offsets.get(name, 0), 0) for name, size in sizes.items())


def oldest_unread_ms(directory: Path, offsets: Mapping[str, int]) -> int | None:
    """Time of the oldest observation that waits, Unix milliseconds; `None` when none waits."""
    waiting: Iterable[Entry] = read_entries(directory, offsets)
    return next((entry.at_ms for entry in waiting if entry.observation), None)
