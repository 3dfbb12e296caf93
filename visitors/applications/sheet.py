"""Read applications from CSV, with every line's error, and write them as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TextIO

from django.db import transaction

from visitors.conf import strict_bool
from visitors.exceptions import InvalidParameter, VisitorsError, shorten
from visitors.spreadsheets import safe_cell

from .addresses import link_of
from .desk import CHANGEABLE, add_application
from .models import Application

EXPORTED: Final = ("id", *CHANGEABLE, "link", "revoked_at", "created_at")
MAX_LINES: Final = 10_000


class InvalidSheet(VisitorsError):
    """Nothing was imported; `problems` says why, line by line."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    given: Mapping[str, Any]


def import_applications(text: TextIO) -> list[Application]:
    """All lines or none; raises `InvalidSheet` with every fault. The header names the columns, `company` among them."""
    problems: list[str] = []
    made: list[Application] = []
    with transaction.atomic():
        for line in _lines(text):
            try:
                made.append(add_application({name: _value(name, cell) for name, cell in line.given.items()}))
            except InvalidParameter as error:
                problems.append(f"line {line.number}: {error.message}")
        if problems:
            raise InvalidSheet(problems)
    return made


def _lines(text: TextIO) -> Iterator[Line]:
    """Lines that hold something; an empty cell counts as not given."""
    reader = csv.DictReader(text, strict=True)
    try:
        _check_header(list(reader.fieldnames or ()))
        for row in reader:
            if None in row:
                raise InvalidSheet([f"line {reader.line_num}: more cells than the header has columns."])
            given = {name: cell.strip() for name, cell in row.items() if cell and cell.strip()}
            if given:
                yield Line(reader.line_num, given)
            if reader.line_num > MAX_LINES:
                raise InvalidSheet([f"The file must have at most {MAX_LINES:,} lines."])
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidSheet([f"line {reader.line_num + 1}: no CSV in UTF-8 ({error})."]) from error


def _check_header(names: list[str]) -> None:
    unknown = [name for name in names if name not in CHANGEABLE]
    if "company" not in names:
        raise InvalidSheet([f"line 1: the header must name a column `company`; it names {', '.join(names) or 'none'}."])
    if unknown or len(set(names)) < len(names):
        wrong = shorten(", ".join(unknown) or "a column twice")
        raise InvalidSheet(
            [f"line 1: the header must name columns of {', '.join(CHANGEABLE)}, each once, not {wrong}."]
        )


def _value(name: str, cell: str) -> Any:
    if name != "notify":
        return cell
    try:
        return strict_bool(cell)
    except ValueError as error:
        raise InvalidParameter(name, str(error), cell) from error


def csv_of(applications: Iterable[Application], *, out: Any) -> int:
    """Write them with their links; returns how many."""
    writer = csv.writer(out)
    writer.writerow(EXPORTED)
    count = 0
    for count, application in enumerate(applications, start=1):  # noqa: B007
        writer.writerow(_cell(application, name) for name in EXPORTED)
    return count


def _cell(application: Application, name: str) -> str:
    value = link_of(application) if name == "link" else getattr(application, name)
    text = "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
    return str(safe_cell(text))
