"""Decide how far a visit came through the steps of a funnel: each after the one before, all within the window. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

ANY: Final = "*"
UNKNOWN_DEPTH: Final = -1


class Event(NamedTuple):
    """A page shown (`kind` empty, `scroll` -1 when unknown) or an act, at milliseconds since 1970."""

    at_ms: int
    path: str
    kind: str = ""
    scroll: int = UNKNOWN_DEPTH
    engaged_ms: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to take a step: an act of this `kind`, or pages by their pattern, one of them read to `scroll` percent
    and all together for so long."""

    kind: str = ""
    page: str = ANY
    scroll: int = UNKNOWN_DEPTH
    engaged_ms: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """Taken by the first event that one of `rules` fits; without rules by coming at all, which only the first can."""

    name: str
    rules: tuple[Rule, ...] = ()


def steps_taken(events: Sequence[Event], steps: Sequence[Step], *, window_ms: int | None = None) -> int:
    """How many steps a visit took, 0-`len(steps)`. `events` are one visit's, oldest first.

    One event takes one step. `window_ms` bounds the time from the first step to the last one taken; of several ways
    through, the one that gets furthest counts.
    """
    fits = [_places(step, events) for step in steps]
    # The latest moment at which a way to each step began: a later beginning leaves more of the window.
    began: list[int | None] = [None] * len(steps)
    if events and not steps[0].rules:
        began[0] = events[0].at_ms
    for place, event in enumerate(events):
        for number in range(len(steps) - 1, -1, -1):
            start = event.at_ms if number == 0 else began[number - 1]
            is_in_time = start is not None and (window_ms is None or event.at_ms - start <= window_ms)
            if is_in_time and place in fits[number]:
                began[number] = start
    return sum(start is not None for start in began)


def _places(step: Step, events: Sequence[Event]) -> frozenset[int]:
    return frozenset(place for rule in step.rules for place in _places_of(rule, events))


def _places_of(rule: Rule, events: Sequence[Event]) -> Iterator[int]:
    """Where in the visit the rule holds: of reading, from the page on which there was enough of it."""
    deepest, engaged_ms = UNKNOWN_DEPTH, 0
    for place, event in enumerate(events):
        if _is_about(rule, event):
            deepest, engaged_ms = max(deepest, event.scroll), engaged_ms + event.engaged_ms
            if deepest >= rule.scroll and engaged_ms >= rule.engaged_ms:
                yield place


def _is_about(rule: Rule, event: Event) -> bool:
    if rule.kind:
        return event.kind == rule.kind
    return not event.kind and fnmatchcase(event.path, rule.page)
