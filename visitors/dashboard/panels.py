"""Every panel of the page: its name, its template, and what fills it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from time import monotonic
from typing import Any, Final

from django.core.cache import cache

from . import funnel, live, notes, owner, quality, tables, traffic, visits
from .question import Question
from .viewer import Viewer

SLOW_SECONDS: Final = 0.25
MAX_KEPT_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Panel:
    """`build` answers a dataclass that the template knows as `it`."""

    name: str
    template: str
    build: Callable[[Question], Any]


def _panel(name: str, build: Callable[[Question], Any], template: str = "") -> Panel:
    return Panel(name, f"visitors/dashboard/{template or name}.html", build)


PANELS: Final[Mapping[str, Panel]] = {
    panel.name: panel
    for panel in (
        _panel("traffic", traffic.traffic_panel),
        _panel("live", live.live_panel),
        _panel("visits", visits.visits_panel),
        _panel("session", visits.session_panel),
        _panel("funnel", funnel.funnel_panel),
        _panel("pages", tables.pages_table, "table"),
        _panel("sources", tables.sources_table, "table"),
        _panel("countries", tables.countries_panel),
        _panel("devices", tables.devices_table, "table"),
        _panel("goals", tables.goals_table, "table"),
        _panel("acts", tables.acts_table, "table"),
        _panel("hours", quality.hours_panel),
        _panel("owner", owner.owner_panels),
        _panel("quality", quality.quality_panel),
    )
}
ALWAYS_FRESH: Final = frozenset({"live", "owner"})
TITLES: Final[Mapping[str, str]] = {
    "pages": "Pages",
    "sources": "Sources",
    "devices": "Devices",
    "goals": "Goals",
    "acts": "Interactions",
}


def context_of(panel: Panel, question: Question, viewer: Viewer) -> dict[str, Any]:
    context = {
        "it": _built(panel, question),
        "name": panel.name,
        "title": TITLES.get(panel.name, ""),
        "question": question,
        "viewer": viewer,
    }
    # Notes are never kept with the figures: a new one is seen at once.
    return context | {"notes": notes.notes_panel(question, context["it"].chart)} if panel.name == "traffic" else context


def _built(panel: Panel, question: Question) -> Any:
    """What took long is kept for thirty times as long, at most two minutes: reading on does not count it again."""
    if panel.name in ALWAYS_FRESH:
        return panel.build(question)
    key = f"visitors:dashboard:{panel.name}:{_digest(question)}"
    kept = cache.get(key)
    if kept is not None:
        return kept
    started = monotonic()
    built = panel.build(question)
    took = monotonic() - started
    if took > SLOW_SECONDS:
        cache.set(key, built, timeout=min(MAX_KEPT_SECONDS, 30 * took))
    return built


def _digest(question: Question) -> str:
    # Addresses are part of what is kept, and differ between the owner's page and a shared one.
    asked = f"{question.base} {question.period.start} {question.period.end} {sorted(question.asked.items())}"
    return blake2b(asked.encode(), digest_size=16).hexdigest()
