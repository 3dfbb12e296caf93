"""What could not be stored is kept for a person to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from visitors.recording.journal import encode
from visitors.recording.quarantine import MAX_BYTES, quarantine, quarantined

from .builders import an_observation, largest_file


def test_a_line_is_kept_once_with_its_error(tmp_path: Path) -> None:
    for _ in range(2):
        quarantine(tmp_path, error="DataError: too long", line=b"some \xff line")
    quarantine(tmp_path, error="other", line=b"another")
    kept = [(record["error"], record["line"]) for record in quarantined(tmp_path)]
    assert kept == [("DataError: too long", "some \\xff line"), ("other", "another")]


@pytest.mark.parametrize("torn", [0, 4])
def test_a_line_is_kept_without_the_user_agent(tmp_path: Path, torn: int) -> None:
    line = encode(an_observation(user_agent='Mozilla/5.0 "quoted\\" Kanarienvogel/7.13', path="/cv/"))
    quarantine(tmp_path, error="torn", line=line[: line.index(b"Kanarien") + torn] if torn else line)
    (record,) = quarantined(tmp_path)
    assert '"user_agent":"***' in record["line"]
    assert "Mozilla" not in record["line"]
    assert "Kana" not in record["line"]


def test_a_record_cut_short_by_a_full_disk_is_taken_back(tmp_path: Path) -> None:
    quarantine(tmp_path, error="first", line=b"1")
    (file,) = (tmp_path / "quarantine").iterdir()
    with largest_file(file.stat().st_size + 20), pytest.raises(OSError, match="no space"):
        quarantine(tmp_path, error="second", line=b"2")
    quarantine(tmp_path, error="third", line=b"3")
    assert [record["error"] for record in quarantined(tmp_path)] == ["first", "third"]


def test_a_record_torn_by_a_power_cut_hides_no_other(tmp_path: Path) -> None:
    quarantine(tmp_path, error="first", line=b"1")
    (file,) = (tmp_path / "quarantine").iterdir()
    file.write_bytes(b'{"at": "2026-11-20T12:0\xff\n' + file.read_bytes())
    assert [record["error"] for record in quarantined(tmp_path)] == ["not readable", "first"]


def test_nothing_is_kept_where_nothing_went_wrong(tmp_path: Path) -> None:
    assert list(quarantined(tmp_path)) == []


def test_the_quarantine_of_a_day_is_bounded_and_private(tmp_path: Path) -> None:
    quarantine(tmp_path, error="first", line=b"1")
    (file,) = (tmp_path / "quarantine").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open("ab") as full:
        full.truncate(MAX_BYTES)
    quarantine(tmp_path, error="second", line=b"2")
    assert file.stat().st_size == MAX_BYTES
