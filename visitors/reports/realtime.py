"""What happens on the site now: who is here, on which pages, from where, and what they did last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, Func, IntegerField, QuerySet, Subquery

from visitors.models import VisitorInteraction, VisitorSession, first_id
from visitors.querysets import SessionQuerySet

from .answers import UNKNOWN, Counted
from .metrics import definitions
from .minutes import Minute, ask_minutes, minutes_of
from .periods import CURRENT, SESSION_GAP
from .prepared import Prepared, together

METRICS: Final = ("current_visitors", "sessions", "page_views")
LATEST: Final = 20
TOP: Final = 10
CLOCK_SET_BACK: Final = timedelta(hours=1)

IN_PROGRESS: Final = (
    "session_id",
    "started_at",
    "last_activity_at",
    "exit_path",
    "page_views_count",
    "interactions_count",
    "source",
    "country",
    "device_type",
    "recruiter_band",
)


@dataclass(frozen=True, slots=True)
class SessionInProgress:
    session_id: UUID
    started_at: datetime
    last_activity_at: datetime
    exit_path: str
    page_views: int
    interactions: int
    source: str
    country: str
    device_type: str
    recruiter_band: str


@dataclass(frozen=True, slots=True)
class LatestInteraction:
    occurred_at: datetime
    kind: str
    target: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTime:
    """People only. `sessions_in_progress` shows the 20 that moved last of the `sessions` that have not ended."""

    now: datetime
    definitions: dict[str, str]
    current_visitors: int
    sessions: int
    minutes: tuple[Minute, ...]
    pages: tuple[Counted, ...]
    sources: tuple[Counted, ...]
    sessions_in_progress: tuple[SessionInProgress, ...]
    latest_interactions: tuple[LatestInteraction, ...]


def real_time(now: datetime) -> RealTime:
    """Four queries over the last half hour; the oldest minute comes first. They are asked every few seconds by whoever
    looks at them, and each reads so little that making it would be half of what it costs."""
    with together(VisitorSession):
        asked_here = _here.ask(since=now - CURRENT, until=now)
        asked_alive = _in_progress.ask(since=now - SESSION_GAP, until=now)
        # It begins at ids that a clock made before it was set back by an hour; set back further, acts are listed once
        # it has caught up.
        asked_acts = _latest.ask(until=now, below=first_id(now + CLOCK_SET_BACK))
        asked_minutes = ask_minutes(now)
        here, alive = asked_here(), asked_alive()
        return RealTime(
            now=now,
            definitions=definitions(METRICS),
            current_visitors=len({visitor_id for *_, visitor_id in here}),
            sessions=alive[0][-1] if alive else 0,
            # The last page that somebody opened is where he is, however long ago that was.
            pages=_ranked(Counter(path for path, _ in {each[1:] for each in here} if path)),
            sources=_ranked(Counter(source for source, *_ in here)),
            sessions_in_progress=tuple(SessionInProgress(*row) for *row, _ in alive),
            latest_interactions=tuple(LatestInteraction(*row) for row in asked_acts()),
            minutes=minutes_of(asked_minutes()),  # the longest is read last: a store is at it meanwhile
        )


def current_visitors(now: datetime) -> int:
    """What `RealTime.current_visitors` says, in one query."""
    here = _people(since=now - CURRENT, until=now)
    return int(here.aggregate(number=Count("visitor_id", distinct=True))["number"])


def _people(*, since: datetime, until: datetime) -> SessionQuerySet:
    """Those who did something in this time, in no order."""
    people = VisitorSession.objects.humans().order_by()
    return people.filter(last_activity_at__gte=since, last_activity_at__lte=until)


@partial(Prepared, VisitorSession)
def _here(**time: datetime) -> QuerySet[Any, Any]:
    return _people(**time).values_list("source", "exit_path", "visitor_id")


@partial(Prepared, VisitorSession)
def _in_progress(**time: datetime) -> QuerySet[Any, Any]:
    """Those that moved last, and beside each how many there are."""
    # No aggregate to Django, which would group by it. What it counts is in the index.
    number = Func(F("is_human"), function="COUNT", output_field=IntegerField())
    alive = Subquery(_people(**time).values_list(number))
    return _people(**time).order_by("-last_activity_at").values_list(*IN_PROGRESS, alive)[:LATEST]


@partial(Prepared, VisitorInteraction)
def _latest(*, until: datetime, below: int) -> QuerySet[Any, Any]:
    """Ids are ordered by time, and only the key has an index that a list over all kinds can follow."""
    known = VisitorInteraction.objects.humans().filter(id__lt=below, occurred_at__lte=until)
    return known.order_by("-id").values_list("occurred_at", "kind", "target", "path")[:LATEST]


def _ranked(counts: Mapping[str, int]) -> tuple[Counted, ...]:
    ranked = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return tuple(Counted(name or UNKNOWN, number) for name, number in ranked[:TOP])
