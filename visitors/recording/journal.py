"""The journal: append-only files, one writer each, one checksummed line per observation.

Once `append` has returned, killing the process loses nothing. Files are locked by their writer as long as it lives,
so a reader can tell a line that is being written from one that never will be.
"""

from __future__ import annotations

import fcntl
import os
import threading
import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from time import time
from typing import Any, Final, NamedTuple
from zlib import crc32

import msgspec

from visitors.observation import DropReason, Observation

from .ids import IdSequence
from .writers import LAST_MS, WriterSlot, claim_writer

FILE_PATTERN: Final = "[0-9]*.journal"
MEASURED_FOR_SECONDS: Final = 1.0  # other processes write to the same folder

_encode_json: Final = msgspec.json.Encoder().encode
_decode_json: Final = msgspec.json.Decoder(Observation).decode
_day: Final = lru_cache(maxsize=64)(date.fromisoformat)


class BadLine(ValueError):
    """A journal line that does not say what was written."""


def encode(observation: Observation) -> bytes:
    """One line: CRC-32 of the rest in hex, a space, the fields as JSON without those that have their default."""
    body = _encode_json(observation)
    return b"%08x %s\n" % (crc32(body), body)


def decode(line: bytes) -> Observation:
    """The observation of one whole line; raises `BadLine`."""
    checksum, _, body = line.rstrip(b"\n").partition(b" ")
    if checksum != b"%08x" % crc32(body):
        raise BadLine("checksum does not match")
    try:
        seen = _decode_json(body)
        _day(seen.day)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"not an observation: {type(error).__name__}") from error
    return seen


class Limits(NamedTuple):
    """Bounds of the journal, in bytes and seconds."""

    max_bytes: int
    rotate_bytes: int
    rotate_seconds: int


class JournalFull(OSError):
    """The journal has reached its bound; the observation was not written."""


class Journal:
    """This process's end of the journal. Thread-safe; `after_fork` makes a child start its own file."""

    def __init__(self, directory: Path, limits: Limits) -> None:
        self.directory = directory
        self._limits = limits
        self._lock = threading.Lock()
        self._slot: WriterSlot | None = None
        self._ids = IdSequence(0)
        self._file: _OpenFile | None = None
        self._unread_bytes = 0
        self._measured_at = 0.0
        self._uncounted: Counter[DropReason] = Counter()

    def next_id(self, at_ms: int) -> int:
        """A new id of this writer; raises `NoWriterNumber`."""
        with self._lock:
            return self._new_id(at_ms)

    def append(self, observation: Observation) -> None:
        """Write one line; raises `JournalFull` or another `OSError`, and then nothing of it remains in the file."""
        line = encode(observation)
        with self._lock:
            self._write(line)

    def append_new(self, fields: dict[str, Any]) -> None:
        """Write the observation of these fields under a new id, in one go; raises what `next_id` and `append` raise."""
        with self._lock:
            fields["id"] = self._new_id(fields["at_ms"])
            self._write(encode(Observation(**fields)))

    def _new_id(self, at_ms: int) -> int:
        slot = self._slot or self._claimed_slot()
        identifier = self._ids.next(at_ms)
        slot.numbers[LAST_MS] = self._ids.last_ms
        return identifier

    def _write(self, line: bytes) -> None:
        size = len(line)
        now = time()  # within the lock: a time from before a file was opened would rotate it
        # A clock set back makes the difference negative: measure then too.
        if not 0 <= now - self._measured_at < MEASURED_FOR_SECONDS:
            self._measure(now)
        file = self._file
        if file is None or file.size >= file.full_at or not file.opened_at <= now < file.closes_at:
            file = self._next_file()
        if self._unread_bytes + size > self._limits.max_bytes:
            if file.size:
                self._close_file()  # what is stored of it counts until it can be removed
            raise JournalFull(f"over {self._limits.max_bytes} bytes")
        try:
            if os.write(file.descriptor, line) != size:
                raise JournalFull("no space for a whole line")
        except OSError:
            file.cut()
            raise
        file.size += size
        self._unread_bytes += size

    def count_drop(self, reason: DropReason) -> None:
        """Count what is left out; in memory until a counter file can be had. Never raises."""
        with self._lock:
            self._uncounted[reason] += 1
            try:
                slot = self._claimed_slot()
            except OSError:
                return
            for waiting in self._uncounted.elements():
                slot.count(waiting)
            self._uncounted.clear()

    def after_fork(self) -> None:
        """Called in the child: forget the parent's number and file without disturbing them."""
        self._lock = threading.Lock()
        self.close()

    def close(self) -> None:
        slot, self._slot = self._slot, None
        if slot:
            slot.close()
        self._close_file()

    def _close_file(self) -> None:
        # Forgotten first: a fork in between must not close it again, when its number is another file's.
        file, self._file = self._file, None
        if file:
            file.close()

    def _claimed_slot(self) -> WriterSlot:
        if self._slot is None:
            journal_uuid(self.directory)  # what draining needs exists before the disk can fill up
            self._slot = claim_writer(self.directory / "writers")
            self._ids = IdSequence(self._slot.number, last_ms=self._slot.last_ms)
        return self._slot

    def _measure(self, now: float) -> None:
        self._unread_bytes = sum(journal_sizes(self.directory).values())
        self._measured_at = now

    def _next_file(self) -> _OpenFile:
        self._close_file()
        self._file = _OpenFile.create(self.directory, self._claimed_slot().number, self._limits)
        return self._file


class _OpenFile:
    """The file being written, locked until closed."""

    def __init__(self, descriptor: int, limits: Limits) -> None:
        self.descriptor = descriptor
        self.size = 0
        self.full_at = min(limits.rotate_bytes, limits.max_bytes // 4)
        self.opened_at = time()
        self.closes_at = self.opened_at + limits.rotate_seconds

    @classmethod
    def create(cls, directory: Path, writer: int, limits: Limits) -> _OpenFile:
        while True:
            path = directory / f"{int(time() * 1000):013d}-{writer:03d}-{token_hex(3)}.journal"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # A reader may have taken the still unlocked empty file for a finished one and removed it.
            if os.fstat(descriptor).st_nlink:
                return cls(descriptor, limits)
            os.close(descriptor)

    def cut(self) -> None:
        """Take back what a full disk cut short: all of a line or nothing."""
        os.ftruncate(self.descriptor, self.size)

    def close(self) -> None:
        os.close(self.descriptor)


def journal_uuid(directory: Path) -> uuid.UUID:
    """The identity of this machine's journal, made once; made anew when the file does not hold one any more."""
    path = directory / "journal-id"
    try:
        return uuid.UUID(path.read_text())
    except FileNotFoundError:
        _make_identity(path)
    except ValueError:
        path.unlink(missing_ok=True)
        _make_identity(path)
    return uuid.UUID(path.read_text())


def _make_identity(path: Path) -> None:
    """Whole and on disk before it has its name; another process may be first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".journal-id.{os.getpid()}.{uuid.uuid4().hex}")
    try:
        with draft.open("w") as file:
            file.write(str(uuid.uuid4()))
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


def journal_sizes(directory: Path) -> Mapping[str, int]:
    """Bytes of every journal file by name; a file that vanishes meanwhile is left out."""
    sizes = {}
    for path in directory.glob(FILE_PATTERN):
        try:
            sizes[path.name] = path.stat().st_size
        except FileNotFoundError:
            continue
    return sizes
