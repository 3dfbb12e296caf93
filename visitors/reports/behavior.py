"""How people move: behaviour patterns, first and last pages, ways through the site, hours of the week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from visitors.rollups.dimensions import BETWEEN, ENTRY, EXIT, HOUR, PATTERN, WAY
from visitors.rollups.raw import ByDay
from visitors.rollups.totals import Totals

from .answers import Asked, Part
from .asked import asked_of
from .filters import LISTED, parts_of, shown
from .metrics import definitions, rate
from .patterns import RULES, Pattern
from .scope import Scope
from .sums import split, sums_by_key, totals_by_key

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
class BehaviorReport(Asked):
    patterns: tuple[PatternRow, ...]
    entry_pages: tuple[Part, ...]
    exit_pages: tuple[Part, ...]
    ways: tuple[Way, ...]
    hours: tuple[HourOfWeek, ...]


def behavior(scope: Scope) -> BehaviorReport:
    """`hours` leaves out hours without a visit; every pattern is listed, visited or not."""
    days = split(scope)
    return BehaviorReport(
        period=shown(scope.period),
        definitions=definitions(METRICS),
        query=asked_of(scope),
        patterns=_patterns(totals_by_key(scope, dimension=PATTERN, days=days, only=("sessions",))),
        entry_pages=_pages(totals_by_key(scope, dimension=ENTRY, days=days, only=("sessions",))),
        exit_pages=_pages(totals_by_key(scope, dimension=EXIT, days=days, only=("sessions",))),
        ways=_ways(totals_by_key(scope, dimension=WAY, days=days, only=("sessions",))),
        hours=_hours(sums_by_key(scope, dimension=HOUR, days=days, only=("sessions",))),
    )


def _patterns(found: Mapping[str, Totals]) -> tuple[PatternRow, ...]:
    counts = {key: sums.sessions for key, sums in found.items()}
    whole = sum(counts.values())
    return tuple(
        PatternRow(pattern, RULES[pattern], counts.get(pattern, 0), rate(counts.get(pattern, 0), whole))
        for pattern in Pattern
    )


def _pages(found: Mapping[str, Totals]) -> tuple[Part, ...]:
    """A visit without a page view has neither a first nor a last page."""
    return parts_of((path, sums.sessions) for path, sums in found.items() if path and sums.sessions)


def _ways(found: Mapping[str, Totals]) -> tuple[Way, ...]:
    ways = [_way(key, sums) for key, sums in found.items() if BETWEEN in key and sums.sessions]
    return tuple(sorted(ways, key=lambda way: (-way.sessions, way.entry, way.exit))[:LISTED])


def _way(key: str, sums: Totals) -> Way:
    entry, _, exit_ = key.partition(BETWEEN)
    return Way(entry, exit_, sums.sessions)


def by_hour_of_week(found: ByDay[Totals]) -> Counter[tuple[int, int]]:
    """Human sessions by weekday, 1 is Monday, and hour."""
    hours: Counter[tuple[int, int]] = Counter()
    for day, keys in found.items():
        for hour, sums in keys.items():
            hours[day.isoweekday(), int(hour)] += sums.sessions
    return hours


def _hours(found: ByDay[Totals]) -> tuple[HourOfWeek, ...]:
    hours = sorted(by_hour_of_week(found).items())
    return tuple(HourOfWeek(*place, sessions) for place, sessions in hours if sessions)
