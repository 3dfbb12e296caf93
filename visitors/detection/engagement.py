"""Decide how engaged a session was, 0-100, with the parts that made it. Pure: the totals of the session come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ENGAGED_AFTER_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class EngagementPart:
    part: str
    points: int
    of: int
    seen: str


@dataclass(frozen=True, slots=True)
class Engagement:
    score: int
    parts: tuple[EngagementPart, ...]


def score_engagement(
    *, page_views: int, interactions: int, engaged_ms: int, duration_ms: int, goals: int = 0
) -> Engagement:
    """Time 40 points, pages 25, acts 20, goals 15.

    Time is engaged time where the tracker reported it, else the time between first and last observation; it is worth
    its full points from three minutes on. A page is worth 5 points, an act 10, a first goal 15.
    """
    parts = (
        _time(engaged_ms, duration_ms),
        EngagementPart("pages", min(25, 5 * page_views), 25, f"{page_views} page views"),
        EngagementPart("acts", min(20, 10 * interactions), 20, f"{interactions} interactions"),
        EngagementPart("goals", 15 if goals else 0, 15, f"{goals} goals reached"),
    )
    return Engagement(sum(part.points for part in parts), parts)


def _time(engaged_ms: int, duration_ms: int) -> EngagementPart:
    timed_ms, name = (engaged_ms, "engaged") if engaged_ms else (duration_ms, "between first and last observation")
    return EngagementPart("time", min(40, 40 * timed_ms // 180_000), 40, f"{timed_ms // 1000} s {name}")
