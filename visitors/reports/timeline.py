"""What one visit did, page views and acts merged by time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from heapq import merge
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from visitors.models import PageView, VisitorInteraction, VisitorSession

from .answers import in_order
from .prepared import Prepared

MAX_ENTRIES: Final = 1000  # as many rows as a session can have
PAGE: Final = "page"
NOT_FOUND: Final = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """A page (`kind` page or not_found) or an act (its interaction kind), `offset_ms` after the visit began.

    `time_on_page_ms` is `None` when unknown and estimated from the next page view where `is_estimated`.
    """

    at: datetime
    offset_ms: int
    kind: str
    path: str
    title: str = ""
    target: str = ""
    time_on_page_ms: int | None = None
    is_estimated: bool = False
    engaged_ms: int = 0
    scroll_depth: int | None = None
    details: Mapping[str, Any] | None = None


class View(NamedTuple):
    """What a timeline tells of a page view."""

    viewed_at: datetime
    status: int
    path: str
    title: str
    time_on_page_ms: int | None
    is_estimated: bool
    engaged_ms: int
    scroll_depth: int | None


class Done(NamedTuple):
    """What a timeline tells of an act."""

    occurred_at: datetime
    kind: str
    path: str
    target: str
    details: Mapping[str, Any]


@partial(Prepared, PageView)
def _views(*, session_id: int, visitor_id: int) -> QuerySet[Any, Any]:
    views = PageView.objects.filter(session_id=session_id, visitor_id=visitor_id)
    return views.order_by("viewed_at", "id").values_list(*View._fields)[:MAX_ENTRIES]


@partial(Prepared, VisitorInteraction)
def _acts(*, session_id: int, visitor_id: int) -> QuerySet[Any, Any]:
    acts = VisitorInteraction.objects.filter(session_id=session_id, visitor_id=visitor_id)
    return acts.order_by("occurred_at", "id").values_list(*Done._fields)[:MAX_ENTRIES]


def page_views_of_session(session: VisitorSession) -> list[View]:
    return list(map(View._make, _views(session_id=session.id, visitor_id=session.visitor_id)))


def interactions_of_session(session: VisitorSession) -> list[Done]:
    return list(map(Done._make, _acts(session_id=session.id, visitor_id=session.visitor_id)))


def timeline_of(session: VisitorSession, *, views: Sequence[View], acts: Sequence[Done]) -> tuple[TimelineEntry, ...]:
    """Oldest first, the first 1000; at the same moment the page comes before the act on it."""
    start = session.started_at
    pages = (_page(view, start) for view in views)
    interactions = (_act(act, start) for act in acts)
    return tuple(merge(pages, interactions, key=lambda entry: entry.at))[:MAX_ENTRIES]


def _page(view: View, start: datetime) -> TimelineEntry:
    return TimelineEntry(
        at=view.viewed_at,
        offset_ms=_offset_ms(view.viewed_at, start),
        kind=NOT_FOUND if view.status == 404 else PAGE,
        path=view.path,
        title=view.title,
        time_on_page_ms=view.time_on_page_ms,
        is_estimated=view.is_estimated,
        engaged_ms=view.engaged_ms,
        scroll_depth=view.scroll_depth,
    )


def _act(act: Done, start: datetime) -> TimelineEntry:
    return TimelineEntry(
        at=act.occurred_at,
        offset_ms=_offset_ms(act.occurred_at, start),
        kind=act.kind,
        path=act.path,
        target=act.target,
        details=in_order(act.details),
    )


def _offset_ms(moment: datetime, start: datetime) -> int:
    return max(0, round((moment - start).total_seconds() * 1000))
