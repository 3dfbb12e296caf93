"""Decide which goals a visit reached, and whether a goal of the settings is one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

import msgspec

MAX_SECONDS: Final = 86_400
RULES: Final = frozenset({"interaction", "page", "scroll", "engaged_seconds"})


class SeenPage(msgspec.Struct, frozen=True, gc=False):
    """A document that was found; `scroll_depth` in percent, `None` when nobody told."""

    path: str
    scroll_depth: int | None = None
    engaged_ms: int = 0


def reached_goals(
    goals: Mapping[str, Mapping[str, Any]], *, pages: Iterable[SeenPage], kinds: Iterable[str]
) -> list[str]:
    """Names of the goals that a visit reached, in the order of the settings.

    A goal is `{"interaction": kind}`, or about pages: `page` is a pattern in which `*` stands for any characters
    (every page without it), `scroll` the percent that one of them was read to, `engaged_seconds` the time that was
    spent on them together. All that a goal asks for must hold.
    """
    seen, acts = tuple(pages), frozenset(kinds)
    return [name for name, goal in goals.items() if _is_reached(goal, pages=seen, kinds=acts)]


def _is_reached(goal: Mapping[str, Any], *, pages: Collection[SeenPage], kinds: Collection[str]) -> bool:
    if "interaction" in goal:
        return goal["interaction"] in kinds
    matching = [page for page in pages if fnmatchcase(page.path, goal.get("page", "*"))]
    depth = max((page.scroll_depth or 0 for page in matching), default=-1)
    engaged_ms = sum(page.engaged_ms for page in matching)
    return bool(depth >= goal.get("scroll", 0) and engaged_ms >= 1000 * goal.get("engaged_seconds", 0))


def fault_of_goal(goal: object) -> str:
    """What a goal of the settings must be and is not; empty when it is one."""
    if not isinstance(goal, Mapping) or not goal:
        return "must say what reaches it"
    unknown = sorted(str(rule) for rule in goal if rule not in RULES)
    if unknown:
        return f"must ask for {', '.join(sorted(RULES))}, not {unknown[0]!r}"
    if "interaction" in goal and len(goal) > 1:
        return "must ask for an interaction or for pages, not for both"
    return _fault_of_values(goal)


def _fault_of_values(goal: Mapping[Any, Any]) -> str:
    for rule in ("interaction", "page"):
        if rule in goal and not (isinstance(goal[rule], str) and goal[rule]):
            return f"must have a text as {rule!r}, not {goal[rule]!r}"
    for rule, most in (("scroll", 100), ("engaged_seconds", MAX_SECONDS)):
        value = goal.get(rule, 1)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            return f"must have a whole number of 1-{most} as {rule!r}, not {value!r}"
    return ""
