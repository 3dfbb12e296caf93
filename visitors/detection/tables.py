"""Read the lists of this package: CSV files whose leading `#` lines say where they come from."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

FOLDER = Path(__file__).parent / "data"

Found = TypeVar("Found")


def rows_of(file_name: str) -> Iterator[dict[str, str]]:
    """One dict per row, keyed by the header line, values stripped."""
    with (FOLDER / file_name).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            yield {column: (value or "").strip() for column, value in row.items()}


def by_suffix(table: Mapping[str, Found], host: str) -> Found | None:
    """The entry of the host or of the nearest domain above it, cut at dots only: `ax.test` is not below `x.test`."""
    rest = host
    while rest:
        if (found := table.get(rest)) is not None:
            return found
        rest = rest.partition(".")[2]
    return None
