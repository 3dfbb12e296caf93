"""How people move: behaviour patterns, first and last pages, ways through the site, hours of the week."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from django.db.models import Count

from .answers import Answer, Part
from .filters import LISTED, hour_of_start, parts_of, sessions_of, shown
from .metrics import definitions, rate
from .patterns import RULES, Pattern, pattern_of_session
from .periods import Period

METRICS: Final = ("sessions", "share", "entries", "exits")


@dataclass(frozen=True, slots=True)
class PatternRow:
    pattern: Pattern
    rule: str
    sessions: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Way:
    """Visits of two or more pages that began at `entry` and ended at `exit`."""

    entry: str
    exit: str
    sessions: int


@dataclass(frozen=True, slots=True)
class HourOfWeek:
    """`weekday` 1 is Monday; `hour` 0-23 of the site's clock at which the visits began."""

    weekday: int
    hour: int
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorReport(Answer):
    patterns: tuple[PatternRow, ...]
    entry_pages: tuple[Part, ...]
    exit_pages: tuple[Part, ...]
    ways: tuple[Way, ...]
    hours: tuple[HourOfWeek, ...]


def behavior(period: Period) -> BehaviorReport:
    """Five queries. `hours` leaves out hours without a visit; every pattern is listed, visited or not."""
    return BehaviorReport(
        period=shown(period),
        definitions=definitions(METRICS),
        patterns=_patterns(period),
        entry_pages=_pages(period, "entry_path"),
        exit_pages=_pages(period, "exit_path"),
        ways=_ways(period),
        hours=_hours(period),
    )


def _patterns(period: Period) -> tuple[PatternRow, ...]:
    rows = (
        sessions_of(period)
        .humans()
        .order_by()
        .annotate(pattern=pattern_of_session())
        .values_list("pattern")
        .annotate(sessions=Count("id"))
    )
    found = dict(rows)
    whole = sum(found.values())
    return tuple(
        PatternRow(pattern, RULES[pattern], found.get(pattern, 0), rate(found.get(pattern, 0), whole))
        for pattern in Pattern
    )


def _pages(period: Period, column: str) -> tuple[Part, ...]:
    rows = (
        sessions_of(period)
        .humans()
        .filter(page_views_count__gte=1)
        .order_by()
        .values_list(column)
        .annotate(sessions=Count("id"))
    )
    return parts_of(rows)


def _ways(period: Period) -> tuple[Way, ...]:
    rows = (
        sessions_of(period)
        .humans()
        .filter(page_views_count__gte=2)
        .order_by()
        .values_list("entry_path", "exit_path")
        .annotate(sessions=Count("id"))
        .order_by("-sessions", "entry_path", "exit_path")
    )
    return tuple(Way(*row) for row in rows[:LISTED])


def _hours(period: Period) -> tuple[HourOfWeek, ...]:
    rows = (
        sessions_of(period)
        .humans()
        .order_by()
        .annotate(hour=hour_of_start())
        .values_list("day", "hour")
        .annotate(sessions=Count("id"))
    )
    hours: Counter[tuple[int, int]] = Counter()
    for day, hour, sessions in rows:
        hours[day.isoweekday(), hour] += sessions
    return tuple(HourOfWeek(*place, sessions) for place, sessions in sorted(hours.items()))
