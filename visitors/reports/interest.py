"""Decide what a visit was mostly about. Pure: its timeline comes in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .metrics import rate
from .timeline import NOT_FOUND, PAGE, TimelineEntry

HOME: Final = "home"
PAGE_POINTS: Final = 10
ACT_POINTS: Final = 20
MINUTE_POINTS: Final = 10


@dataclass(frozen=True, slots=True)
class Interest:
    """`topic` is the section of the site, `target` its page that weighs most; `share` percent of all weight."""

    topic: str
    target: str
    share: float | None
    reason: str


def primary_interest(timeline: Iterable[TimelineEntry]) -> Interest | None:
    """The section with most weight: 10 points a page view, 20 an act, 10 a minute on the page; sections earlier in
    the alphabet win a tie.

    The home page counts only when nothing else was seen; `None` when nothing was found.
    """
    weights: defaultdict[str, Counter[str]] = defaultdict(Counter)
    seen: Counter[str] = Counter()
    for entry in timeline:
        if entry.kind != NOT_FOUND:
            weights[_topic(entry.path)][entry.path] += _points(entry)
            seen[_topic(entry.path)] += 1
    if not weights:
        return None
    away = {topic: paths for topic, paths in weights.items() if topic != HOME} or weights
    topic, paths = min(away.items(), key=lambda item: (-item[1].total(), item[0]))
    whole = sum(counts.total() for counts in away.values())
    target = min(paths, key=lambda path: (-paths[path], path))
    return Interest(topic, target, rate(paths.total(), whole), f"{seen[topic]} of {seen.total()} pages and acts")


def _topic(path: str) -> str:
    return path.strip("/").split("/", 1)[0] or HOME


def _points(entry: TimelineEntry) -> int:
    if entry.kind != PAGE:
        return ACT_POINTS
    return PAGE_POINTS + MINUTE_POINTS * (entry.time_on_page_ms or 0) // 60_000
