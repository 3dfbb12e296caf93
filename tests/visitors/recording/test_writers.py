"""A writer's number belongs to one living process; its counters outlive it."""

from __future__ import annotations

import os
import signal
from errno import ENOSPC
from pathlib import Path

import pytest

from visitors.observation import DropReason
from visitors.recording.ids import MAX_WRITERS
from visitors.recording.writers import SPARES, NoWriterNumber, claim_writer, read_counts

from .builders import a_journal, start_python

COUNT_AND_WAIT = """
import sys
from pathlib import Path
from visitors.observation import DropReason
from visitors.recording.writers import LAST_MS, claim_writer
slot = claim_writer(Path(sys.argv[1]))
slot.numbers[LAST_MS] = 1234
for _ in range(5):
    slot.count(DropReason.PREFETCH)
slot.count(DropReason.OVER_CAP)
print(slot.number, flush=True)
sys.stdin.readline()
"""


def test_two_processes_never_hold_one_number(tmp_path: Path) -> None:
    other = start_python(COUNT_AND_WAIT, tmp_path)
    assert other.stdout
    assert other.stdout.readline() == "0\n"
    mine = claim_writer(tmp_path)
    assert mine.number == 1
    mine.close()
    other.communicate("\n", timeout=60)


def test_counts_and_last_time_survive_kill_9_and_the_number_is_free_again(tmp_path: Path) -> None:
    victim = start_python(COUNT_AND_WAIT, tmp_path)
    assert victim.stdout
    victim.stdout.readline()
    victim.send_signal(signal.SIGKILL)
    victim.communicate(timeout=60)
    heir = claim_writer(tmp_path)
    assert (heir.number, heir.last_ms) == (0, 1234)
    heir.count(DropReason.PREFETCH)
    heir.close()
    assert list(read_counts(tmp_path)) == [("000", {"prefetch": 6, "over the cap": 1})]


def test_every_reason_has_a_counter_of_its_own(tmp_path: Path) -> None:
    slot = claim_writer(tmp_path)
    for times, reason in enumerate(DropReason, start=1):
        for _ in range(times):
            slot.count(reason)
    slot.close()
    assert list(read_counts(tmp_path)) == [
        ("000", {str(reason): times for times, reason in enumerate(DropReason, start=1)})
    ]


def test_the_number_after_the_last_is_refused(tmp_path: Path) -> None:
    slots = [claim_writer(tmp_path) for _ in range(MAX_WRITERS)]
    assert [slot.number for slot in slots] == list(range(MAX_WRITERS))
    with pytest.raises(NoWriterNumber):
        claim_writer(tmp_path)
    for slot in slots:
        slot.close()


def test_processes_that_start_on_a_full_disk_have_a_counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_full(*_: int) -> None:
        raise OSError(ENOSPC, "no space left")

    first = claim_writer(tmp_path)
    monkeypatch.setattr(os, "posix_fallocate", is_full)
    late = [claim_writer(tmp_path) for _ in range(SPARES)]
    with pytest.raises(NoWriterNumber):
        claim_writer(tmp_path)
    for slot in (first, *late):
        slot.count(DropReason.JOURNAL_ERROR)
        slot.close()
    assert [(name, count.total()) for name, count in read_counts(tmp_path)] == [
        (f"{number:03d}", 1) for number in range(1 + SPARES)
    ]


def test_drops_counted_while_no_file_can_be_had_are_stored_later(tmp_path: Path) -> None:
    in_the_way = tmp_path / "writers"
    in_the_way.write_text("not a folder")
    journal = a_journal(tmp_path)
    for _ in range(3):
        journal.count_drop(DropReason.METHOD)
    in_the_way.unlink()
    journal.count_drop(DropReason.METHOD)
    journal.close()
    assert list(read_counts(tmp_path / "writers")) == [("000", {"method": 4})]
