"""What the sessions of a period come to: one row per local day, and their sum."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from visitors.rollups.dimensions import WHOLE
from visitors.rollups.totals import Totals
from visitors.rollups.totals import total_of as rollups_total_of

from .certainty import Counts, intervals_of
from .metrics import mean, middle, rate, ratio
from .query.formulas import OF_SESSIONS
from .scope import Scope
from .sums import Split, sums_by_key

LENGTHS: Final = ("sessions", "duration_ms")  # what the median reads


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
    """`intervals` are the 95 % bounds of the rates of fewer than 400 visits."""

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
    intervals: Mapping[str, tuple[float, ...]]


def totals_by_day(scope: Scope, *, days: Split | None = None) -> dict[date, Totals]:
    """Every local day of the period, oldest first; a day without a session is all zero."""
    found = sums_by_key(scope, days=days)
    each = (scope.period.start + timedelta(days=number) for number in range(scope.period.days))
    return {day: found[day][WHOLE] if day in found else Totals() for day in each}


def total_of(days: Iterable[Totals]) -> Totals:
    return rollups_total_of(days, Totals())


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


def counts_of(totals: Totals, metrics: Iterable[str]) -> dict[str, Counts]:
    """Numerator and denominator of each metric of sessions."""
    return {metric: _counts(totals, *OF_SESSIONS[metric]) for metric in metrics}


def _counts(totals: Totals, top: str, bottom: str = "") -> Counts:
    return getattr(totals, top), getattr(totals, bottom) if bottom else 0


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
        intervals=intervals_of(
            {"bounce_rate": (totals.bounces, totals.sessions), "engagement_rate": (totals.engaged, totals.sessions)}
        ),
    )


def median_duration(lengths: Mapping[str, Totals]) -> int | None:
    """Milliseconds; `lengths` are the totals by `DURATION`. The mean of the band that holds the middle: to the second
    below 5 minutes, to 10 s below 15, to the minute above."""
    bands = sorted((int(key), sums) for key, sums in lengths.items() if sums.sessions)
    ends = list(accumulate(sums.sessions for _, sums in bands))
    if not ends:
        return None
    places = (ends[-1] - 1) // 2, ends[-1] // 2
    found = (bands[bisect_right(ends, place)][1] for place in places)
    return middle([mean(sums.duration_ms, sums.sessions) or 0 for sums in found])
