"""Count how many visits took how many steps of a funnel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from visitors.querysets import SessionQuerySet

from .courses import courses
from .rules import Funnel
from .steps import Rule, steps_taken

MINUTE_MS: Final = 60_000

Depths = Counter[int]


def depths_of(sessions: SessionQuerySet, chosen: Funnel, *, since: date) -> Iterator[tuple[int, int]]:
    """Visits by their number, latest first, with how many steps each took; those that no rule can fit are left out.
    `since` is the first local day of the sessions. At most two queries."""
    rules = {rule for step in chosen.steps for rule in step.rules}
    if chosen.window_minutes and not chosen.steps[0].rules:
        rules.add(Rule())  # its window opens with the first page
    window_ms = chosen.window_minutes * MINUTE_MS if chosen.window_minutes else None
    for number, events in courses(sessions, since=since, rules=rules):
        yield number, steps_taken(events, chosen.steps, window_ms=window_ms)


def counted_depths(sessions: SessionQuerySet, chosen: Funnel, *, since: date) -> Depths:
    """Visits by how many steps they took and no more; 0 holds all visits. At most three queries."""
    depths = Counter(depth for _, depth in depths_of(sessions, chosen, since=since) if depth)
    depths[0] = sessions.count()
    return depths


def visits_at_steps(depths: Mapping[int, int], chosen: Funnel) -> list[int]:
    """How many took each step, for each step."""
    numbers = [sum(depths[depth] for depth in depths if depth > place) for place in range(len(chosen.steps))]
    return numbers if chosen.steps[0].rules else [depths.get(0, 0), *numbers[1:]]
