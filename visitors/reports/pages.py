"""Which pages people read, where visits begin and end on them, and which addresses were not found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from visitors.rollups.dimensions import NOT_FOUND
from visitors.rollups.totals import PageTotals

from .answers import OTHER, Counted, PagedAnswer
from .asked import asked_of
from .certainty import intervals_of
from .filters import LISTED, Paging, shown
from .metrics import definitions, mean, rate
from .scope import Scope
from .sums import Split, page_totals, split

METRICS: Final = ("page_views", "share", "visitors", "entries", "exits", "exit_rate", "time_on_page")


@dataclass(frozen=True, slots=True)
class PageRow:
    """One path; `time_on_page` is the mean in milliseconds, `None` when no view of it was timed. `intervals` are the
    95 % bounds of rates of fewer than 400 page views."""

    path: str
    title: str
    page_views: int
    share: float | None
    visitors: int
    entries: int
    exits: int
    exit_rate: float | None
    time_on_page: int | None
    intervals: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularPages(PagedAnswer):
    results: tuple[PageRow, ...]
    page_views: int
    not_found: tuple[Counted, ...]


def popular_pages(scope: Scope, *, paging: Paging) -> PopularPages:
    """Most viewed first; `count` is the number of paths, `not_found` the addresses asked for in vain."""
    days = split(scope)
    found = page_totals(scope, days=days)
    whole = sum(sums.page_views for sums in found.values())
    rows = _ranked(found)
    return PopularPages(
        period=shown(scope.period),
        definitions=definitions(METRICS),
        query=asked_of(scope, page=paging.page, page_size=paging.page_size),
        count=len(rows),
        page=paging.page,
        page_size=paging.page_size,
        pages=paging.pages(len(rows)),
        results=tuple(_row(path, sums, whole=whole) for path, sums in rows[paging.rows]),
        page_views=whole,
        not_found=_not_found(scope, days),
    )


def _ranked(found: Mapping[str, PageTotals]) -> list[tuple[str, PageTotals]]:
    rows = [(path, sums) for path, sums in found.items() if sums.page_views and path != OTHER]
    return sorted(rows, key=lambda row: (-row[1].page_views, row[0]))


def _row(path: str, sums: PageTotals, *, whole: int) -> PageRow:
    return PageRow(
        path=path,
        title=sums.title,
        page_views=sums.page_views,
        share=rate(sums.page_views, whole),
        visitors=sums.visitors,
        entries=sums.entries,
        exits=sums.exits,
        exit_rate=rate(sums.exits, sums.page_views),
        time_on_page=mean(sums.time_on_page_ms, sums.timed),
        intervals=intervals_of({"exit_rate": (sums.exits, sums.page_views)}),
    )


def _not_found(scope: Scope, days: Split) -> tuple[Counted, ...]:
    rows = _ranked(page_totals(scope, dimension=NOT_FOUND, days=days))
    return tuple(Counted(path, sums.page_views) for path, sums in rows[:LISTED])
