"""The story of one application: its openings, and what the people behind them read, asked and took along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from visitors.applications.models import ApplicationHit, HitKind
from visitors.models import PageView, VisitorInteraction, VisitorSession

from .answers import in_order
from .applications import ApplicationShown, application

MAX_EVENTS: Final = 1000
OPENING: Final = "opening"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEvent:
    """`kind` is opening, page, not_found or that of an interaction. An opening says whose it was and why; a share
    names its channel. Times in milliseconds."""

    at: datetime
    kind: str
    session_id: UUID | None = None
    opened_by: str = ""
    reason: str = ""
    channel: str = ""
    referrer_host: str = ""
    path: str = ""
    title: str = ""
    engaged_ms: int = 0
    scroll_depth: int | None = None
    target: str = ""
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOfLink:
    session_id: UUID
    started_at: datetime
    page_views: int
    engaged_ms: int
    recruiter_score: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationTimeline:
    """Oldest first; the first 1000 of `events_total`. Visits of machines and of the owner are left out but for their
    openings."""

    application: ApplicationShown
    visits: tuple[VisitOfLink, ...]
    events: tuple[LinkEvent, ...]
    events_total: int


def application_timeline(pk: int, *, now: datetime, site: str = "") -> ApplicationTimeline | None:
    """Six queries; `None` when there is no such application."""
    shown = application(pk, now=now, site=site)
    if shown is None:
        return None
    hits = list(ApplicationHit.objects.filter(application_id=pk).order_by("opened_at", "id"))
    people = {hit.session_id for hit in hits if hit.kind in {HitKind.HUMAN, HitKind.UNKNOWN} and hit.session_id}
    ids = {hit.session_id for hit in hits if hit.session_id}
    sessions = {session.id: session for session in VisitorSession.objects.filter(id__in=ids)}
    events = sorted(_events(hits, sessions, people), key=lambda event: event.at)
    visits = (sessions[key] for key in sorted(people) if key in sessions)
    return ApplicationTimeline(
        application=shown,
        visits=tuple(map(_visit, visits)),
        events=tuple(events[:MAX_EVENTS]),
        events_total=len(events),
    )


def _visit(session: VisitorSession) -> VisitOfLink:
    return VisitOfLink(
        session_id=session.session_id,
        started_at=session.started_at,
        page_views=session.page_views_count,
        engaged_ms=session.engaged_ms,
        recruiter_score=session.recruiter_score,
    )


def _events(
    hits: list[ApplicationHit], sessions: Mapping[int, VisitorSession], people: set[int]
) -> Iterator[LinkEvent]:
    public = {key: session.session_id for key, session in sessions.items()}
    visitors = {session.visitor_id for session in sessions.values()}
    for hit in hits:
        yield _opening(hit, public.get(hit.session_id or 0))
    for view in PageView.objects.filter(visitor_id__in=visitors, session_id__in=people).order_by("viewed_at", "id"):
        yield _page(view, public[view.session_id])
    acts = VisitorInteraction.objects.filter(visitor_id__in=visitors, session_id__in=people)
    for act in acts.order_by("occurred_at", "id"):
        yield _act(act, public[act.session_id])


def _opening(hit: ApplicationHit, session_id: UUID | None) -> LinkEvent:
    return LinkEvent(
        at=hit.opened_at,
        kind=OPENING,
        session_id=session_id,
        opened_by=hit.kind,
        reason=hit.reason,
        channel=hit.channel,
        referrer_host=hit.referrer_host,
    )


def _page(view: PageView, session_id: UUID) -> LinkEvent:
    return LinkEvent(
        at=view.viewed_at,
        kind="not_found" if view.status == 404 else "page",
        session_id=session_id,
        path=view.path,
        title=view.title,
        engaged_ms=view.engaged_ms,
        scroll_depth=view.scroll_depth,
    )


def _act(act: VisitorInteraction, session_id: UUID) -> LinkEvent:
    return LinkEvent(
        at=act.occurred_at,
        kind=act.kind,
        session_id=session_id,
        path=act.path,
        target=act.target,
        details=in_order(act.details),
    )
