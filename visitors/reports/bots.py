"""Which bots came, why they are taken for bots, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, Max, Sum

from .answers import Answer, Part
from .filters import LISTED, hour_of_start, parts_of, sessions_of, shown
from .metrics import definitions
from .periods import Period

METRICS: Final = ("bots", "share")


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
class BotReport(Answer):
    """`bots` holds the 20 most frequent by name, kind and reason; `days` and `hours` are complete."""

    sessions: int
    kinds: tuple[Part, ...]
    certainties: tuple[Part, ...]
    reasons: tuple[Part, ...]
    bots: tuple[BotRow, ...]
    days: tuple[DayCount, ...]
    hours: tuple[HourCount, ...]


def bots(period: Period) -> BotReport:
    """Five queries; `sessions` are those that the period's bots made."""
    moments = _moments(period)
    return BotReport(
        period=shown(period),
        definitions=definitions(METRICS),
        sessions=sum(sessions for _, _, sessions in moments),
        kinds=_parts(period, "bot_kind"),
        certainties=_parts(period, "bot_certainty"),
        reasons=_parts(period, "bot_reason"),
        bots=_rows(period),
        days=_days(period, moments),
        hours=_hours(moments),
    )


def _parts(period: Period, column: str) -> tuple[Part, ...]:
    rows = sessions_of(period).bots().order_by().values_list(column).annotate(sessions=Count("id"))
    return parts_of(rows)


def _rows(period: Period) -> tuple[BotRow, ...]:
    rows = (
        sessions_of(period)
        .bots()
        .order_by()
        .values_list("bot_name", "bot_kind", "bot_certainty", "bot_reason")
        .annotate(sessions=Count("id"), views=Sum("page_views_count"), last_seen_at=Max("last_activity_at"))
        .order_by("-sessions", "bot_name", "bot_reason")
    )
    return tuple(BotRow(*row) for row in rows[:LISTED])


def _moments(period: Period) -> list[tuple[date, int, int]]:
    bots = sessions_of(period).bots().order_by().annotate(hour=hour_of_start())
    return list(bots.values_list("day", "hour").annotate(sessions=Count("id")))


def _days(period: Period, moments: Iterable[tuple[date, int, int]]) -> tuple[DayCount, ...]:
    counts: Counter[date] = Counter()
    for day, _, sessions in moments:
        counts[day] += sessions
    days = (period.start + timedelta(days=number) for number in range(period.days))
    return tuple(DayCount(day, counts[day]) for day in days)


def _hours(moments: Iterable[tuple[date, int, int]]) -> tuple[HourCount, ...]:
    counts: Counter[int] = Counter()
    for _, hour, sessions in moments:
        counts[hour] += sessions
    return tuple(HourCount(hour, counts[hour]) for hour in range(24))
