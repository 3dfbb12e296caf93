"""Read what each visit of a scope did, one visit at a time, so that memory does not grow with the period."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.db.models import Q

from visitors.models import PageView, VisitorInteraction, unix_ms
from visitors.querysets import InteractionQuerySet, PageViewQuerySet, SessionQuerySet, streamed

from .steps import UNKNOWN_DEPTH, Event, Rule

WILDCARDS: Final = "*?["

Course = tuple[int, list[Event]]


def courses(sessions: SessionQuerySet, *, since: date, rules: Collection[Rule]) -> Iterator[Course]:
    """Visits by their number, latest first, each with the events that one of `rules` may fit, oldest first.

    Visits without any are left out. `since` is the first local day of the sessions. At most two queries.
    """
    found = merge(*_streams(sessions, since, rules), key=itemgetter(0, 1, 2), reverse=True)
    for session_id, rows in groupby(found, key=itemgetter(0)):
        events = [Event(at_ms, path, kind, scroll, engaged) for _, at_ms, _, path, kind, scroll, engaged in rows]
        yield session_id, events[::-1]


def _streams(sessions: SessionQuerySet, since: date, rules: Collection[Rule]) -> Iterator[Iterable[tuple[Any, ...]]]:
    ids = sessions.order_by().values("id")
    pages = [rule for rule in rules if not rule.kind]
    if pages:
        views = PageView.objects.shown().filter(session_id__in=ids, day__gte=since)
        yield _pages(views.filter(_may_fit(pages)))
    kinds = {rule.kind for rule in rules if rule.kind}
    if kinds:
        yield _acts(VisitorInteraction.objects.filter(session_id__in=ids, day__gte=since, kind__in=kinds))


def _pages(views: PageViewQuerySet) -> Iterator[tuple[Any, ...]]:
    columns = ("session_id", "viewed_at", "id", "path", "scroll_depth", "engaged_ms")
    rows = views.order_by("-session_id", "-viewed_at", "-id").values_list(*columns)
    for session_id, at, number, path, scroll, engaged_ms in streamed(rows):
        depth = UNKNOWN_DEPTH if scroll is None else scroll
        # 0: at the same moment the page comes before the act on it.
        yield session_id, unix_ms(at), (0, number), path, "", depth, engaged_ms


def _acts(acts: InteractionQuerySet) -> Iterator[tuple[Any, ...]]:
    rows = acts.order_by("-session_id", "-occurred_at", "-id").values_list("session_id", "occurred_at", "id", "kind")
    for session_id, at, number, kind in streamed(rows):
        yield session_id, unix_ms(at), (1, number), "", kind, UNKNOWN_DEPTH, 0


def _may_fit(rules: Iterable[Rule]) -> Q:
    """More than fits at most: a pattern is compared as far as its first wildcard."""
    fits = Q()
    for pattern in {rule.page for rule in rules}:
        start = next((place for place, sign in enumerate(pattern) if sign in WILDCARDS), None)
        if start == 0:
            return Q()
        fits |= Q(path=pattern) if start is None else Q(path__startswith=pattern[:start])
    return fits
