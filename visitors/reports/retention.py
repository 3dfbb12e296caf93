"""Who came back: within the day always, over weeks where visitors may be known again, and otherwise why not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Final

from django.db.models import Count, Q

from visitors.conf import conf
from visitors.querysets import SessionQuerySet, streamed

from .answers import Asked
from .asked import asked_of
from .certainty import interval_of
from .filters import shown
from .kept import scope_as_kept
from .metrics import definitions, rate
from .scope import Scope, humans_in

METRICS: Final = ("visitors", "share")
MAX_COHORTS: Final = 53
WEEK: Final = timedelta(days=7)
WHY_NOT: Final = (
    "Visitors are told apart within one local day only: the secret that makes their ids is destroyed every day. "
    'VISITORS["PRIVACY"] = "profiling" lets visitors who agree be known again.'
)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Visitors first seen in the week from `week`, a Monday; how many came in each week from then on, and their share
    of the cohort in percent; `intervals` are its 95 % bounds, of fewer than 400 visitors."""

    week: date
    visitors: int
    returned: tuple[int, ...]
    shares: tuple[float | None, ...]
    intervals: tuple[tuple[float, ...] | None, ...]


@dataclass(frozen=True, slots=True)
class WithinDay:
    """`returned` of `visitors` came more than once on the same local day; days are summed. `interval`
    holds the 95 % bounds of the share of fewer than 400."""

    visitors: int
    returned: int
    share: float | None
    interval: tuple[float, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Asked):
    """`cohorts` are empty and `reason` says why where visitors cannot be known again."""

    available: bool
    reason: str
    within_day: WithinDay
    cohorts: tuple[Cohort, ...]


def retention(scope: Scope) -> Retention:
    """Three queries, two where visitors are not known again. Cohorts are those of the period: who came before it is
    taken for new. The latest 53 weeks of a longer one."""
    scope = scope_as_kept(scope)
    sessions = humans_in(scope)
    return Retention(
        period=shown(scope.period),
        definitions=definitions(METRICS),
        query=asked_of(scope),
        available=conf.is_profiling,
        reason="" if conf.is_profiling else WHY_NOT,
        within_day=_within_day(sessions),
        cohorts=tuple(_cohorts(sessions, last=scope.period.last_day)) if conf.is_profiling else (),
    )


def _within_day(sessions: SessionQuerySet) -> WithinDay:
    visitors = sessions.order_by().values("day", "visitor_id").annotate(visits=Count("id"))
    counts = visitors.aggregate(visitors=Count("visits"), returned=Count("visits", filter=Q(visits__gt=1)))
    returned, whole = counts["returned"], counts["visitors"]
    return WithinDay(whole, returned, rate(returned, whole), interval_of(returned, whole))


def _cohorts(sessions: SessionQuerySet, *, last: date) -> Iterator[Cohort]:
    weeks: defaultdict[date, Counter[int]] = defaultdict(Counter)
    rows = sessions.order_by("visitor_id", "day").values_list("visitor_id", "day").distinct()
    for _, days in groupby(streamed(rows), key=itemgetter(0)):
        seen = sorted({_monday(day) for _, day in days})
        weeks[seen[0]].update((week - seen[0]) // WEEK for week in seen)
    for first in sorted(weeks)[-MAX_COHORTS:]:
        counts = weeks[first]
        returned = tuple(counts[number] for number in range((_monday(last) - first) // WEEK + 1))
        shares = tuple(rate(number, counts[0]) for number in returned)
        yield Cohort(first, counts[0], returned, shares, tuple(interval_of(number, counts[0]) for number in returned))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
