"""Define every metric once: numerator, denominator, unit and empty value; and the arithmetic that they share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Unit(StrEnum):
    COUNT = "count"
    PERCENT = "percent, one decimal"
    MILLISECONDS = "milliseconds"
    RATIO = "ratio, two decimals"
    SCORE = "score, 0-100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    name: str
    numerator: str
    denominator: str = ""
    unit: Unit = Unit.COUNT
    text: str

    @property
    def empty(self) -> int | None:
        """What is answered when nothing was counted: a count is 0, anything divided is unknown."""
        return 0 if self.unit is Unit.COUNT else None


Z_95: Final = 1.959964  # of the normal distribution: 95 % lie within
SMALL: Final = 400  # below so many, a rate is told with its interval: it can be off by five points

HUMAN_SESSIONS: Final = "human sessions"

METRICS: Final[Mapping[str, Metric]] = {
    metric.name: metric
    for metric in (
        Metric(
            name="visitors",
            numerator="distinct visitor ids of human sessions of each local day, summed over the days",
            text="People as far as they can be told apart: the key that makes the id is forgotten every day, so "
            "somebody who comes on two days counts on both.",
        ),
        Metric(
            name="sessions",
            numerator=HUMAN_SESSIONS,
            text="Visits: observations of one visitor with gaps of at most 30 minutes. Bots, the owner and visits "
            "without a page view or interaction do not count.",
        ),
        Metric(
            name="page_views",
            numerator="HTML documents shown in human sessions",
            text="Documents that were found and shown. Not found, prefetched and previewed pages are left out.",
        ),
        Metric(
            name="interactions",
            numerator="recorded acts of human sessions",
            text="Chat, job analysis, project view, download, contact, outbound link and the site's own kinds.",
        ),
        Metric(
            name="views_per_session",
            numerator="page views",
            denominator=HUMAN_SESSIONS,
            unit=Unit.RATIO,
            text="How many documents a visit shows.",
        ),
        Metric(
            name="bounces",
            numerator="human sessions with exactly one page view and no interaction",
            text="Visits that saw one page and left. A project view comes with its page and is no act here.",
        ),
        Metric(
            name="bounce_rate",
            numerator="bounces",
            denominator=HUMAN_SESSIONS,
            unit=Unit.PERCENT,
            text="Share of visits that saw one page and did nothing.",
        ),
        Metric(
            name="engagement_rate",
            numerator="human sessions with 10 s of engaged time, two page views or an interaction",
            denominator=HUMAN_SESSIONS,
            unit=Unit.PERCENT,
            text="Share of engaged visits.",
        ),
        Metric(
            name="session_duration",
            numerator="time from first to last observation of human sessions",
            denominator=HUMAN_SESSIONS,
            unit=Unit.MILLISECONDS,
            text="Mean length of a visit. A bounce is 0 long and stays in the mean.",
        ),
        Metric(
            name="median_session_duration",
            numerator="the middle one of the lengths of human sessions",
            unit=Unit.MILLISECONDS,
            text="Half of the visits are shorter. Read from bands of a second, of 10 s from 5 minutes and of a minute "
            "from 15 minutes: the mean of the band that holds the middle.",
        ),
        Metric(
            name="engaged_time",
            numerator="time during which pages were visible and focused",
            denominator="human sessions whose pages reported it",
            unit=Unit.MILLISECONDS,
            text="Mean engaged time of the visits in which the tracker ran.",
        ),
        Metric(
            name="time_on_page",
            numerator="time on the page of the page views that were timed",
            denominator="page views that were timed",
            unit=Unit.MILLISECONDS,
            text="Engaged time by the tracker; without it the gap to the next page view, at most 30 minutes. The last "
            "page of a visit without tracker is not timed. Never the server's response time.",
        ),
        Metric(
            name="scroll_depth",
            numerator="deepest point reached of the page views that reported it",
            denominator="page views that reported it",
            unit=Unit.PERCENT,
            text="How far down a page is read.",
        ),
        Metric(
            name="engagement_score",
            numerator="engagement scores of human sessions",
            denominator=HUMAN_SESSIONS,
            unit=Unit.SCORE,
            text="Time 40 points, pages 20, scroll depth 15, acts 25.",
        ),
        Metric(
            name="conversions",
            numerator="human sessions that reached at least one goal",
            text="A visit converts once, however many goals it reaches.",
        ),
        Metric(
            name="conversion_rate",
            numerator="conversions",
            denominator=HUMAN_SESSIONS,
            unit=Unit.PERCENT,
            text="Share of visits that reached a goal.",
        ),
        Metric(
            name="recruiters",
            numerator="human sessions that are taken for a recruiter's, by score or by the owner's label",
            text="Visits whose recruiter score reaches the threshold, or that the owner labelled.",
        ),
        Metric(
            name="bots",
            numerator="sessions of declared or suspected bots",
            text="Kept, shown with their reason, and outside every human figure.",
        ),
        Metric(
            name="entries",
            numerator="human sessions that began on the page",
            text="How often a page is the first of a visit.",
        ),
        Metric(
            name="exits",
            numerator="human sessions that ended on the page",
            text="How often a page is the last of a visit.",
        ),
        Metric(
            name="exit_rate",
            numerator="exits",
            denominator="page views of the page",
            unit=Unit.PERCENT,
            text="How often a view of the page was the last of its visit.",
        ),
        Metric(
            name="percentage",
            numerator="visitors of the row",
            denominator="visitors of the question without its dimensions",
            unit=Unit.PERCENT,
            text="Share of the people asked about. Rows may overlap: one visitor can see several pages.",
        ),
        Metric(
            name="share",
            numerator="the row's part",
            denominator="the whole that the rows divide",
            unit=Unit.PERCENT,
            text="Part of the whole that a row of a breakdown holds.",
        ),
        Metric(
            name="current_visitors",
            numerator="distinct visitor ids of human sessions active in the last 5 minutes",
            text="People on the site now.",
        ),
        Metric(
            name="left_out",
            numerator="observations that are no visit, by reason",
            text="What was not recorded as a visit (prefetches, files, refused requests, ...), so that nothing is "
            "silently discarded.",
        ),
    )
}


def definitions(names: Iterable[str]) -> dict[str, str]:
    """Metric name -> one sentence: numerator, denominator and text. Raises `KeyError` for a name that is no metric."""
    return {name: _sentence(METRICS[name]) for name in names}


def _sentence(metric: Metric) -> str:
    formula = f"{metric.numerator} / {metric.denominator}" if metric.denominator else metric.numerator
    return f"{formula[:1].upper()}{formula[1:]} ({metric.unit.value}). {metric.text}"


def rate(part: int, whole: int) -> float | None:
    """Percent with one decimal, half up; `None` when there is nothing to divide by."""
    return ratio(100 * part, whole, decimals=1)


def ratio(total: int, count: int, *, decimals: int = 2) -> float | None:
    """`total / count`, half up, in whole-number arithmetic; `None` when the count is 0."""
    if not count:
        return None
    scale: int = 10**decimals
    return (2 * scale * total + count) // (2 * count) / scale


def mean(total: int, count: int) -> int | None:
    """Whole units, half up; `None` when nothing was counted."""
    return (2 * total + count) // (2 * count) if count else None


def middle(values: Sequence[int]) -> int | None:
    """The mean of the one or two middle values that a median needs; `None` when there are none."""
    return mean(sum(values), len(values))


def change(now: float | None, before: float | None, *, unit: Unit) -> float | None:
    """Percent of the earlier value; percentage points for a rate.

    `None` when either is unknown or the earlier count is 0: growth from nothing has no percentage.
    """
    if now is None or before is None:
        return None
    if unit is Unit.PERCENT:
        return round(now - before, 1)
    return round(100 * (now - before) / before, 1) if before else None


def changes(now: Mapping[str, float | None], before: Mapping[str, float | None]) -> dict[str, float | None]:
    """Change of each metric of two equal sets, by metric name."""
    return {name: change(value, before[name], unit=METRICS[name].unit) for name, value in now.items()}


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """The 95 % score interval of Wilson for a rate, percent with one decimal; `None` when the whole is 0.

    It holds for few cases and for rates near 0 and 100, where part +- z * error leaves the scale.
    """
    if not whole:
        return None
    share, square = part / whole, Z_95**2
    middle = share + square / (2 * whole)
    reach = Z_95 * math.sqrt(share * (1 - share) / whole + square / (4 * whole**2))
    low, high = ((middle + sign * reach) / (1 + square / whole) for sign in (-1, 1))
    return round(100 * max(low, 0.0), 1), round(100 * min(high, 1.0), 1)


def is_noise_of_counts(now: int, before: int, *, exposure: float = 1.0) -> bool:
    """Whether two counts of rare, independent events may differ by chance: the conditional test of two Poisson counts,
    as a normal deviate, two-sided at 5 %. `exposure` is the length of the period now over that of the one before."""
    expected = exposure / (1 + exposure)
    whole = now + before
    spread = math.sqrt(whole * expected * (1 - expected))
    return abs(now - whole * expected) <= Z_95 * spread


def is_noise_of_rates(part: int, whole: int, part_before: int, whole_before: int) -> bool | None:
    """Whether two rates may differ by chance: the pooled test of two proportions, two-sided at 5 %. `None` when either
    has nothing to divide by."""
    if not whole or not whole_before:
        return None
    pooled = (part + part_before) / (whole + whole_before)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / whole + 1 / whole_before))
    return abs(part / whole - part_before / whole_before) <= Z_95 * spread
