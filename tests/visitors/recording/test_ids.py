"""Ids are unique whatever the clocks, processes and restarts do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.recording import ids
from visitors.recording.ids import (
    EPOCH_MS,
    LATEST_MS,
    MAX_TIME,
    IdSequence,
    compose,
    import_id,
    machine_of,
    with_machine,
)

from .builders import NOON_MS, a_journal, finish, start_python

CLOCKS = st.one_of(
    st.integers(NOON_MS - 3, NOON_MS + 3),
    st.integers(0, 10_000),
    st.integers(LATEST_MS - 2, EPOCH_MS + MAX_TIME + 10**12),
)

FLOOD = """
import sys
from pathlib import Path
from visitors.recording.journal import Journal, Limits
journal = Journal(Path(sys.argv[1]), Limits(max_bytes=1, rotate_bytes=1, rotate_seconds=1))
journal.next_id(0)
print("ready", flush=True)
sys.stdin.readline()
print(*[journal.next_id(int(sys.argv[2])) for _ in range(3000)])
"""


@given(st.lists(CLOCKS, max_size=400))
def test_a_writers_ids_grow_whatever_its_clock_does(clock: list[int]) -> None:
    sequence = IdSequence(7)
    made = [sequence.next(at_ms) for at_ms in clock]
    assert made == sorted(set(made))


@given(st.lists(st.lists(CLOCKS, min_size=1, max_size=30), max_size=8))
def test_ids_stay_unique_over_restarts_of_a_writer(lives: list[list[int]]) -> None:
    made: list[int] = []
    last_ms = 0
    for clock in lives:
        sequence = IdSequence(7, last_ms=last_ms)
        made += [sequence.next(at_ms) for at_ms in clock]
        last_ms = sequence.last_ms
    assert made == sorted(set(made))


@pytest.mark.parametrize("wrong_ms", [0, 1_000, EPOCH_MS + MAX_TIME + 1, 2**62])
def test_an_impossible_clock_does_not_use_up_a_writers_ids(wrong_ms: int) -> None:
    sequence = IdSequence(7)
    made = [sequence.next(at_ms) for at_ms in [wrong_ms] * 1000 + [NOON_MS] * 1000]
    assert len(set(made)) == 2000
    assert made[1000] == compose(NOON_MS, low_bits=7 << ids.SEQUENCE_BITS)


def test_one_millisecond_flooded_by_four_processes_gives_unique_ids(tmp_path: Path) -> None:
    processes = [start_python(FLOOD, tmp_path, NOON_MS) for _ in range(4)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    made = [identifier for process in processes for identifier in finish(process)]
    assert len(made) == 12_000
    assert len(set(made)) == 12_000
    assert all(0 < int(identifier) < 1 << 63 for identifier in made)


def test_a_clock_set_back_an_hour_between_two_processes_repeats_no_id(tmp_path: Path) -> None:
    first = a_journal(tmp_path)
    before = {first.next_id(NOON_MS) for _ in range(300)}
    first.close()
    second = a_journal(tmp_path)
    after = {second.next_id(NOON_MS - 3_600_000) for _ in range(300)}
    second.close()
    assert len(before | after) == 600
    assert min(after) > max(before)


@given(st.integers(0, 2**42), st.integers(1, ids.LAST_MACHINE), st.integers(0, (1 << ids.MACHINE_SHIFT) - 1))
def test_an_id_fits_63_bits_and_tells_its_machine(at_ms: int, machine: int, low_bits: int) -> None:
    identifier = with_machine(compose(at_ms, low_bits=low_bits), machine)
    assert 0 <= identifier < 1 << 63
    assert machine_of(identifier) == machine
    assert identifier == compose(at_ms, machine=machine, low_bits=low_bits)


def test_an_imported_line_has_the_same_id_for_ever() -> None:
    assert import_id(NOON_MS, b"line") == import_id(NOON_MS, b"line")
    assert import_id(NOON_MS, b"line") != import_id(NOON_MS, b"another")
    assert machine_of(import_id(NOON_MS, b"line")) == ids.IMPORT_MACHINE
