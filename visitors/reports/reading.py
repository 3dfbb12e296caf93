"""What is read, how long and how far down; and what was asked for in vain."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Avg, Count

from visitors.querysets import PageViewQuerySet

from .scope import Scope, page_views_in


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
    """Most visitors first. Two queries."""
    views = page_views_in(scope).shown().order_by()
    return _pages(views, listed)


def pages_not_found(scope: Scope, *, listed: int) -> ReadPages:
    """Addresses of this site that people asked for and that answered 404. Two queries."""
    return _pages(page_views_in(scope).not_found().order_by(), listed)


def _pages(asked: PageViewQuerySet, listed: int) -> ReadPages:
    rows = (
        asked.values_list("path")
        .annotate(
            visitors=Count("visitor_id", distinct=True),
            page_views=Count("id"),
            time_ms=Avg("time_on_page_ms"),
            depth=Avg("scroll_depth"),
        )
        .order_by("-visitors", "-page_views", "path")
    )
    found = rows[:listed]
    shown = tuple(
        ReadPage(path, visitors, views, _whole(time_ms), _whole(depth))
        for path, visitors, views, time_ms, depth in found
    )
    return ReadPages(len(shown) if len(shown) < listed else _paths(asked), shown)


def _paths(views: PageViewQuerySet) -> int:
    count: int = views.aggregate(paths=Count("path", distinct=True))["paths"]
    return count


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
