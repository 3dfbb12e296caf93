"""Which ways visits take through the site: the most common ones, and what comes before and after a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final

from visitors.models import PageView
from visitors.querysets import SessionQuerySet, streamed

from .answers import OTHER, Asked
from .asked import asked_of
from .conditions import Filter
from .filters import shown
from .kept import scope_as_kept
from .metrics import definitions, rate
from .scope import PAGE, Scope, humans_in
from .session_list import sessions_by_start

METRICS: Final = ("sessions", "share")
MAX_SESSIONS: Final = 20_000  # the latest visits, which bounds the work at any size
MIN_PAGES: Final = 2
MAX_PAGES: Final = 10
PAGES: Final = 4
LISTED: Final = 20
ENTRY: Final = "(entry)"
EXIT: Final = "(exit)"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A page beside the one that was asked about; `share` in percent of all ways there or from there."""

    page: str
    count: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Journey:
    """Pages one after the other, a reload left out; `is_cut` where the visit went on. `share` in percent of visits."""

    pages: tuple[str, ...]
    is_cut: bool
    sessions: int
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journeys(Asked):
    """Of the latest `sessions_read` of `sessions` visits. With a `page`, the journeys begin at its first view."""

    page: str
    sessions: int
    sessions_read: int
    is_sample: bool
    previous: tuple[Neighbour, ...]
    next: tuple[Neighbour, ...]
    journeys: tuple[Journey, ...]


def journeys(scope: Scope, *, page: str = "", length: int = PAGES, most: int = MAX_SESSIONS) -> Journeys:
    """`length` pages of a journey at most. Three queries, whose rows are read one visit at a time."""
    scope = scope_as_kept(scope)
    narrowed = Scope(scope.period, (*scope.filters, Filter(PAGE, page))) if page else scope
    count = humans_in(narrowed).filter(page_views_count__gt=0).count()
    sessions = sessions_by_start(narrowed).filter(page_views_count__gt=0)
    ways: Counter[tuple[tuple[str, ...], bool]] = Counter()
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    in_vain = 0  # asked for the page when it was not found: a filter knows such visits too
    for paths in _ways(sessions, most):
        if page and page not in paths:
            in_vain += 1
            continue
        start = paths.index(page) if page else 0
        ways[tuple(paths[start : start + length]), len(paths) > start + length] += 1
        for previous, here, following in _beside(paths):
            if here == page:
                before[previous] += 1
                after[following] += 1
    read = ways.total()
    return Journeys(
        period=shown(scope.period),
        definitions=definitions(METRICS),
        query=asked_of(scope, path=page, length=length),
        page=page,
        sessions=count - in_vain,
        sessions_read=read,
        is_sample=read + in_vain < count,
        previous=_neighbours(before),
        next=_neighbours(after),
        journeys=tuple(_journeys(ways)),
    )


def _ways(sessions: SessionQuerySet, most: int) -> Iterator[list[str]]:
    """The pages of each of the latest visits, without the one that is shown again at once."""
    latest = sessions.order_by("-started_at", "-id").values("id")[:most]
    views = PageView.objects.shown().filter(session_id__in=latest).order_by("session_id", "viewed_at", "id")
    rows = streamed(views.values_list("session_id", "path"))
    for _, views_of_session in groupby(rows, key=itemgetter(0)):
        yield [path for path, _ in groupby(path for _, path in views_of_session)]


def _beside(paths: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    pairs = pairwise((ENTRY, *paths, EXIT))
    return ((first, here, last) for (first, here), (_, last) in pairwise(pairs))


def _neighbours(counts: Mapping[str, int]) -> tuple[Neighbour, ...]:
    """Most common first; what is past the list is one row."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    whole, rest = sum(counts.values()), sum(count for _, count in ranked[LISTED:])
    listed = ranked[:LISTED] + ([(OTHER, rest)] if rest else [])
    return tuple(Neighbour(page, count, rate(count, whole)) for page, count in listed)


def _journeys(ways: Counter[tuple[tuple[str, ...], bool]]) -> Iterator[Journey]:
    ranked = sorted(ways.items(), key=lambda item: (-item[1], item[0]))[:LISTED]
    for (pages, is_cut), count in ranked:
        yield Journey(pages, is_cut, count, rate(count, ways.total()))
