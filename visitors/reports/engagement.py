"""How deeply people engage: bounce and engagement rates, time, depth and scores, compared with the period before."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from visitors.rollups.dimensions import DEPTH, DURATION, PAGES, SCORE, WHOLE
from visitors.rollups.totals import PageTotals, Totals

from .answers import Asked, Part
from .asked import compared_of
from .certainty import exposure_of, intervals_of, noises_of
from .filters import shown
from .metrics import changes, definitions, rate, ratio
from .periods import Period
from .scope import Scope
from .sums import Split, page_totals, split, totals_by_key
from .totals import LENGTHS, Day, counts_of, day_of, figures_of, median_duration, total_of, totals_by_day

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
class EngagementReport(Asked):
    """`intervals` and `is_noise` as in the statistics of sessions."""

    totals: EngagementFigures
    previous: EngagementFigures
    change: Mapping[str, float | None]
    intervals: Mapping[str, tuple[float, ...]]
    is_noise: Mapping[str, bool]
    median_session_duration: int | None
    scroll_depth: float | None
    durations: tuple[Part, ...]
    depths: tuple[Part, ...]
    scores: tuple[Part, ...]
    days: tuple[Day, ...]


def engagement(scope: Scope, *, against: Period | None = None) -> EngagementReport:
    """A constant number of queries, whatever the period and the number of visits."""
    days = split(scope)
    by_day = totals_by_day(scope, days=days)
    compared = against or scope.period.previous()
    sums, sums_before = (total_of(each.values()) for each in (by_day, totals_by_day(scope.during(compared))))
    now, before = _figures(sums), _figures(sums_before)
    counts, counts_before = counts_of(sums, METRICS), counts_of(sums_before, METRICS)
    lengths = totals_by_key(scope, dimension=DURATION, days=days, only=LENGTHS)
    return EngagementReport(
        period=shown(scope.period),
        compare=shown(compared),
        definitions=definitions((*METRICS, "median_session_duration", "scroll_depth", "share")),
        query=compared_of(scope, compared),
        totals=now,
        previous=before,
        change=changes(asdict(now), asdict(before)),
        intervals=intervals_of(counts),
        is_noise=noises_of(counts, counts_before, exposure=exposure_of(scope.period, compared)),
        median_session_duration=median_duration(lengths),
        scroll_depth=_scroll_depth(scope, days),
        durations=_bands(lengths, (*DURATIONS, ("15 min and more", None))),
        depths=_bands(_sessions(scope, DEPTH, days), (*DEPTHS, ("10 pages and more", None))),
        scores=_bands(_sessions(scope, SCORE, days), (*SCORES, ("80-100", None))),
        days=tuple(day_of(day, totals) for day, totals in by_day.items()),
    )


def _sessions(scope: Scope, dimension: str, days: Split) -> dict[str, Totals]:
    return totals_by_key(scope, dimension=dimension, days=days, only=("sessions",))


def _figures(sums: Totals) -> EngagementFigures:
    figures = asdict(figures_of(sums))
    return EngagementFigures(**{name: figures[name] for name in METRICS})


def _bands(found: Mapping[str, Totals], bounds: Sequence[tuple[str, int | None]]) -> tuple[Part, ...]:
    """Human sessions by band, lowest first."""
    uppers = [below for _, below in bounds if below is not None]
    counts: Counter[int] = Counter()
    for key, sums in found.items():
        counts[bisect_right(uppers, int(key))] += sums.sessions
    whole = counts.total()
    return tuple(Part(name, counts[place], rate(counts[place], whole)) for place, (name, _) in enumerate(bounds))


def _scroll_depth(scope: Scope, days: Split) -> float | None:
    """Percent, mean over the page views that reported it."""
    sums = page_totals(scope, dimension=PAGES, days=days, only=("scrolled", "scroll_depth")).get(WHOLE, PageTotals())
    return ratio(sums.scroll_depth, sums.scrolled, decimals=1)
