"""Which visits look like a recruiter's, best first, with the signals that say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import F

from visitors.exceptions import InvalidParameter
from visitors.models import VisitorSession
from visitors.querysets import SessionQuerySet

from .answers import PagedAnswer
from .asked import asked_of
from .filters import Paging, shown
from .metrics import definitions
from .scope import Scope, sessions_in
from .verdicts import SignalShown, signals_of

METRICS: Final = ("recruiters",)
TOP_SIGNALS: Final = 3
MAX_SCORE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RecruiterRow:
    """`top_signals` are the three that weigh most; `score` is `None` where only the owner's label speaks."""

    session_id: UUID
    score: int | None
    band: str
    label: str
    top_signals: tuple[SignalShown, ...]
    started_at: datetime
    last_seen_at: datetime
    source: str
    channel: str
    application: str
    entry_path: str
    page_views: int
    interactions: int
    engaged_ms: int
    country: str
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recruiters(PagedAnswer):
    """`min_score` is `None` when the site's threshold and the owner's labels decide."""

    results: tuple[RecruiterRow, ...]
    min_score: int | None


def recruiters(scope: Scope, *, paging: Paging, min_score: int | None = None) -> Recruiters:
    """Highest score first, then last seen. Two queries. Raises `InvalidParameter` unless the score is 0-100."""
    if min_score is not None and not 0 <= min_score <= MAX_SCORE:
        raise InvalidParameter("min_score", f"between 0 and {MAX_SCORE}", min_score)
    found = _found(scope, min_score)
    count = found.count()
    ordered = found.order_by(F("recruiter_score").desc(nulls_last=True), "-last_activity_at", "-id")
    return Recruiters(
        period=shown(scope.period),
        definitions=definitions(METRICS),
        query=asked_of(scope, min_score=min_score, page=paging.page, page_size=paging.page_size),
        count=count,
        page=paging.page,
        page_size=paging.page_size,
        pages=paging.pages(count),
        results=tuple(_row(session) for session in ordered[paging.rows]),
        min_score=min_score,
    )


def _found(scope: Scope, min_score: int | None) -> SessionQuerySet:
    sessions = sessions_in(scope)
    if min_score is None:
        return sessions.recruiters()
    return sessions.humans().filter(recruiter_score__gte=min_score)


def _row(session: VisitorSession) -> RecruiterRow:
    return RecruiterRow(
        session_id=session.session_id,
        score=session.recruiter_score,
        band=session.recruiter_band,
        label=session.label,
        top_signals=signals_of(session)[:TOP_SIGNALS],
        started_at=session.started_at,
        last_seen_at=session.last_activity_at,
        source=session.source,
        channel=session.channel,
        application=session.application,
        entry_path=session.entry_path,
        page_views=session.page_views_count,
        interactions=session.interactions_count,
        engaged_ms=session.engaged_ms,
        country=session.country,
        network=session.network,
    )
