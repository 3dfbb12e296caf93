"""How many visits take the steps of a funnel one after the other, where they stop, and which ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from visitors.conf import conf
from visitors.exceptions import InvalidParameter
from visitors.exceptions import Rule as Broken
from visitors.funnels.counts import depths_of, visits_at_steps
from visitors.funnels.rules import Funnel
from visitors.funnels.settings import funnels_of_settings
from visitors.funnels.steps import ANY, Rule, Step
from visitors.querysets import SessionQuerySet, streamed

from .answers import Asked
from .asked import asked_of
from .certainty import interval_of
from .cursors import cursor_of, numbers_of
from .filters import PAGE_SIZE, shown
from .kept import scope_as_kept
from .metrics import definitions, rate
from .periods import Period
from .scope import Scope, humans_in
from .session_list import SessionPage, rows_of
from .sums import funnel_totals

METRICS: Final = ("sessions", "share")


class Outcome(StrEnum):
    """Of the visits at a step: those that took it, or those for which it was the last."""

    REACHED = "reached"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StepTaken:
    """`share` of the first step's visits and `lost` since the step before, in percent; `None` without visits."""

    name: str
    sessions: int
    share: float | None
    lost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """`share` is percent of the first step's visits, `kept` of the step before, `lost` how many went in between; the
    intervals are the 95 % bounds of both, of fewer than 400 visits."""

    name: str
    taken_by: tuple[str, ...]
    sessions: int
    share: float | None
    share_interval: tuple[float, ...] | None
    kept: float | None
    kept_interval: tuple[float, ...] | None
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelReport(Asked):
    """`window_minutes` bounds first to last step, `None` = the whole visit; `funnels` names those of the settings;
    `sessions` are the visits behind the step that was asked for."""

    funnel: str
    funnels: tuple[str, ...]
    window_minutes: int | None
    steps: tuple[FunnelStep, ...]
    sessions: SessionPage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAsked:
    """Which visits of which step, counted from 1; raises `InvalidParameter` for a cursor that no list gave."""

    step: int
    outcome: Outcome = Outcome.REACHED
    cursor: str = ""
    page_size: int = PAGE_SIZE


def named_funnel(name: str = "") -> Funnel:
    """The first of the settings without a name; raises `InvalidParameter` for one that is not there."""
    known = funnels_of_settings()
    if name in known:
        return known[name]
    if name or not known:
        rule = f"one of {', '.join(known) or 'the settings, which have none'}"
        raise InvalidParameter("funnel", rule, name, rule=Broken.UNKNOWN)
    return next(iter(known.values()))


def funnel(scope: Scope) -> tuple[StepTaken, ...]:
    """The first funnel of the settings, step by step; empty when they have none. At most three queries."""
    if not conf.FUNNELS:
        return ()
    chosen = named_funnel()
    numbers = _counts(scope, chosen)
    befores = numbers[:1] + numbers[:-1]
    return tuple(
        StepTaken(step.name, number, rate(number, numbers[0]), rate(before - number, before))
        for step, number, before in zip(chosen.steps, numbers, befores, strict=True)
    )


def funnel_report(scope: Scope, chosen: Funnel, *, asked: StepAsked | None = None) -> FunnelReport:
    """At most four queries, and four more for the visits behind a step."""
    if asked or chosen not in funnels_of_settings().values():
        scope = scope_as_kept(scope)
    if asked and not 1 <= asked.step <= len(chosen.steps):
        raise InvalidParameter("step", f"between 1 and {len(chosen.steps)}", asked.step, rule=Broken.TOGETHER)
    sessions = humans_in(scope)
    return FunnelReport(
        period=shown(scope.period),
        definitions=definitions(METRICS),
        query=asked_of(scope, **_options(chosen, asked)),
        funnel=chosen.name,
        funnels=tuple(conf.FUNNELS),
        window_minutes=chosen.window_minutes,
        steps=tuple(_steps(chosen.steps, _counts(scope, chosen))),
        sessions=_behind(sessions, chosen, scope.period, asked) if asked else None,
    )


def _options(chosen: Funnel, asked: StepAsked | None) -> dict[str, Any]:
    behind = {"step": asked.step, "outcome": asked.outcome.value, "page_size": asked.page_size} if asked else {}
    return {"funnel": chosen.name, **behind}


def _steps(steps: Sequence[Step], numbers: Sequence[int]) -> Iterator[FunnelStep]:
    before = numbers[0]
    for step, number in zip(steps, numbers, strict=True):
        yield FunnelStep(
            name=step.name,
            taken_by=tuple(map(_told, step.rules)),
            sessions=number,
            share=rate(number, numbers[0]),
            share_interval=interval_of(number, numbers[0]),
            kept=rate(number, before),
            kept_interval=interval_of(number, before),
            lost=before - number,
        )
        before = number


def _told(rule: Rule) -> str:
    if rule.kind:
        return f"interaction {rule.kind}"
    pages = "any page" if rule.page == ANY else f"page {rule.page}"
    depth = f" read to {rule.scroll} %" if rule.scroll > 0 else ""
    return pages + depth + (f" for {rule.engaged_ms // 1000} s" if rule.engaged_ms else "")


def _counts(scope: Scope, chosen: Funnel) -> list[int]:
    return visits_at_steps(funnel_totals(scope, chosen), chosen)


def _behind(sessions: SessionQuerySet, chosen: Funnel, period: Period, asked: StepAsked) -> SessionPage:
    if asked.cursor:
        (number,) = numbers_of(asked.cursor, count=1)
        sessions = sessions.filter(id__lt=number)
    found = list(islice(_at_step(sessions, chosen, period, asked), asked.page_size + 1))
    shown_ids = found[: asked.page_size]
    return SessionPage(rows_of(shown_ids), cursor_of(shown_ids[-1]) if len(found) > asked.page_size else "")


def _at_step(sessions: SessionQuerySet, chosen: Funnel, period: Period, asked: StepAsked) -> Iterator[int]:
    depths = depths_of(sessions, chosen, since=period.start)
    seen, depth = next(depths, (0, 0))
    least = 0 if chosen.steps[0].rules else 1
    for number in streamed(sessions.order_by("-id").values_list("id", flat=True)):
        while seen > number:
            seen, depth = next(depths, (0, 0))
        taken = max(least, depth if seen == number else 0)
        if taken == asked.step or (taken > asked.step and asked.outcome is Outcome.REACHED):
            yield number
