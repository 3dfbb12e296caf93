"""Which goals visits reach, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from visitors.conf import conf
from visitors.rollups.dimensions import GOAL, WHOLE

from .answers import Answer
from .filters import shown
from .metrics import definitions, rate
from .scope import Scope
from .sums import act_totals, split, sums_by_key
from .totals import total_of

METRICS: Final = ("sessions", "conversions", "conversion_rate")


@dataclass(frozen=True, slots=True)
class GoalRow:
    goal: str
    conversions: int
    conversion_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversions(Answer):
    sessions: int
    conversions: int
    conversion_rate: float | None
    goals: tuple[GoalRow, ...]


def conversions(scope: Scope) -> Conversions:
    """Every goal of the settings, reached or not, then goals of the past that visits still carry."""
    days = split(scope)
    by_day = sums_by_key(scope, days=days, only=("sessions", "conversions"))
    whole = total_of(keys[WHOLE] for keys in by_day.values())
    found = act_totals(scope, dimension=GOAL, days=days)
    names = (*conf.GOALS, *sorted(found.keys() - set(conf.GOALS)))
    reached = {name: found[name].sessions if name in found else 0 for name in names}
    return Conversions(
        period=shown(scope.period),
        definitions=definitions(METRICS),
        sessions=whole.sessions,
        conversions=whole.conversions,
        conversion_rate=rate(whole.conversions, whole.sessions),
        goals=tuple(GoalRow(goal, number, rate(number, whole.sessions)) for goal, number in reached.items()),
    )
