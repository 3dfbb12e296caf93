"""Tell which visits are returns: only of visitors who agreed to be known again, since no other id outlives its day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from visitors.models import VisitorSession
from visitors.observation import is_profile

RETURN_WITHIN: Final = timedelta(days=7)


def returned_visits(sessions: Collection[VisitorSession]) -> set[int]:
    """Ids of the visits before which the same profile had another one within a week. No query without a profile."""
    profiled = [session for session in sessions if is_profile(session.visitor_id)]
    if not profiled:
        return set()
    starts = _starts_of(profiled)
    return {session.id for session in profiled if _has_earlier(session, starts[session.visitor_id])}


def _starts_of(sessions: Collection[VisitorSession]) -> dict[int, dict[int, datetime]]:
    """Start of each visit by its id, by visitor; those of the batch may not be stored yet."""
    starts: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    stored = VisitorSession.objects.filter(
        visitor_id__in={session.visitor_id for session in sessions},
        started_at__gte=min(session.started_at for session in sessions) - RETURN_WITHIN,
        started_at__lt=max(session.started_at for session in sessions),
    )
    for visitor_id, pk, started_at in stored.values_list("visitor_id", "id", "started_at"):
        starts[visitor_id][pk] = started_at
    for session in sessions:
        starts[session.visitor_id][session.id] = session.started_at
    return starts


def _has_earlier(session: VisitorSession, starts: dict[int, datetime]) -> bool:
    others = (started_at for pk, started_at in starts.items() if pk != session.id)
    return any(timedelta(0) < session.started_at - started_at <= RETURN_WITHIN for started_at in others)
