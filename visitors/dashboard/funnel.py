"""The funnels of the settings: how many visits take each step, one funnel at a time."""

from __future__ import annotations

from dataclasses import dataclass

from visitors import analytics_service as service
from visitors.conf import conf
from visitors.reports.funnel import FunnelStep
from visitors.texts import UNKNOWN, count_text, percent_text

from .charts import bar_percent
from .question import Question
from .tables import Tab


@dataclass(frozen=True, slots=True)
class StepShown:
    """`y` and `height` in percent of the bar; `taken_by` tells what counts as the step.

    The share of a bar that `is_high` stands in it, else above it."""

    name: str
    taken_by: str
    count: str
    share: str
    lost: str
    y: str
    height: str
    is_high: bool


@dataclass(frozen=True, slots=True)
class FunnelPanel:
    title: str
    steps: tuple[StepShown, ...]
    told: str
    tabs: tuple[Tab, ...]
    is_empty: bool
    is_set: bool = True


def funnel_panel(question: Question) -> FunnelPanel:
    """The funnel asked for, else the first of the settings."""
    if not conf.FUNNELS:
        return FunnelPanel("Funnel", (), "", (), is_empty=True, is_set=False)
    found = service.funnel_steps(question.scope, service.named_funnel(question.funnel))
    first = found.steps[0].sessions
    last = found.steps[-1].share
    within = f", within {found.window_minutes} min" if found.window_minutes else ""
    return FunnelPanel(
        title=found.funnel,
        steps=tuple(_step(step, first, is_first=not place) for place, step in enumerate(found.steps)),
        told=f"{percent_text(last)} of visits take every step{within}" if percent_text(last) != UNKNOWN else "",
        tabs=_tabs(question, found.funnel, found.funnels),
        is_empty=not first,
    )


def _step(step: FunnelStep, first: int, *, is_first: bool) -> StepShown:
    height = bar_percent(step.sessions, first)
    return StepShown(
        name=step.name,
        taken_by="; ".join(step.taken_by),
        count=count_text(step.sessions),
        share=percent_text(step.share),
        lost=f"{100 - step.kept:.0f}% drop off" if not is_first and step.kept is not None else "",
        y=f"{100 - float(height.rstrip('%')):.1f}%",
        height=height,
        is_high=(step.share or 0) >= 50,
    )


def _tabs(question: Question, chosen: str, names: tuple[str, ...]) -> tuple[Tab, ...]:
    if len(names) < 2:
        return ()
    return tuple(
        Tab(name, question.link(funnel=name if place else None), name == chosen) for place, name in enumerate(names)
    )
