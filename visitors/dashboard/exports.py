"""What is on screen as rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from visitors import analytics_service as service
from visitors.reports.timeseries import point_moment

from . import tables
from .question import CHOICES, Question
from .tables import Table

Rows = tuple[tuple[str, ...], Iterable[tuple[Any, ...]]]


def rows_of(name: str, question: Question) -> Rows:
    """Heads and rows; times in milliseconds, rates in percent. Raises `KeyError` for a panel without rows."""
    return EXPORTS[name](question)


def _of_table(build: Callable[[Question], Table]) -> Callable[[Question], Rows]:
    def rows(question: Question) -> Rows:
        table = build(question)
        return table.heads, ((row.badge if len(row.badge) == 2 else row.name, *row.raw) for row in table.rows)

    return rows


def _traffic(question: Question) -> Rows:
    found = service.traffic(question.scope, against=question.against)
    earlier = found.before.points if found.before else ()
    heads = (found.interval.value, *CHOICES["metric"], *(f"{metric}_before" for metric in CHOICES["metric"]))
    rows = []
    for place, point in enumerate(found.now.points):
        before = earlier[place].figures if place < len(earlier) else None
        rows.append(
            (
                point_moment(point),
                *(getattr(point.figures, metric) for metric in CHOICES["metric"]),
                *(getattr(before, metric, None) for metric in CHOICES["metric"]),
            )
        )
    return heads, rows


EXPORTS: Final[Mapping[str, Callable[[Question], Rows]]] = {
    "traffic": _traffic,
    "pages": _of_table(tables.pages_table),
    "sources": _of_table(tables.sources_table),
    "countries": _of_table(lambda question: tables.countries_panel(question).table),
    "devices": _of_table(tables.devices_table),
    "goals": _of_table(tables.goals_table),
    "acts": _of_table(tables.acts_table),
}
