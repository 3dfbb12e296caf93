"""Reading survives whatever a file holds: every good line is read, every bad one is told."""

from __future__ import annotations

import fcntl
import resource
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from visitors.observation import Observation
from visitors.recording import reading
from visitors.recording.journal import encode, journal_sizes
from visitors.recording.reading import MAX_LINE_BYTES, oldest_unread_ms, read_entries, remove_finished, unread_bytes

from .builders import NOON_MS, a_folder, a_journal, a_journal_file, an_observation

NOISE = st.binary(max_size=200).map(lambda noise: noise.replace(b"\n", b" ") + b"\n")
OVER_LONG = st.sampled_from([b"x" * MAX_LINE_BYTES + b"\n", b"x" * (3 * MAX_LINE_BYTES + 5) + b"\n"])
GOOD = st.builds(lambda number: an_observation(path=f"/{number}"), st.integers(0, 10**6))
DAMAGE = st.sampled_from(["cut", "flip", "insert"])


def paths_and_errors(directory: Path) -> tuple[list[str], int]:
    entries = list(read_entries(directory, {}))
    good = [entry.observation.path for entry in entries if entry.observation]
    return good, sum(entry.observation is None for entry in entries)


@given(st.lists(st.one_of(GOOD, NOISE, OVER_LONG), max_size=12))
def test_good_lines_are_read_between_foreign_and_over_long_ones(lines: list[Observation | bytes]) -> None:
    with a_folder() as directory:
        a_journal_file(directory, *lines)
        good = [line.path for line in lines if isinstance(line, Observation)]
        assert paths_and_errors(directory) == (good, len(lines) - len(good))


@given(st.lists(GOOD, min_size=1, max_size=8), DAMAGE, st.data())
def test_damage_at_any_place_costs_the_lines_that_it_touches(
    lines: list[Observation], damage: str, data: st.DataObject
) -> None:
    content = bytearray(b"".join(map(encode, lines)))
    at = data.draw(st.integers(0, len(content) - 1))
    if damage == "cut":
        del content[at:]
    elif damage == "flip":
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    else:
        content[at:at] = data.draw(st.binary(min_size=1, max_size=50))
    with a_folder() as directory:
        a_journal_file(directory, bytes(content))
        good, bad = paths_and_errors(directory)
    untouched = [part + b"\n" for part in bytes(content).split(b"\n")]  # a carriage return ends no line
    whole = [line.path for line in lines if encode(line) in untouched]
    assert [path for path in whole if path not in good] == []
    assert len(good) + bad <= len(lines) + content.count(b"\n") + 1


@given(st.binary(max_size=2000))
def test_no_content_stops_the_reader(content: bytes) -> None:
    with a_folder() as directory:
        path = a_journal_file(directory, content)
        ends = [entry.end for entry in read_entries(directory, {})]
        assert ends == sorted(ends)
        assert (ends or [0])[-1] == len(content)
        remove_finished(directory, {path.name: len(content)}, first=nothing)
        assert journal_sizes(directory) == {}


@given(st.lists(GOOD, max_size=10), st.data())
def test_reading_goes_on_where_it_stopped(lines: list[Observation], data: st.DataObject) -> None:
    with a_folder() as directory:
        path = a_journal_file(directory, *lines)
        taken = data.draw(st.integers(0, len(lines)))
        ends = [0] + [entry.end for entry in read_entries(directory, {})]
        rest = read_entries(directory, {path.name: ends[taken]})
        assert [entry.observation for entry in rest] == lines[taken:]


def nothing() -> None:
    """What comes before a file goes."""


def test_the_line_being_written_is_left_for_later(tmp_path: Path) -> None:
    line = encode(an_observation(path="/late"))
    path = a_journal_file(tmp_path, an_observation(path="/"), line[:30])
    with path.open("ab") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert paths_and_errors(tmp_path) == (["/"], 0)
        writer.write(line[30:])
        writer.flush()
        assert paths_and_errors(tmp_path) == (["/", "/late"], 0)


def test_a_line_that_is_finished_while_its_writer_is_asked_after_is_read_whole(tmp_path: Path, monkeypatch) -> None:
    line = encode(an_observation(path="/late"))
    path = a_journal_file(tmp_path, line[:30])

    def finish_and_leave(_: object) -> bool:
        with path.open("ab") as writer:
            writer.write(line[30:])
        return False

    monkeypatch.setattr(reading, "has_writer", finish_and_leave)
    assert paths_and_errors(tmp_path) == (["/late"], 0)


def test_the_torn_last_line_of_a_dead_writer_is_told_as_bad(tmp_path: Path) -> None:
    a_journal_file(tmp_path, an_observation(path="/"), encode(an_observation())[:30])
    assert paths_and_errors(tmp_path) == (["/"], 1)


def test_more_files_than_a_process_may_open_are_read_all_the_same(tmp_path: Path) -> None:
    for number in range(300):
        seen = an_observation(at_ms=NOON_MS + number, path=f"/{number}")
        a_journal_file(tmp_path, seen, name=f"{1790000000000 + number}-000-abcdef")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        assert paths_and_errors(tmp_path) == ([f"/{number}" for number in range(300)], 0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_file_goes_when_it_is_read_and_its_writer_is_gone(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.append(an_observation())
    sizes = dict(journal_sizes(tmp_path))
    remove_finished(tmp_path, sizes, first=nothing)
    assert journal_sizes(tmp_path) == sizes
    journal.close()
    remove_finished(tmp_path, {}, first=nothing)
    assert journal_sizes(tmp_path) == sizes
    remove_finished(tmp_path, sizes, first=nothing)
    assert journal_sizes(tmp_path) == {}


def test_what_waits_is_told_in_bytes_and_by_its_oldest(tmp_path: Path) -> None:
    first, second = an_observation(at_ms=NOON_MS), an_observation(at_ms=NOON_MS + 5)
    path = a_journal_file(tmp_path, first, second)
    read = {path.name: len(encode(first))}
    assert unread_bytes(journal_sizes(tmp_path), read) == len(encode(second))
    assert oldest_unread_ms(tmp_path, read) == NOON_MS + 5
    assert oldest_unread_ms(tmp_path, dict(journal_sizes(tmp_path))) is None
