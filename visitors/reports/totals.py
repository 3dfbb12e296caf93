"""What the sessions of a period come to: one row per local day, and their sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import reduce
from typing import Final

from django.db.models import Count, Q, Sum

from .filters import CONVERTED, sessions_of
from .metrics import mean, middle, rate, ratio
from .periods import Period

HUMAN: Final = Q(is_human=True)


@dataclass(frozen=True, slots=True)
class Totals:
    """Plain sums, so that days add up. Times in milliseconds; everything but the last three counts people only."""

    visitors: int = 0
    sessions: int = 0
    page_views: int = 0
    interactions: int = 0
    bounces: int = 0
    engaged: int = 0
    duration_ms: int = 0
    confirmed: int = 0
    engaged_ms: int = 0
    scores: int = 0
    conversions: int = 0
    recruiters: int = 0
    clients: int = 0
    bots: int = 0
    owner: int = 0
    empty: int = 0

    def __add__(self, other: Totals) -> Totals:
        mine, theirs = asdict(self), asdict(other)
        return Totals(**{name: mine[name] + theirs[name] for name in mine})


@dataclass(frozen=True, slots=True)
class Figures:
    """The metrics of a period under their names; times in milliseconds, rates in percent, `None` where unknown."""

    visitors: int
    sessions: int
    page_views: int
    interactions: int
    views_per_session: float | None
    bounce_rate: float | None
    engagement_rate: float | None
    engagement_score: int | None
    session_duration: int | None
    engaged_time: int | None
    conversions: int
    conversion_rate: float | None
    recruiters: int
    bots: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    visitors: int
    sessions: int
    page_views: int
    interactions: int
    bounce_rate: float | None
    engagement_rate: float | None
    conversions: int
    recruiters: int
    bots: int


# In the order of the fields of `Totals`.
AGGREGATES: Final = {
    "visitors": Count("visitor_id", distinct=True, filter=HUMAN),
    "sessions": Count("id", filter=HUMAN),
    "page_views": Sum("page_views_count", filter=HUMAN, default=0),
    "interactions": Sum("interactions_count", filter=HUMAN, default=0),
    "bounces": Count("id", filter=HUMAN & Q(is_bounce=True)),
    "engaged": Count("id", filter=HUMAN & Q(is_engaged=True)),
    "duration_ms": Sum("duration_ms", filter=HUMAN, default=0),
    "confirmed": Count("id", filter=HUMAN & Q(is_confirmed=True)),
    "engaged_ms": Sum("engaged_ms", filter=HUMAN & Q(is_confirmed=True), default=0),
    "scores": Sum("engagement_score", filter=HUMAN, default=0),
    "conversions": Count("id", filter=HUMAN & CONVERTED),
    "recruiters": Count("id", filter=HUMAN & Q(is_recruiter=True)),
    "clients": Count("id", filter=HUMAN & Q(is_client=True)),
    "bots": Count("id", filter=Q(is_bot=True)),
    "owner": Count("id", filter=Q(is_owner=True, is_bot=False)),
    "empty": Count("id", filter=Q(is_human=False, is_owner=False, is_bot=False)),
}


def totals_by_day(period: Period) -> dict[date, Totals]:
    """Every local day of the period, oldest first; a day without a session is all zero. One query."""
    rows = sessions_of(period).order_by().values_list("day").annotate(**AGGREGATES)
    found = {day: Totals(*sums) for day, *sums in rows}
    days = (period.start + timedelta(days=number) for number in range(period.days))
    return {day: found.get(day, Totals()) for day in days}


def total_of(days: Iterable[Totals]) -> Totals:
    return reduce(Totals.__add__, days, Totals())


def figures_of(totals: Totals) -> Figures:
    return Figures(
        visitors=totals.visitors,
        sessions=totals.sessions,
        page_views=totals.page_views,
        interactions=totals.interactions,
        views_per_session=ratio(totals.page_views, totals.sessions),
        bounce_rate=rate(totals.bounces, totals.sessions),
        engagement_rate=rate(totals.engaged, totals.sessions),
        engagement_score=mean(totals.scores, totals.sessions),
        session_duration=mean(totals.duration_ms, totals.sessions),
        engaged_time=mean(totals.engaged_ms, totals.confirmed),
        conversions=totals.conversions,
        conversion_rate=rate(totals.conversions, totals.sessions),
        recruiters=totals.recruiters,
        bots=totals.bots,
    )


def day_of(day: date, totals: Totals) -> Day:
    return Day(
        day=day,
        visitors=totals.visitors,
        sessions=totals.sessions,
        page_views=totals.page_views,
        interactions=totals.interactions,
        bounce_rate=rate(totals.bounces, totals.sessions),
        engagement_rate=rate(totals.engaged, totals.sessions),
        conversions=totals.conversions,
        recruiters=totals.recruiters,
        bots=totals.bots,
    )


def median_duration(period: Period, *, sessions: int) -> int | None:
    """Milliseconds. `sessions` is how many human sessions the period has: the middle of them is read, not all."""
    if not sessions:
        return None
    lengths = sessions_of(period).humans().order_by("duration_ms").values_list("duration_ms", flat=True)
    return middle(list(lengths[(sessions - 1) // 2 : sessions // 2 + 1]))
