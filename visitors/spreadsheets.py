"""Write rows as text: CSV that a spreadsheet shows and never runs as a formula, or one JSON object a line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
ROWS_AT_ONCE: Final = 500  # of a piece of the answer: a packet for each row would cost more than the row


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """One line at a time, the header first."""
    writer = csv.writer(_Line())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


def safe_cell(value: Any) -> Any:
    """Text that begins like a formula is led in by an apostrophe; numbers stay numbers."""
    if value is None or isinstance(value, int | float):
        return value
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else plain(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def json_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """One object a line, its names those of the header."""
    encode = json.JSONEncoder(ensure_ascii=False, default=plain).encode
    for row in rows:
        yield encode(dict(zip(header, row, strict=True))) + "\n"


def plain(value: Any) -> str:
    """Days and moments in ISO 8601, a moment in UTC with Z; everything else as it is written."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """UTF-8, some hundred lines at once."""
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        if len(waiting) == ROWS_AT_ONCE:
            yield "".join(waiting).encode()
            waiting.clear()
    if waiting:
        yield "".join(waiting).encode()
