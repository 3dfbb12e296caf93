"""Which pages people read, where visits begin and end on them, and which addresses were not found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Max, Sum

from .answers import Counted, PagedAnswer
from .filters import LISTED, Paging, page_views_of, sessions_of, shown
from .metrics import definitions, mean, rate
from .periods import Period

METRICS: Final = ("page_views", "share", "visitors", "entries", "exits", "exit_rate", "time_on_page")


@dataclass(frozen=True, slots=True)
class PageRow:
    """One path; `time_on_page` is the mean in milliseconds, `None` when no view of it was timed."""

    path: str
    title: str
    page_views: int
    share: float | None
    visitors: int
    entries: int
    exits: int
    exit_rate: float | None
    time_on_page: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularPages(PagedAnswer):
    results: tuple[PageRow, ...]
    page_views: int
    not_found: tuple[Counted, ...]


def popular_pages(period: Period, *, paging: Paging) -> PopularPages:
    """Most viewed first. Six queries; `count` is the number of paths, `not_found` the addresses asked for in vain."""
    whole = page_views_of(period).shown().aggregate(views=Count("id"), paths=Count("path", distinct=True))
    return PopularPages(
        period=shown(period),
        definitions=definitions(METRICS),
        count=whole["paths"],
        page=paging.page,
        page_size=paging.page_size,
        pages=paging.pages(whole["paths"]),
        results=_page(period, paging, views=whole["views"]),
        page_views=whole["views"],
        not_found=_not_found(period),
    )


def _page(period: Period, paging: Paging, *, views: int) -> tuple[PageRow, ...]:
    rows = list(
        page_views_of(period)
        .shown()
        .order_by()
        .values("path")
        .annotate(
            page_views=Count("id"), title=Max("title"), timed=Count("time_on_page_ms"), time_ms=Sum("time_on_page_ms")
        )
        .order_by("-page_views", "path")[paging.rows]
    )
    paths = [row["path"] for row in rows]
    visitors = _visitors(period, paths)
    entries, exits = (_sessions_by(period, column, paths) for column in ("entry_path", "exit_path"))
    return tuple(
        _row(row, views=views, visitors=visitors[row["path"]], entries=entries[row["path"]], exits=exits[row["path"]])
        for row in rows
    )


def _row(row: Mapping[str, Any], *, views: int, visitors: int, entries: int, exits: int) -> PageRow:
    return PageRow(
        path=row["path"],
        title=row["title"],
        page_views=row["page_views"],
        share=rate(row["page_views"], views),
        visitors=visitors,
        entries=entries,
        exits=exits,
        exit_rate=rate(exits, row["page_views"]),
        time_on_page=mean(row["time_ms"] or 0, row["timed"]),
    )


def _visitors(period: Period, paths: Sequence[str]) -> Counter[str]:
    """Daily visitors of each path, summed over the days."""
    rows = (
        page_views_of(period)
        .shown()
        .filter(path__in=paths)
        .order_by()
        .values_list("path", "day")
        .annotate(visitors=Count("visitor_id", distinct=True))
    )
    visitors: Counter[str] = Counter()
    for path, _, number in rows:
        visitors[path] += number
    return visitors


def _sessions_by(period: Period, column: str, paths: Sequence[str]) -> Counter[str]:
    rows = (
        sessions_of(period)
        .humans()
        .filter(**{f"{column}__in": paths})
        .order_by()
        .values_list(column)
        .annotate(sessions=Count("id"))
    )
    return Counter(dict(rows))


def _not_found(period: Period) -> tuple[Counted, ...]:
    rows = (
        page_views_of(period)
        .not_found()
        .order_by()
        .values_list("path")
        .annotate(asked=Count("id"))
        .order_by("-asked", "path")[:LISTED]
    )
    return tuple(Counted(path, asked) for path, asked in rows)
