"""What is read, how long and how far down; and what was asked for in vain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from visitors.rollups.dimensions import NOT_FOUND
from visitors.rollups.totals import PageTotals

from .answers import OTHER
from .metrics import mean
from .scope import Scope
from .sums import page_totals

READ: Final = ("page_views", "visitors", "timed", "time_on_page_ms", "scrolled", "scroll_depth")


@dataclass(frozen=True, slots=True)
class ReadPage:
    """`time_on_page` is the mean in milliseconds, `scroll_depth` the mean in percent; `None` when nobody told."""

    path: str
    visitors: int
    page_views: int
    time_on_page: int | None
    scroll_depth: int | None


@dataclass(frozen=True, slots=True)
class ReadPages:
    """The most visited of `count` paths."""

    count: int
    rows: tuple[ReadPage, ...]


def read_pages(scope: Scope, *, listed: int) -> ReadPages:
    """Most visitors first."""
    return _pages(page_totals(scope, only=READ), listed)


def pages_not_found(scope: Scope, *, listed: int) -> ReadPages:
    """Addresses of this site that people asked for and that answered 404."""
    return _pages(page_totals(scope, dimension=NOT_FOUND, only=READ), listed)


def _pages(found: Mapping[str, PageTotals], listed: int) -> ReadPages:
    rows = [(path, sums) for path, sums in found.items() if sums.page_views and path != OTHER]
    rows.sort(key=lambda row: (-row[1].visitors, -row[1].page_views, row[0]))
    return ReadPages(len(rows), tuple(_row(path, sums) for path, sums in rows[:listed]))


def _row(path: str, sums: PageTotals) -> ReadPage:
    return ReadPage(
        path,
        sums.visitors,
        sums.page_views,
        mean(sums.time_on_page_ms, sums.timed),
        mean(sums.scroll_depth, sums.scrolled),
    )
