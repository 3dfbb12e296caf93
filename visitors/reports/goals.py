"""Which goals visits reach, how sure that is, what it was before, and how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from visitors.conf import conf
from visitors.rollups.dimensions import GOAL, WHOLE

from .answers import Asked
from .asked import compared_of
from .certainty import interval_of
from .filters import shown
from .intervals import Interval, interval_for, stretches
from .metrics import Unit, change, definitions, is_noise_of_rates, rate
from .periods import Period
from .scope import Scope
from .sums import act_sums, sums_by_key

METRICS: Final = ("sessions", "conversions", "conversion_rate")

Counts = Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """Visits that reached a goal. `interval` holds the 95 % bounds of the rate of fewer than 400 visits; the last four
    are `None` without comparison, `change` in percentage points, `is_noise` where it may be chance."""

    conversions: int
    conversion_rate: float | None
    interval: tuple[float, ...] | None
    conversions_before: int | None
    conversion_rate_before: float | None
    change: float | None
    is_noise: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalReached(Converted):
    """`rule` is empty for a goal that the settings no longer have."""

    goal: str
    rule: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """`day` is the first of the interval within the period; partial when the period or the clock cuts it short.
    `interval` holds the 95 % bounds of the rate of fewer than 400 visits."""

    day: date
    is_partial: bool
    sessions: int
    conversions: int
    conversion_rate: float | None
    interval: tuple[float, ...] | None
    goals: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals(Asked):
    """`sessions` are the visits of people, `any_goal` those that reached at least one."""

    sessions: int
    sessions_before: int | None
    any_goal: Converted
    goals: tuple[GoalReached, ...]
    interval: Interval
    trend: tuple[TrendPoint, ...]


@dataclass(frozen=True, slots=True)
class _Counted:
    """`sessions` and `converted` by day, visits by goal and day."""

    sessions: Counter[date]
    converted: Counter[date]
    goals: dict[date, Counts]

    @property
    def by_goal(self) -> Counts:
        total: Counts = Counter()
        for counts in self.goals.values():
            total.update(counts)
        return total


def goals_report(scope: Scope, *, against: Period | None = None, interval: Interval | None = None) -> Goals:
    """Goals of the settings in their order, reached or not, then those of the past. Six queries at most, twice with a
    comparison."""
    unit = interval or interval_for(scope.period)
    now, before = _counted(scope), _counted(scope.during(against)) if against else None
    reached, known = now.by_goal, conf.GOALS
    names = dict.fromkeys((*known, *sorted(reached)))
    return Goals(
        period=shown(scope.period),
        compare=shown(against) if against else None,
        definitions=definitions(METRICS),
        query=compared_of(scope, against, interval=unit.value),
        sessions=now.sessions.total(),
        sessions_before=before.sessions.total() if before else None,
        any_goal=Converted(**_compared(now.converted.total(), before.converted.total() if before else 0, now, before)),
        goals=tuple(
            GoalReached(
                goal=name,
                rule=dict(known.get(name, {})),
                **_compared(reached[name], before.by_goal[name] if before else 0, now, before),
            )
            for name in names
        ),
        interval=unit,
        trend=tuple(_trend(scope.period, unit, now, names)),
    )


def _counted(scope: Scope) -> _Counted:
    days = sums_by_key(scope, dimension=WHOLE)
    totals = {day: sums for day, keys in days.items() for sums in keys.values()}
    goals = act_sums(scope, dimension=GOAL)
    return _Counted(
        Counter({day: total.sessions for day, total in totals.items()}),
        Counter({day: total.conversions for day, total in totals.items()}),
        {day: Counter({goal: sums.sessions for goal, sums in keys.items()}) for day, keys in goals.items()},
    )


def _compared(part: int, part_before: int, now: _Counted, before: _Counted | None) -> dict[str, Any]:
    whole = now.sessions.total()
    told = {
        "conversions": part,
        "conversion_rate": rate(part, whole),
        "interval": interval_of(part, whole),
    }
    if before is None:
        return told | dict.fromkeys(("conversions_before", "conversion_rate_before", "change", "is_noise"))
    whole_before = before.sessions.total()
    rate_before = rate(part_before, whole_before)
    return told | {
        "conversions_before": part_before,
        "conversion_rate_before": rate_before,
        "change": change(rate(part, whole), rate_before, unit=Unit.PERCENT),
        "is_noise": is_noise_of_rates(part, whole, part_before, whole_before),
    }


def _trend(period: Period, interval: Interval, counted: _Counted, names: Mapping[str, None]) -> Iterator[TrendPoint]:
    for stretch in stretches(period, interval):
        sessions = sum(counted.sessions[day] for day in stretch.days)
        converted = sum(counted.converted[day] for day in stretch.days)
        goals = [counted.goals[day] for day in stretch.days if day in counted.goals]
        yield TrendPoint(
            day=stretch.first,
            is_partial=stretch.is_partial,
            sessions=sessions,
            conversions=converted,
            conversion_rate=rate(converted, sessions),
            interval=interval_of(converted, sessions),
            goals={name: sum(reached[name] for reached in goals) for name in names},
        )
