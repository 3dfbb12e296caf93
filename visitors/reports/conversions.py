"""Which goals visits reach, and how often."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from django.db.models import Count

from visitors.conf import conf
from visitors.querysets import SessionQuerySet

from .answers import Answer
from .filters import CONVERTED, sessions_of, shown
from .metrics import definitions, rate
from .periods import Period

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


def conversions(period: Period, *, among: SessionQuerySet | None = None) -> Conversions:
    """Every goal of the settings, reached or not, then goals of the past that visits still carry. Two queries.

    `among` narrows the period's human sessions to some of them.
    """
    humans = sessions_of(period).humans() if among is None else among
    sessions = humans.count()
    by_goals = humans.filter(CONVERTED).order_by().values_list("converted_goals").annotate(sessions=Count("id"))
    reached: Counter[str] = Counter(dict.fromkeys(conf.GOALS, 0))
    converted = 0
    for goals, number in by_goals:
        converted += number
        for goal in goals:
            reached[goal] += number
    return Conversions(
        period=shown(period),
        definitions=definitions(METRICS),
        sessions=sessions,
        conversions=converted,
        conversion_rate=rate(converted, sessions),
        goals=tuple(GoalRow(goal, number, rate(number, sessions)) for goal, number in reached.items()),
    )
