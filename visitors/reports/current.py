"""A visitor's own session: what he did, and nothing that judges or profiles him."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from visitors.models import PageView, VisitorSession

from .periods import SESSION_GAP

MAX_PAGES: Final = 100


@dataclass(frozen=True, slots=True)
class OwnPage:
    path: str
    title: str
    viewed_at: datetime


@dataclass(frozen=True, slots=True)
class OwnSession:
    """`pages` are the last 100 pages seen, oldest first."""

    session_id: UUID
    started_at: datetime
    last_activity_at: datetime
    page_views: int
    interactions: int
    pages: tuple[OwnPage, ...]


@dataclass(frozen=True, slots=True)
class CurrentSession:
    session: OwnSession | None


def current_session(visitor_ids: Collection[int], *, now: datetime) -> CurrentSession:
    """The latest session of these ids that has not ended; two queries, none for a visitor without id."""
    ids = [visitor_id for visitor_id in visitor_ids if visitor_id]
    if not ids:
        return CurrentSession(None)
    alive = VisitorSession.objects.filter(visitor_id__in=ids).active_since(now - SESSION_GAP)
    session = alive.order_by("-last_activity_at").first()
    return CurrentSession(_own(session) if session else None)


def _own(session: VisitorSession) -> OwnSession:
    views = PageView.objects.shown().filter(session_id=session.id, visitor_id=session.visitor_id)
    rows = views.order_by("-viewed_at", "-id").values_list("path", "title", "viewed_at")[:MAX_PAGES]
    return OwnSession(
        session_id=session.session_id,
        started_at=session.started_at,
        last_activity_at=session.last_activity_at,
        page_views=session.page_views_count,
        interactions=session.interactions_count,
        pages=tuple(OwnPage(*row) for row in reversed(rows)),
    )
