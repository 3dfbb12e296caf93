"""Tell what a visit did, one thing after the other: each page with how far it was read, each act in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from visitors.conf import conf
from visitors.detection.engagement import PASSIVE_KINDS
from visitors.reports.timeline import NOT_FOUND, PAGE, TimelineEntry
from visitors.texts import duration_text, words

LISTED: Final = 40  # on the page; the API has all


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that a visit did; `meter` is how far the page was scrolled, "" when unknown."""

    time: str
    icon: str
    tone: str
    title: str
    text: str
    meter: str = ""


def moments_of(timeline: Sequence[TimelineEntry], *, total: int) -> tuple[tuple[Moment, ...], int]:
    """The first ones, and how many more there are. What a page records by being shown is told by the page."""
    told = [entry for entry in timeline if entry.kind not in PASSIVE_KINDS]
    goals = {str(rule["interaction"]): name for name, rule in conf.GOALS.items() if rule.get("interaction")}
    left = total - (len(timeline) - len(told)) - LISTED
    return tuple(_moment(entry, goals) for entry in told[:LISTED]), max(0, left)


def _moment(entry: TimelineEntry, goals: Mapping[str, str]) -> Moment:
    time = f"{timezone.localtime(entry.at, timezone.get_default_timezone()):%H:%M}"
    if entry.kind == PAGE:
        meter = "" if entry.scroll_depth is None else f"{entry.scroll_depth}%"
        return Moment(time, "eye", "", entry.path, _reading(entry), meter)
    if entry.kind == NOT_FOUND:
        return Moment(time, "x", "", entry.path, "Not found")
    goal = goals.get(entry.kind, "")
    icon = ICONS.get(entry.kind, "act")
    return Moment(time, icon, "g" if goal else "a", _act(entry), f"Goal: {goal}" if goal else _beside(entry))


ICONS: Final = {
    "download": "down",
    "contact": "mail",
    "outbound": "out",
    "chat_start": "chat",
    "chat_message": "chat",
}
PHRASES: Final[Mapping[str, Callable[[str], str]]] = {
    "download": lambda target: f"Downloaded {target or 'a file'}",
    "contact": lambda _: "Sent the contact form",
    "outbound": lambda target: f"Opened {target or 'another site'}",
    "chat_start": lambda _: "Began a chat",
    "chat_message": lambda _: "Asked a question",
    "job_analysis": lambda _: "Compared a job description",
}


def _act(entry: TimelineEntry) -> str:
    phrase = PHRASES.get(entry.kind)
    return phrase(entry.target) if phrase else words(entry.kind)


def _beside(entry: TimelineEntry) -> str:
    if entry.kind == "outbound":
        return "Outbound link"
    topic = _detail(entry.details, "topic")
    if topic:
        return f"About {words(topic).lower()}"
    return (entry.target if entry.kind not in PHRASES else "") or f"On {entry.path}"


def _detail(details: Mapping[str, Any] | None, name: str) -> str:
    value = (details or {}).get(name, "")
    return value if isinstance(value, str) and value != "unknown" else ""


def _reading(entry: TimelineEntry) -> str:
    if entry.time_on_page_ms is None:
        return "time unknown"
    told = "until the next page" if entry.is_estimated else "engaged"
    text = f"{duration_text(entry.time_on_page_ms)} {told}"
    return text if entry.scroll_depth is None else f"{text} · scrolled {entry.scroll_depth}%"


def arrival(*, at: datetime, source: str, entry_path: str) -> Moment:
    landing = f"Landing page {entry_path}" if entry_path else "No page was shown"
    return Moment(f"{at:%H:%M}", "in", "", f"Arrived from {source or 'an unknown place'}", landing)
