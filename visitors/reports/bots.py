"""Which bots came, why they are taken for bots, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, Max, Sum

from visitors.rollups.dimensions import HOUR
from visitors.rollups.raw import ByDay
from visitors.rollups.totals import Totals

from .answers import Asked, Part
from .asked import asked_of
from .filters import LISTED, parts_of, shown
from .metrics import definitions
from .periods import Period
from .scope import Scope, sessions_in
from .sums import split, sums_by_key, totals_by_key

METRICS: Final = ("bots", "share")
BOTS: Final = ("bots",)


@dataclass(frozen=True, slots=True)
class BotRow:
    name: str
    kind: str
    certainty: str
    reason: str
    sessions: int
    page_views: int
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class DayCount:
    day: date
    sessions: int


@dataclass(frozen=True, slots=True)
class HourCount:
    """`hour` 0-23 of the site's clock."""

    hour: int
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BotReport(Asked):
    """`bots` holds the 20 most frequent by name, kind and reason; `days` and `hours` are complete."""

    sessions: int
    kinds: tuple[Part, ...]
    certainties: tuple[Part, ...]
    reasons: tuple[Part, ...]
    bots: tuple[BotRow, ...]
    days: tuple[DayCount, ...]
    hours: tuple[HourCount, ...]


def bots(scope: Scope) -> BotReport:
    """`sessions` are those that the period's bots made."""
    days = split(scope)
    moments = _moments(sums_by_key(scope, dimension=HOUR, days=days, only=BOTS))
    return BotReport(
        period=shown(scope.period),
        definitions=definitions(METRICS),
        query=asked_of(scope),
        sessions=moments.total(),
        kinds=_parts(totals_by_key(scope, dimension="bot_kind", days=days, only=BOTS)),
        certainties=_parts(totals_by_key(scope, dimension="bot_certainty", days=days, only=BOTS)),
        reasons=_parts(totals_by_key(scope, dimension="bot_reason", days=days, only=BOTS)),
        bots=_rows(scope),
        days=_days(scope.period, moments),
        hours=_hours(moments),
    )


def _parts(found: Mapping[str, Totals]) -> tuple[Part, ...]:
    return parts_of((key, sums.bots) for key, sums in found.items() if sums.bots)


def _rows(scope: Scope) -> tuple[BotRow, ...]:
    rows = (
        sessions_in(scope)
        .bots()
        .order_by()
        .values_list("bot_name", "bot_kind", "bot_certainty", "bot_reason")
        .annotate(sessions=Count("id"), views=Sum("page_views_count"), last_seen_at=Max("last_activity_at"))
        .order_by("-sessions", "bot_name", "bot_reason")
    )
    return tuple(BotRow(*row) for row in rows[:LISTED])


def _moments(found: ByDay[Totals]) -> Counter[tuple[date, int]]:
    return Counter({(day, int(hour)): sums.bots for day, keys in found.items() for hour, sums in keys.items()})


def _days(period: Period, moments: Counter[tuple[date, int]]) -> tuple[DayCount, ...]:
    counts: Counter[date] = Counter()
    for (day, _), sessions in moments.items():
        counts[day] += sessions
    days = (period.start + timedelta(days=number) for number in range(period.days))
    return tuple(DayCount(day, counts[day]) for day in days)


def _hours(moments: Counter[tuple[date, int]]) -> tuple[HourCount, ...]:
    counts: Counter[int] = Counter()
    for (_, hour), sessions in moments.items():
        counts[hour] += sessions
    return tuple(HourCount(hour, counts[hour]) for hour in range(24))
