"""What people do besides reading: acts by kind, and the goals that they reach."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from visitors.conf import conf

from .conversions import Conversions, conversions
from .scope import Scope, humans_in, interactions_in


@dataclass(frozen=True, slots=True)
class ActRow:
    kind: str
    visitors: int
    acts: int


@dataclass(frozen=True, slots=True)
class GoalRule:
    """What reaches a goal; one of both is empty."""

    act: str
    page: str


def acts(scope: Scope) -> tuple[ActRow, ...]:
    """Kinds by the number of visitors. One query."""
    rows = interactions_in(scope).order_by().values_list("kind")
    counted = rows.annotate(visitors=Count("visitor_id", distinct=True), acts=Count("id"))
    return tuple(ActRow(*row) for row in counted.order_by("-visitors", "-acts", "kind"))


def goals(scope: Scope) -> Conversions:
    """Two queries."""
    return conversions(scope.period, among=humans_in(scope))


def goal_rule(name: str) -> GoalRule:
    """Empty for a goal that the settings no longer have."""
    rule = conf.GOALS.get(name, {})
    return GoalRule(act=str(rule.get("interaction", "")), page=str(rule.get("page", "")))
