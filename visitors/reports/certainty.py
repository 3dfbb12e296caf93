"""Say how sure figures are: the bounds of rates of few, and whether a change may be chance. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .metrics import METRICS, SMALL, Unit, is_noise_of_counts, is_noise_of_rates, wilson
from .periods import Period

# Counts of things that come one by one; page views and acts come in bunches, which this test does not know.
TESTED: Final = ("visitors", "sessions", "bounces", "conversions", "recruiters", "bots", "entries", "exits")

# Numerator and denominator of a metric; the latter 0 for one that has none.
Counts = tuple[int, int]


def intervals_of(counts: Mapping[str, Counts]) -> dict[str, tuple[float, float]]:
    """The 95 % bounds, in percent, of the rates among these metrics that are of fewer than 400 cases."""
    found = {metric: interval_of(*pair) for metric, pair in counts.items() if _is_share(metric)}
    return {metric: bounds for metric, bounds in found.items() if bounds}


def interval_of(part: int, whole: int) -> tuple[float, float] | None:
    """`None` of 400 cases and more, of none, and of what is no part."""
    return wilson(part, whole) if part <= whole < SMALL else None


def noises_of(now: Mapping[str, Counts], before: Mapping[str, Counts], *, exposure: float) -> dict[str, bool]:
    """Whether the change of each metric may be chance; those that cannot be tested are left out. `exposure` is how
    much longer it was now than before."""
    found = {metric: _is_noise(metric, pair, before[metric], exposure) for metric, pair in now.items()}
    return {metric: verdict for metric, verdict in found.items() if verdict is not None}


def exposure_of(period: Period, against: Period) -> float:
    return period.length / against.length


def _is_share(metric: str) -> bool:
    """Some of a number of things: what an interval can be given for."""
    return METRICS[metric].unit is Unit.PERCENT and metric != "scroll_depth"


def _is_noise(metric: str, now: Counts, then: Counts, exposure: float) -> bool | None:
    if _is_share(metric) and now[0] <= now[1] and then[0] <= then[1]:
        return is_noise_of_rates(*now, *then)
    return is_noise_of_counts(now[0], then[0], exposure=exposure) if metric in TESTED else None
