"""How deeply people engage: bounce and engagement rates, time, depth and scores, compared with the period before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db.models import Avg, Count, Q

from .answers import Answer, Part
from .filters import page_views_of, sessions_of, shown
from .metrics import changes, definitions, rate
from .periods import Period
from .totals import Day, day_of, figures_of, median_duration, total_of, totals_by_day

METRICS: Final = (
    "sessions",
    "bounce_rate",
    "engagement_rate",
    "engagement_score",
    "views_per_session",
    "session_duration",
    "engaged_time",
)

# Lower bound (inclusive) of each band but the first; the last is open.
DURATIONS: Final = (
    ("0 s", 1),
    ("under 10 s", 10_000),
    ("10-59 s", 60_000),
    ("1-4 min", 300_000),
    ("5-14 min", 900_000),
)
DEPTHS: Final = (("no page", 1), ("1 page", 2), ("2 pages", 3), ("3-4 pages", 5), ("5-9 pages", 10))
SCORES: Final = (("0-19", 20), ("20-39", 40), ("40-59", 60), ("60-79", 80))


@dataclass(frozen=True, slots=True)
class EngagementFigures:
    """Rates in percent, times in milliseconds; `None` where nothing was counted."""

    sessions: int
    bounce_rate: float | None
    engagement_rate: float | None
    engagement_score: int | None
    views_per_session: float | None
    session_duration: int | None
    engaged_time: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementReport(Answer):
    totals: EngagementFigures
    previous: EngagementFigures
    change: Mapping[str, float | None]
    median_session_duration: int | None
    scroll_depth: float | None
    durations: tuple[Part, ...]
    depths: tuple[Part, ...]
    scores: tuple[Part, ...]
    days: tuple[Day, ...]


def engagement(period: Period) -> EngagementReport:
    """Five queries, whatever the period and the number of visits."""
    by_day = totals_by_day(period)
    now = _figures(by_day)
    before = _figures(totals_by_day(period.previous()))
    bands = _bands(period)
    return EngagementReport(
        period=shown(period),
        definitions=definitions((*METRICS, "median_session_duration", "scroll_depth", "share")),
        totals=now,
        previous=before,
        change=changes(asdict(now), asdict(before)),
        median_session_duration=median_duration(period, sessions=now.sessions),
        scroll_depth=_scroll_depth(period),
        durations=bands["duration_ms"],
        depths=bands["page_views_count"],
        scores=bands["engagement_score"],
        days=tuple(day_of(day, totals) for day, totals in by_day.items()),
    )


def _figures(by_day: Mapping[Any, Any]) -> EngagementFigures:
    figures = asdict(figures_of(total_of(by_day.values())))
    return EngagementFigures(**{name: figures[name] for name in METRICS})


def _bands(period: Period) -> dict[str, tuple[Part, ...]]:
    """Human sessions by band of each column, lowest band first, in one query."""
    columns = {
        "duration_ms": (*DURATIONS, ("15 min and more", None)),
        "page_views_count": (*DEPTHS, ("10 pages and more", None)),
        "engagement_score": (*SCORES, ("80-100", None)),
    }
    counts = {
        f"{column}_{place}": Count("id", filter=_band(column, bounds, place))
        for column, bounds in columns.items()
        for place in range(len(bounds))
    }
    found = sessions_of(period).humans().aggregate(whole=Count("id"), **counts)
    return {
        column: tuple(
            Part(name, found[f"{column}_{place}"], rate(found[f"{column}_{place}"], found["whole"]))
            for place, (name, _) in enumerate(bounds)
        )
        for column, bounds in columns.items()
    }


def _band(column: str, bounds: tuple[tuple[str, int | None], ...], place: int) -> Q:
    below = bounds[place][1]
    upper = Q() if below is None else Q(**{f"{column}__lt": below})
    return upper & Q(**{f"{column}__gte": bounds[place - 1][1]}) if place else upper


def _scroll_depth(period: Period) -> float | None:
    """Percent, mean over the page views that reported it."""
    depth = page_views_of(period).shown().aggregate(depth=Avg("scroll_depth"))["depth"]
    return None if depth is None else round(depth, 1)
