"""System checks of what reports are asked about: goals, funnels, and where answers are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from .conf import conf
from .detection.goals import fault_of_goal
from .exceptions import InvalidParameter
from .funnels.rules import funnel_of


@register("visitors")
def check_reports(**_: Any) -> list[CheckMessage]:
    if not isinstance(getattr(settings, "VISITORS", {}), dict):
        return []  # visitors.E001 says so
    return [*_goals(), *_funnels(), *_cache()]


def _goals() -> Iterator[CheckMessage]:
    for name, goal in conf.GOALS.items():
        if fault := fault_of_goal(goal):
            hint = "docs/metrics.md shows what a goal can be."
            yield Error(f"VISITORS['GOALS'][{name!r}] {fault}.", hint=hint, id="visitors.E090")


def _funnels() -> Iterator[CheckMessage]:
    for name, given in conf.FUNNELS.items():
        try:
            funnel_of(name, given, goals=conf.GOALS)
        except InvalidParameter as fault:
            hint = "docs/settings.md shows what a step can be."
            yield Error(f"VISITORS['FUNNELS'][{name!r}]: {fault.message}", hint=hint, id="visitors.E091")


def _cache() -> Iterator[CheckMessage]:
    if conf.REPORT_CACHE and conf.REPORT_CACHE not in settings.CACHES:
        yield Error(
            f"VISITORS['REPORT_CACHE'] must be one of {', '.join(sorted(settings.CACHES))}, not {conf.REPORT_CACHE!r}.",
            hint='Name a cache of settings.CACHES, or "" to keep no answer.',
            id="visitors.E092",
        )
