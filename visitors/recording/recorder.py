"""Drain the journal into the database: exactly once, whatever is killed when.

What is read and how far it was read are stored in one transaction. One drainer per machine works at a time (a file
lock) and one per database (row locks), since two could open two visits for one visitor.
"""

from __future__ import annotations

import fcntl
import os
import threading
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from pathlib import Path
from time import monotonic
from typing import Final

from django.db import DataError, IntegrityError, InternalError, NotSupportedError, transaction
from django.utils import timezone
from msgspec.structs import replace

from visitors.conf import conf
from visitors.exceptions import VisitorsError
from visitors.identity import local_day, now_ms
from visitors.manners import holding_a_batch
from visitors.models import JournalPosition
from visitors.observation import DropReason, Observation

from .finality import flush_database, is_final
from .forgetting import forget_stored
from .ids import LAST_MACHINE, LOCAL_MACHINE, machine_of, with_machine
from .journal import encode, journal_sizes, journal_uuid
from .quarantine import quarantine
from .reading import Entry, make_durable, read_entries, remove_finished, unread_bytes
from .salts import agree_on_salts
from .writer import count_drops, write_batch
from .writers import read_counts

CLOCK_STEP_MS: Final = 60_000
MAX_BATCH_BYTES: Final = 32 * 1024 * 1024  # in memory together; 4000 ordinary lines are 3 MB
# What one row can be guilty of. An unreachable, locked or not yet migrated database is nobody's fault: that waits.
POISON: Final = (
    DataError,
    IntegrityError,
    InternalError,
    NotSupportedError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)

Dropped = Counter[tuple[str, DropReason]]


class NoMachineNumber(VisitorsError):
    """More journals write into this database than ids can tell apart."""


@dataclass(slots=True)
class DrainResult:
    """What one drain did; `quarantined` counts lines kept aside, `dropped` those left out by rule."""

    stored: int = 0
    quarantined: int = 0
    dropped: Dropped = field(default_factory=Counter)


def store(observations: Sequence[Observation]) -> DrainResult:
    """Write a batch now, in one transaction; observations that are already stored are skipped.

    A row that cannot be inserted goes to the quarantine and the rest is stored. Raises what the database raises when
    it cannot be reached; then nothing of the batch is stored.
    """
    with transaction.atomic():
        position = lock_recording()[journal_uuid(conf.JOURNAL_DIR)]
        _keep_salts_once_a_day()
        result = _write([_numbered(each, position.number) for each in observations])
        count_drops(result.dropped)
    return result


def drain(*, deadline: float | None = None) -> DrainResult | None:
    """Store what waits, batch by batch, until nothing does or `monotonic()` passes `deadline`.

    `None` when another process of this machine is at it.
    """
    directory = conf.JOURNAL_DIR
    directory.mkdir(parents=True, exist_ok=True)
    with drainer_lock(directory) as is_mine:
        return drain_holding_lock(directory, deadline=deadline) if is_mine else None


def drain_holding_lock(
    directory: Path, *, deadline: float | None = None, stop: threading.Event | None = None
) -> DrainResult:
    """The drain itself; it also ends after the batch at hand when `stop` is set."""
    total = DrainResult()
    is_done = False
    while not is_done:
        make_durable(directory)
        is_full, result = _drain_batch(directory)
        total.stored += result.stored
        total.quarantined += result.quarantined
        total.dropped += result.dropped
        is_late = deadline is not None and monotonic() > deadline
        is_done = not is_full or is_late or (stop is not None and stop.is_set())
    keep_salts()  # last: on a full disk only draining makes room for a new one
    return total


_held_lock: int | None = None


@contextmanager
def drainer_lock(directory: Path) -> Iterator[bool]:
    """Whether this process is the machine's drainer; freed by the system when it dies."""
    global _held_lock
    descriptor = os.open(directory / "drainer.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        _held_lock = descriptor
        yield True
    finally:
        if _held_lock == descriptor:
            _held_lock = None
        os.close(descriptor)


def after_fork() -> None:
    """A child holds its parent's lock too: kept, it would leave the machine without a drainer after the parent."""
    global _held_lock
    if _held_lock is not None:
        os.close(_held_lock)
        _held_lock = None


def _drain_batch(directory: Path) -> tuple[bool, DrainResult]:
    """And whether the batch was full, so that more may wait."""
    with transaction.atomic():
        position = lock_recording()[journal_uuid(directory)]
        with holding_a_batch():
            entries, is_full = _batch_of(_settled(read_entries(directory, position.offsets)))
            result = _store_entries(directory, entries, machine=position.number)
        result.dropped += _new_request_drops(directory, position)
        count_drops(result.dropped)
        _move_position(position, directory, entries)
    if is_final():
        remove_finished(directory, position.offsets, first=flush_database)
        forget_stored(directory, position.offsets)
    return is_full, result


def _batch_of(waiting: Iterable[Entry]) -> tuple[list[Entry], bool]:
    entries: list[Entry] = []
    most, size = conf.DRAIN_BATCH, 0
    for entry in waiting:
        entries.append(entry)
        size += entry.size
        if len(entries) >= most or size >= MAX_BATCH_BYTES:
            return entries, True
    return entries, False


def _settled(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Stop at what is written while this reads.

    A later line of one file must not be stored before an earlier line of another that was not there yet when its file
    was read: a ping would miss its page view. Times far ahead come from a clock that was set back: those do not wait.
    """
    began_ms = now_ms()
    return takewhile(lambda entry: not began_ms < entry.at_ms < began_ms + CLOCK_STEP_MS, entries)


def _store_entries(directory: Path, entries: Sequence[Entry], *, machine: int) -> DrainResult:
    good = [_numbered(entry.observation, machine) for entry in entries if entry.observation]
    bad = [entry for entry in entries if entry.observation is None]
    result = _write(good) if good else DrainResult()
    for entry in bad:
        result = _sum(result, _put_aside(directory, error=entry.error, line=entry.raw))
    return result


def _put_aside(directory: Path, *, error: str, line: bytes) -> DrainResult:
    """Past the bound of the quarantine only the count remains."""
    if quarantine(directory, error=error, line=line):
        return DrainResult(quarantined=1)
    return DrainResult(dropped=Counter({(local_day(now_ms()).isoformat(), DropReason.MALFORMED): 1}))


def _sum(one: DrainResult, other: DrainResult) -> DrainResult:
    return DrainResult(one.stored + other.stored, one.quarantined + other.quarantined, one.dropped + other.dropped)


def _numbered(observation: Observation, machine: int) -> Observation:
    if machine_of(observation.id) != LOCAL_MACHINE:
        return observation
    return replace(observation, id=with_machine(observation.id, machine))


def _write(observations: list[Observation]) -> DrainResult:
    """Write all, or find by halving the ones that cannot be written."""
    try:
        with transaction.atomic():
            dropped = write_batch(observations)
    except POISON as error:
        if len(observations) == 1:
            told = f"{type(error).__name__}: {error}"[:500]
            return _put_aside(conf.JOURNAL_DIR, error=told, line=encode(observations[0]))
        middle = len(observations) // 2
        return _sum(_write(observations[:middle]), _write(observations[middle:]))
    return DrainResult(stored=len(observations) - sum(dropped.values()), dropped=dropped)


def _claim_number(journal: uuid.UUID) -> None:
    """Give this journal the lowest free machine number, once."""
    while not JournalPosition.objects.filter(pk=journal).exists():
        taken = set(JournalPosition.objects.values_list("number", flat=True))
        number = next((number for number in range(1, LAST_MACHINE + 1) if number not in taken), None)
        if number is None:
            raise NoMachineNumber(
                f"all {LAST_MACHINE} machine numbers are taken; delete journal positions of old machines"
            )
        JournalPosition.objects.bulk_create(
            [JournalPosition(journal=journal, number=number, updated_at=timezone.now())], ignore_conflicts=True
        )


def lock_recording() -> dict[uuid.UUID, JournalPosition]:
    """Lock every machine's row, in one order, so that only one writer of visits works on this database."""
    _claim_number(journal_uuid(conf.JOURNAL_DIR))
    return {row.journal: row for row in JournalPosition.objects.select_for_update().order_by("number")}


def _move_position(position: JournalPosition, directory: Path, entries: Sequence[Entry]) -> None:
    files = journal_sizes(directory)
    offsets = {name: offset for name, offset in position.offsets.items() if name in files}
    offsets |= {entry.file: entry.end for entry in entries}
    position.offsets = offsets
    position.updated_at = timezone.now()
    position.save(update_fields=("offsets", "counted", "updated_at"))


def _new_request_drops(directory: Path, position: JournalPosition) -> Dropped:
    """What requests left out since the last drain, from the writers' counters."""
    today = local_day(now_ms()).isoformat()
    new: Dropped = Counter()
    for writer, counts in read_counts(directory / "writers"):
        known = position.counted.setdefault(writer, {})
        for reason, count in counts.items():
            # A counter below the known value belongs to a file that was made anew.
            new[today, DropReason(reason)] += count - known.get(reason, 0) if count >= known.get(reason, 0) else count
            known[reason] = count
    return +new


def waiting_bytes() -> int:
    """Journal bytes of this machine that are not in the database yet."""
    directory = conf.JOURNAL_DIR
    sizes = journal_sizes(directory)
    if not any(sizes.values()):
        return 0
    position = JournalPosition.objects.filter(journal=journal_uuid(directory)).first()
    return unread_bytes(sizes, position.offsets if position else {})


_salts_kept_on: tuple[Path, date] | None = None


def keep_salts() -> None:
    """Agree on salts and destroy old ones; cheap to call often."""
    global _salts_kept_on
    at_ms = now_ms()
    agree_on_salts(at_ms)
    _salts_kept_on = (conf.JOURNAL_DIR, local_day(at_ms))


def _keep_salts_once_a_day() -> None:
    """For immediate mode, where no drainer ticks."""
    if _salts_kept_on != (conf.JOURNAL_DIR, local_day(now_ms())):
        keep_salts()
