"""Rows as text that no spreadsheet runs and every tool reads."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from visitors.spreadsheets import csv_lines, json_lines, pieces, safe_cell

ROW = (
    "=1+1",
    True,
    None,
    -2,
    1.5,
    date(2026, 11, 20),
    datetime(2026, 11, 20, 12, tzinfo=UTC),
    UUID(int=1),
    ["é", "="],
    {"a": "\n"},
)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_begins_like_a_formula_is_led_in_by_an_apostrophe(start):
    assert safe_cell(f"{start}1") == f"'{start}1"


@pytest.mark.parametrize(
    ("value", "cell"),
    [(-1, -1), (1.5, 1.5), (None, None), (True, True), ("a=1", "a=1"), ("", ""), (["-"], '["-"]'), ({}, "{}")],
)
def test_what_is_no_formula_stays_as_it_is(value, cell):
    assert safe_cell(value) == cell


def test_csv_is_read_back_cell_by_cell():
    lines = "".join(csv_lines([f"n{place}" for place in range(len(ROW))], [ROW]))
    header, row = csv.reader(io.StringIO(lines))
    assert header[0] == "n0"
    assert row == [
        *("'=1+1", "True", "", "-2", "1.5", "2026-11-20", "2026-11-20T12:00:00Z"),
        *("00000000-0000-0000-0000-000000000001", '["é", "="]', '{"a": "\\n"}'),
    ]


def test_json_lines_are_one_object_each_with_values_as_they_are():
    (line,) = json_lines([f"n{place}" for place in range(len(ROW))], [ROW])
    assert line.endswith("\n")
    values = list(json.loads(line).values())
    assert values[:5] == ["=1+1", True, None, -2, 1.5]
    assert values[6:] == ["2026-11-20T12:00:00Z", "00000000-0000-0000-0000-000000000001", ["é", "="], {"a": "\n"}]


def test_lines_leave_in_pieces_and_are_made_as_they_are_taken():
    taken = []
    lines = (taken.append(number) or f"{number}\n" for number in range(2000))
    parts = pieces(lines)
    first = next(parts)
    assert (first.count(b"\n"), len(taken)) == (500, 500)
    assert b"".join((first, *parts)).split() == [b"%d" % number for number in range(2000)]
