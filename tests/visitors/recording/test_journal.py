"""What was appended is read again, whatever is forked, full, rotated or killed."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from time_machine import TimeMachineFixture

from visitors.observation import Observation
from visitors.recording.journal import BadLine, JournalFull, decode, encode, journal_sizes
from visitors.recording.reading import read_entries

from .builders import NOON_MS, a_folder, a_journal, a_journal_file, an_observation, finish, largest_file, start_python

ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=80)  # with NUL and control characters
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT
ANY_OBSERVATION = st.builds(
    an_observation,
    id=st.integers(0, 2**63 - 1),
    at_ms=st.integers(0, 2**42),
    visitor_id=st.integers(0, 2**63 - 1),
    previous_visitor_id=st.integers(0, 2**63 - 1),
    kind=ANY_TEXT,
    path=ANY_TEXT,
    title=ANY_TEXT,
    user_agent=ANY_TEXT,
    utm_term=ANY_TEXT,
    is_owner=st.booleans(),
    scroll_depth=st.integers(-1, 100),
    details=st.dictionaries(ANY_TEXT, SCALARS, max_size=5),
)

FORK = """
import os, sys
from pathlib import Path
from tests.visitors.recording.builders import an_observation
from visitors import recording
for number in range(10):
    recording.journal().append(an_observation(path=f"/parent/{number}"))
child = os.fork()
name = "child" if child == 0 else "parent"
for number in range(10, 200):
    recording.journal().append(an_observation(path=f"/{name}/{number}"))
if child:
    os.waitpid(child, 0)
"""


def stored_paths(directory: Path) -> list[str]:
    entries = list(read_entries(directory, {}))
    assert [entry.error for entry in entries if entry.error] == []
    return [entry.observation.path for entry in entries if entry.observation]


@given(ANY_OBSERVATION)
def test_a_line_holds_the_whole_observation(seen: Observation) -> None:
    line = encode(seen)
    assert line.count(b"\n") == 1
    assert decode(line) == seen


@given(ANY_OBSERVATION, st.data())
def test_a_flipped_bit_is_noticed(seen: Observation, data: st.DataObject) -> None:
    line = bytearray(encode(seen).rstrip(b"\n"))
    line[data.draw(st.integers(0, len(line) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BadLine):
        decode(bytes(line))


@pytest.mark.parametrize(
    "given_fields",
    [
        {"at_ms": "noon"},
        {"at_ms": None},
        {"id": 1.5},
        {"id": "1"},
        {"day": "yesterday"},
        {"day": 20261120},
        {"day": []},
    ],
)
def test_a_line_with_a_right_checksum_and_wrong_types_is_bad(given_fields: dict[str, object]) -> None:
    with pytest.raises(BadLine):
        decode(encode(replace(an_observation(), **given_fields)))  # type: ignore[arg-type]


def test_threads_share_one_file_without_mixing_lines(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    threads = [
        threading.Thread(
            target=lambda name=name: [journal.append(an_observation(path=f"/{name}/{n}")) for n in range(200)]
        )
        for name in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    assert len(journal_sizes(tmp_path)) == 1
    assert sorted(stored_paths(tmp_path)) == sorted(f"/{name}/{n}" for name in range(8) for n in range(200))


def test_a_forked_child_writes_a_file_and_a_number_of_its_own(tmp_path: Path) -> None:
    finish(start_python(FORK, VISITORS_JOURNAL_DIR=str(tmp_path)))
    assert {name.split("-")[1] for name in journal_sizes(tmp_path)} == {"000", "001"}
    expected = [f"/parent/{n}" for n in range(200)] + [f"/child/{n}" for n in range(10, 200)]
    assert sorted(stored_paths(tmp_path)) == sorted(expected)


def test_a_file_is_rotated_by_size(tmp_path: Path) -> None:
    journal = a_journal(tmp_path, rotate_bytes=len(encode(an_observation())) * 10)
    for number in range(40):
        journal.append(an_observation(path=f"/{number}"))
    journal.close()
    assert len(journal_sizes(tmp_path)) in {4, 5}
    assert sorted(stored_paths(tmp_path)) == sorted(f"/{number}" for number in range(40))


def test_a_file_is_rotated_by_age(tmp_path: Path, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON_MS / 1000)
    journal = a_journal(tmp_path, rotate_seconds=60)
    for _ in range(3):
        journal.append(an_observation())
        time_machine.shift(59)
    journal.close()
    assert len(journal_sizes(tmp_path)) == 2


def test_a_clock_set_back_rotates_rather_than_never(tmp_path: Path, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON_MS / 1000)
    journal = a_journal(tmp_path, rotate_seconds=60)
    journal.append(an_observation())
    time_machine.shift(-3600)
    journal.append(an_observation())
    journal.close()
    assert len(journal_sizes(tmp_path)) == 2


def test_over_its_bound_the_journal_refuses_until_it_was_drained(tmp_path: Path) -> None:
    line = len(encode(an_observation()))
    journal = a_journal(tmp_path, max_bytes=line * 10, rotate_bytes=line * 2)
    kept = sum(_is_taken(journal) for _ in range(30))
    assert kept in {9, 10}
    assert sum(journal_sizes(tmp_path).values()) <= line * 10
    journal.close()
    assert len(stored_paths(tmp_path)) == kept


def _is_taken(journal: object) -> bool:
    try:
        journal.append(an_observation())  # type: ignore[attr-defined]
    except JournalFull:
        return False
    return True


def test_a_drained_journal_takes_new_ones_within_a_second(tmp_path: Path, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON_MS / 1000)
    journal = a_journal(tmp_path, max_bytes=2000, rotate_bytes=300)
    while _is_taken(journal):
        pass
    for name in sorted(journal_sizes(tmp_path))[:-1]:
        (tmp_path / name).unlink()
    assert not _is_taken(journal)
    time_machine.shift(2)
    assert _is_taken(journal)
    journal.close()


def test_a_line_cut_short_by_a_full_disk_is_taken_back(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.append(an_observation(path="/first"))
    size = sum(journal_sizes(tmp_path).values())
    with largest_file(size + 20):
        with pytest.raises(OSError, match=r"whole line|too large"):
            journal.append(an_observation(path="/second"))
        with pytest.raises(OSError, match=r"whole line|too large"):
            journal.append(an_observation(path="/third"))
    assert sum(journal_sizes(tmp_path).values()) == size
    journal.append(an_observation(path="/fourth"))
    journal.close()
    assert stored_paths(tmp_path) == ["/first", "/fourth"]


def test_a_journal_directory_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError) as raised:
        a_journal(tmp_path / "file" / "journal").append(an_observation())
    assert raised.value.errno in {errno.ENOTDIR, errno.EEXIST}


def test_what_visitors_did_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.append(an_observation())
    journal.close()
    modes = {oct(path.stat().st_mode & 0o777) for path in tmp_path.glob("*.journal")}
    assert modes == {"0o600"}


@given(st.lists(st.integers(0, 3), max_size=40))
def test_files_are_read_as_one_stream_in_order_of_time(files: list[int]) -> None:
    with a_folder() as directory:
        seen = [an_observation(at_ms=1_790_000_000_000 + number, path=f"/{number}") for number in range(len(files))]
        for file in set(files):
            mine = [each for each, its_file in zip(seen, files, strict=True) if its_file == file]
            a_journal_file(directory, *mine, name=f"179000000000{file}-00{file}-abcdef")
        assert stored_paths(directory) == [each.path for each in seen]
