"""Read the definition of a funnel, from the settings or from a caller. Pure; raises `InvalidParameter`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from visitors.detection.goals import fault_of_goal
from visitors.exceptions import InvalidParameter
from visitors.exceptions import Rule as Broken

from .steps import ANY, UNKNOWN_DEPTH, Rule, Step

MIN_STEPS: Final = 2
MAX_STEPS: Final = 8
MAX_WINDOW_MINUTES: Final = 1440
MAX_TEXT: Final = 200
RULES: Final = ("page", "interaction", "goal")

Goals = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Funnel:
    """`window_minutes` is the most that may lie between the first step and the last; `None` is the whole visit."""

    name: str
    steps: tuple[Step, ...]
    window_minutes: int | None = None

    @property
    def fingerprint(self) -> str:
        """What is counted, whatever it is called: another one for other rules, their order or window."""
        counted = repr(([step.rules for step in self.steps], self.window_minutes))
        return blake2b(counted.encode(), digest_size=8).hexdigest()


def funnel_of(name: str, given: object, *, goals: Goals) -> Funnel:
    """`{"steps": [...], "window_minutes": 30}`, 2-8 steps, each with one or more of `page`, `interaction`, `goal`; the
    first may have none, and is then taken by every visit."""
    if not isinstance(given, Mapping):
        raise InvalidParameter("steps", "in an object with the steps of the funnel", type(given).__name__)
    unknown = sorted(str(key) for key in given if key not in {"steps", "window_minutes"})
    if unknown:
        raise InvalidParameter(unknown[0][:MAX_TEXT], "one of steps, window_minutes", unknown[0])
    return Funnel(name, _steps(given.get("steps"), goals), _window(given.get("window_minutes")))


def _window(given: object) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MAX_WINDOW_MINUTES:
        raise InvalidParameter("window_minutes", f"a whole number between 1 and {MAX_WINDOW_MINUTES}", given)
    return given


def _steps(given: object, goals: Goals) -> tuple[Step, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise InvalidParameter("steps", f"a list of {MIN_STEPS}-{MAX_STEPS} steps", type(given).__name__)
    if not MIN_STEPS <= len(given) <= MAX_STEPS:
        raise InvalidParameter("steps", f"a list of {MIN_STEPS}-{MAX_STEPS} steps", len(given))
    return tuple(_step(place, step, goals) for place, step in enumerate(given))


def _step(place: int, given: object, goals: Goals) -> Step:
    where = f"steps.{place}"
    if not isinstance(given, Mapping):
        raise InvalidParameter(where, f"an object with one or more of {', '.join(RULES)}", type(given).__name__)
    for key, value in given.items():
        if key not in {"name", *RULES}:
            raise InvalidParameter(f"{where}.{key}"[:MAX_TEXT], f"one of name, {', '.join(RULES)}", key)
        if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
            raise InvalidParameter(f"{where}.{key}", f"a text of 1-{MAX_TEXT} characters", value)
    rules = tuple(_rule(where, rule, given[rule], goals) for rule in RULES if rule in given)
    if not rules and place:
        rule = f"taken by one or more of {', '.join(RULES)}: only the first may be all"
        raise InvalidParameter(where, rule, "none", rule=Broken.TOGETHER)
    return Step(given.get("name") or _name(given), rules)


def _name(given: Mapping[str, str]) -> str:
    return " or ".join(given[rule] for rule in RULES if rule in given) or "Came"


def _rule(where: str, rule: str, value: str, goals: Goals) -> Rule:
    if rule == "page":
        return Rule(page=value)
    if rule == "interaction":
        return Rule(kind=value)
    goal = goals.get(value)
    if goal is None or fault_of_goal(goal):
        known = ", ".join(sorted(goals)) or "none, since the settings have none"
        raise InvalidParameter(f"{where}.goal", f"one of {known}", value, rule=Broken.UNKNOWN)
    return rule_of_goal(goal)


def rule_of_goal(goal: Mapping[str, Any]) -> Rule:
    if "interaction" in goal:
        return Rule(kind=goal["interaction"])
    return Rule(
        page=goal.get("page", ANY),
        scroll=goal.get("scroll", UNKNOWN_DEPTH),
        engaged_ms=1000 * goal.get("engaged_seconds", 0),
    )
