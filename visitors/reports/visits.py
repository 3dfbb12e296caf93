"""Single visits of a period: the recruiters' by score or time, or everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import F

from visitors.detection.recruiter_facts import LIKELY
from visitors.models import VisitorSession
from visitors.querysets import SessionQuerySet
from visitors.rollups.dimensions import WHOLE

from .filters import Paging
from .kept import kept_part
from .scope import Scope, humans_in
from .sums import sums_by_key
from .verdicts import SignalShown, signals_of

TOP_SIGNALS: Final = 4


class VisitOrder(StrEnum):
    SCORE = "score"
    LATEST = "latest"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """`score` 0-100, `None` where only the owner's label speaks; `signals` are the strongest, by weight."""

    session_id: UUID
    score: int | None
    band: str
    label: str
    signals: tuple[SignalShown, ...]
    goals: tuple[str, ...]
    last_seen_at: datetime
    source: str
    application: str
    entry_path: str
    country: str
    network: str
    page_views: int
    engaged_ms: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Visits:
    """One page of `count` visits, `likely` of them of band likely; `None` where everybody's are listed."""

    count: int
    rows: tuple[VisitRow, ...]
    likely: int | None


def visits(scope: Scope, *, order: VisitOrder, paging: Paging) -> Visits:
    """Six queries. The page's ids are found first: sorting whole rows costs many times as much. Only visits that can be
    listed are counted."""
    kept = kept_part(scope)
    if kept is None:
        return Visits(0, (), None if order is VisitOrder.EVERYONE else 0)
    scope = kept
    ids = list(_found(scope, order).values_list("id", flat=True)[paging.rows])
    rows = VisitorSession.objects.in_bulk(ids)
    found = tuple(_row(rows[each]) for each in ids if each in rows)
    return Visits(_count(scope, order), found, _likely(scope, order))


def first_visit(scope: Scope, *, order: VisitOrder) -> UUID | None:
    """The visit that heads the list. Two queries, for the same reason."""
    first = _found(scope, order).values_list("id", flat=True).first()
    return VisitorSession.objects.filter(id=first).values_list("session_id", flat=True).first() if first else None


def _count(scope: Scope, order: VisitOrder) -> int:
    name = "sessions" if order is VisitOrder.EVERYONE else "recruiters"
    return sum(getattr(keys[WHOLE], name) for keys in sums_by_key(scope, only=(name,)).values())


def _likely(scope: Scope, order: VisitOrder) -> int | None:
    if order is VisitOrder.EVERYONE:
        return None
    return humans_in(scope).filter(is_recruiter=True, recruiter_score__gte=LIKELY).order_by().count()


def _found(scope: Scope, order: VisitOrder) -> SessionQuerySet:
    if order is VisitOrder.EVERYONE:
        # By day first, which changes nothing but lets an index give the order.
        return humans_in(scope).order_by("-day", "-started_at", "-id")
    recruiters = humans_in(scope).filter(is_recruiter=True)
    if order is VisitOrder.LATEST:
        return recruiters.order_by("-started_at", "-id")
    return recruiters.order_by(F("recruiter_score").desc(nulls_last=True), "-started_at", "-id")


def _row(session: VisitorSession) -> VisitRow:
    return VisitRow(
        session_id=session.session_id,
        score=session.recruiter_score,
        band=session.recruiter_band,
        label=session.label,
        signals=signals_of(session)[:TOP_SIGNALS],
        goals=tuple(session.converted_goals),
        last_seen_at=session.last_activity_at,
        source=session.source,
        application=session.application,
        entry_path=session.entry_path,
        country=session.country,
        network=session.network,
        page_views=session.page_views_count,
        engaged_ms=session.engaged_ms,
        duration_ms=session.duration_ms,
    )
