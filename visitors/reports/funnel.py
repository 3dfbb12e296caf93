"""How many visits take each step from landing to a message, and where they stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q

from .filters import interactions_of, page_views_of
from .metrics import rate
from .scope import Scope, humans_in


@dataclass(frozen=True, slots=True)
class Step:
    """Taken by a visit that saw a page whose path begins so or acted so; with neither, by every visit."""

    name: str
    page: str = ""
    act: str = ""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """`share` of the first step's visits and `lost` since the step before, in percent; `None` without visits and
    where a step was taken more often than the one before."""

    name: str
    sessions: int
    share: float | None
    lost: float | None


STEPS: Final = (
    Step("Landed"),
    Step("Viewed a project", page="/projects/", act="project_view"),
    Step("Opened résumé", page="/resume", act="download"),
    Step("Opened contact", page="/contact", act="contact"),
    Step("Sent message", act="contact"),
)


def funnel(scope: Scope, *, steps: Sequence[Step] = STEPS) -> tuple[StepTaken, ...]:
    """Visits that took each step, whatever else they did: a message sent from the first page counts as sent.
    One query."""
    counts = {f"step_{place}": Count("id", filter=_took(scope, step)) for place, step in enumerate(steps)}
    found = humans_in(scope).aggregate(**counts)
    numbers = [found[name] for name in counts]
    befores = numbers[:1] + numbers[:-1]
    return tuple(
        StepTaken(
            step.name, number, rate(number, numbers[0]), rate(before - number, before) if number <= before else None
        )
        for step, number, before in zip(steps, numbers, befores, strict=True)
    )


def _took(scope: Scope, step: Step) -> Q:
    if not step.page and not step.act:
        return Q(pk__isnull=False)
    took = Q()
    if step.page:
        views = page_views_of(scope.period).shown().filter(path__startswith=step.page)
        took |= Q(id__in=views.order_by().values("session_id"))
    if step.act:
        acts = interactions_of(scope.period).of_kind(step.act)
        took |= Q(id__in=acts.order_by().values("session_id"))
    return took
