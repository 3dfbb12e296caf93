"""Decide which behaviour pattern a visit shows: the first rule that fits, in this order."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Final

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from visitors.models import VisitorSession

from .totals import CONVERTED


class Pattern(StrEnum):
    EVALUATOR = "evaluator"
    RETURNING = "returning"
    EXPLORER = "explorer"
    READER = "reader"
    BOUNCER = "bouncer"
    SKIMMER = "skimmer"


RULES: Final = {
    Pattern.EVALUATOR: "reached a goal",
    Pattern.RETURNING: "came back within the day that visitors can be told apart",
    Pattern.EXPLORER: "four or more pages, or three or more interactions",
    Pattern.READER: "30 s of engaged time, or a minute between first and last observation",
    Pattern.BOUNCER: "one page, no interaction, not read",
    Pattern.SKIMMER: "none of the other patterns",
}


@cache
def pattern_of_session() -> Case:
    """The pattern's name as an expression over a session, so that one visit and a million are judged alike."""
    return Case(
        When(CONVERTED, then=Value(Pattern.EVALUATOR.value)),
        When(_came_earlier_that_day(), then=Value(Pattern.RETURNING.value)),
        When(Q(page_views_count__gte=4) | Q(interactions_count__gte=3), then=Value(Pattern.EXPLORER.value)),
        When(Q(engaged_ms__gte=30_000) | Q(duration_ms__gte=60_000), then=Value(Pattern.READER.value)),
        When(is_bounce=True, then=Value(Pattern.BOUNCER.value)),
        default=Value(Pattern.SKIMMER.value),
        output_field=CharField(),
    )


def _came_earlier_that_day() -> Exists:
    """Of the same day only: what comes late on one day must not change the figures of another."""
    earlier = VisitorSession.objects.humans().filter(
        visitor_id=OuterRef("visitor_id"), day=OuterRef("day"), started_at__lt=OuterRef("started_at")
    )
    return Exists(earlier)
