"""State the query language: which metrics, dimensions and bounds a question may have. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from visitors.exceptions import InvalidParameter, Rule
from visitors.reports.conditions import Condition, check_size
from visitors.reports.metrics import METRICS
from visitors.reports.periods import Period
from visitors.reports.traits import ALIASES, DETAIL, TRAITS, trait_of

MAX_METRICS: Final = 20
MAX_DIMENSIONS: Final = 4
MAX_LIMIT: Final = 10_000
MAX_OFFSET: Final = 1_000_000
DEFAULT_LIMIT: Final = 100
MAX_DAYS_BY_MINUTE: Final = 2
MAX_DAYS_BY_HOUR: Final = 93
MAX_DAYS_BY_DAY: Final = 92  # before `time` takes weeks
MAX_DAYS_BY_WEEK: Final = 200

TIME: Final = "time"
MINUTE, HOUR, DAY, WEEK, MONTH = (f"{TIME}:{name}" for name in ("minute", "hour", "day", "week", "month"))
TIMES: Final[Mapping[str, str]] = {
    TIME: "by hour up to 2 days, by day up to 92, by week up to 200, else by month",
    MINUTE: f"local minute, in periods of at most {MAX_DAYS_BY_MINUTE} days",
    HOUR: f"local hour, in periods of at most {MAX_DAYS_BY_HOUR} days",
    DAY: "local day",
    WEEK: "week, from Monday; named by its first day within the period",
    MONTH: "calendar month; named by its first day within the period",
}

QUERIED: Final = (
    "visitors",
    "sessions",
    "page_views",
    "interactions",
    "views_per_session",
    "bounces",
    "bounce_rate",
    "engagement_rate",
    "engagement_score",
    "session_duration",
    "engaged_time",
    "time_on_page",
    "scroll_depth",
    "conversions",
    "conversion_rate",
    "recruiters",
    "bots",
    "entries",
    "exits",
    "exit_rate",
    "percentage",
)
METRIC_ALIASES: Final[Mapping[str, str]] = {"pageviews": "page_views", "visits": "sessions"}


@dataclass(frozen=True, slots=True)
class Order:
    """By a metric or dimension of the question; what is unknown comes last either way."""

    name: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question. Names are the language's own after `resolved`; raises `InvalidParameter` for what is out of bounds.

    `with_totals` adds the figures of the whole, `with_time_labels` every bucket of the time dimension, `fills_time` an
    empty row for each bucket without one.
    """

    metrics: tuple[str, ...]
    period: Period
    dimensions: tuple[str, ...] = ()
    filters: tuple[Condition, ...] = ()
    against: Period | None = None
    order: tuple[Order, ...] = ()
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    with_totals: bool = False
    with_total_rows: bool = False
    with_time_labels: bool = False
    fills_time: bool = False

    def __post_init__(self) -> None:
        _check_names("metrics", self.metrics, least=1, most=MAX_METRICS)
        _check_names("dimensions", self.dimensions, least=0, most=MAX_DIMENSIONS)
        for name, value, least, most in (
            ("limit", self.limit, 1, MAX_LIMIT),
            ("offset", self.offset, 0, MAX_OFFSET),
        ):
            if not least <= value <= most:
                raise InvalidParameter(name, f"between {least} and {most}", value)
        check_size(self.filters)

    @property
    def time(self) -> str:
        """Its time dimension, or ""."""
        return next((name for name in self.dimensions if name in TIMES), "")


def metric_named(name: str) -> str:
    known = METRIC_ALIASES.get(name, name)
    if known not in QUERIED or known not in METRICS:
        raise InvalidParameter("metrics", f"names out of {', '.join(QUERIED)}", name)
    return known


def dimension_named(name: str) -> str:
    if name in TIMES:
        return name
    known = ALIASES.get(name, name)
    if trait_of(known) is None:
        raise InvalidParameter("dimensions", f"names out of {', '.join((*TIMES, *TRAITS))} or {DETAIL}NAME", name)
    return known


def time_of(period: Period) -> str:
    """What `time` stands for."""
    if period.days <= MAX_DAYS_BY_MINUTE:
        return HOUR
    if period.days <= MAX_DAYS_BY_DAY:
        return DAY
    return WEEK if period.days <= MAX_DAYS_BY_WEEK else MONTH


def _check_names(parameter: str, names: tuple[str, ...], *, least: int, most: int) -> None:
    if not least <= len(names) <= most:
        raise InvalidParameter(parameter, f"a list of {least} to {most} names", len(names))
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise InvalidParameter(parameter, "different names", twice[0], rule=Rule.TOGETHER)
