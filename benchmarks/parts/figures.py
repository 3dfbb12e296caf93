"""Figures of rounds as medians with their spread, tables, verdicts against targets, and the state of the machine."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds' figures, and the lowest and the highest of them."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:9,.1f} [{self.low:,.1f} .. {self.high:,.1f}]"


def spread(figures: Sequence[float]) -> Spread:
    return Spread(median(figures), min(figures), max(figures))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Of figures in ascending order; `share` is between 0 and 1."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    lines = [list(map(str, line)) for line in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        first, *rest = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join((first, *(cell.strip().rjust(width) for cell, width in zip(rest, widths[1:], strict=True)))))


def verdict(target: str, *, figure: str, is_reached: bool) -> None:
    print(f"{'reached' if is_reached else 'MISSED ':8} {target}: {figure}")


def ratio(figure: float, base: float) -> float:
    """How many times `base` is contained in `figure`; a base of nothing, or of noise, counts as a tenth of a unit."""
    return figure / max(base, 0.1)


def machine(database: str) -> None:
    """The line that every part begins with."""
    from django import VERSION
    from django.db import connection

    with connection.cursor():
        server = sqlite3.sqlite_version
        if database == "postgresql":
            server = ".".join(map(str, connection.get_database_version()))
    python, django = platform.python_version(), ".".join(map(str, VERSION[:3]))
    print(f"{cpu_model()}, {os.cpu_count()} cores; Python {python}, Django {django}, {database} {server}; {load()}")


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown CPU")


def load() -> str:
    return "load average " + " ".join(f"{figure:.2f}" for figure in os.getloadavg())
