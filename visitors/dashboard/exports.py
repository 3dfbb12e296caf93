"""What is on screen as rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from visitors import analytics_service as service
from visitors.conf import conf
from visitors.reports.filters import Paging
from visitors.reports.timeseries import point_moment
from visitors.reports.visits import VisitOrder

from . import tables
from .badges import UNKNOWN_CODE
from .question import CHOICES, Question
from .tables import Row, Table
from .visits import LISTED_ALL

Rows = tuple[tuple[str, ...], Iterable[tuple[Any, ...]]]


def rows_of(name: str, question: Question) -> Rows:
    """Heads and rows; times in milliseconds, rates in percent. Raises `KeyError` for a panel without rows."""
    return EXPORTS[name](question)


def _of_table(panel: str, build: Callable[[Question], Table]) -> Callable[[Question], Rows]:
    """All rows, also where the page shows the first ones. A country is named by its code."""

    def rows(question: Question) -> Rows:
        table = build(replace(question, chosen={**question.chosen, "more": panel}))
        return table.heads, ((_name(row), *row.raw) for row in table.rows)

    return rows


def _name(row: Row) -> str:
    is_country = len(row.badge.text) == 2 and row.badge.text != UNKNOWN_CODE
    return row.badge.text if is_country else row.name


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


VISIT_HEADS: Final = (
    *("visit", "last_seen", "score", "band", "label", "goals", "signals", "source", "application", "country"),
    *("network", "entry", "page_views", "engaged_ms", "duration_ms"),
)


def _visits(question: Question) -> Rows:
    """The first hundred in the order on screen."""
    order = VisitOrder(question.chosen["visits"])
    found = service.visits(question.scope, order=order, paging=Paging(page_size=LISTED_ALL))
    return VISIT_HEADS, (
        (
            *(row.session_id, row.last_seen_at.isoformat(), row.score, row.band, row.label, "; ".join(row.goals)),
            "; ".join(signal.signal for signal in row.signals),
            *(row.source, row.application, row.country, row.network, row.entry_path),
            *(row.page_views, row.engaged_ms, row.duration_ms),
        )
        for row in found.rows
    )


def _funnel(question: Question) -> Rows:
    if not conf.FUNNELS:
        return ("step", "visits", "share", "kept"), ()
    found = service.funnel_steps(question.scope, service.named_funnel(question.funnel))
    return ("step", "visits", "share", "kept"), (
        (step.name, step.sessions, step.share, step.kept) for step in found.steps
    )


def _hours(question: Question) -> Rows:
    hours = service.hours_of_week(question.scope)
    return ("weekday", "hour", "visits"), ((hour.weekday, hour.hour, hour.sessions) for hour in hours)


def _quality(question: Question) -> Rows:
    """What stands outside the figures: visits of bots by kind, requests by the reason for leaving them out."""
    found = service.data_quality(question.period)
    return ("outside", "what", "count"), (
        *(("bot", part.name, part.sessions) for part in found.bots),
        *(("left out", reason.name, reason.count) for reason in found.left_out),
        ("owner", "visits", found.owner),
        ("without a page", "visits", found.empty),
        ("unconfirmed", "page views", found.unconfirmed),
    )


EXPORTS: Final[Mapping[str, Callable[[Question], Rows]]] = {
    "traffic": _traffic,
    "pages": _of_table("pages", tables.pages_table),
    "sources": _of_table("sources", tables.sources_table),
    "countries": _of_table("countries", lambda question: tables.countries_panel(question).table),
    "devices": _of_table("devices", tables.devices_table),
    "goals": _of_table("goals", tables.goals_table),
    "acts": _of_table("acts", tables.acts_table),
    "visits": _visits,
    "funnel": _funnel,
    "hours": _hours,
    "quality": _quality,
}
