"""How much a visit meant: a score of 0-100 with its parts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Acts that a page records by being shown: the page view itself already counts.
PASSIVE_KINDS: Final = frozenset({"project_view"})
PARTS: Final = {"time": 40, "pages": 20, "scroll": 15, "acts": 25}  # and the points possible


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of the score: what it measures, points reached, points possible, what was seen."""

    name: str
    points: int
    of: int
    seen: str


@dataclass(frozen=True, slots=True)
class EngagementScore:
    """`score` is the sum of the parts, 0-100."""

    score: int
    parts: tuple[ScorePart, ...]


def score_engagement(*, page_views: int, engaged_ms: int, deepest_scroll: int, kinds: Sequence[str]) -> EngagementScore:
    """Time 40 (full at 3 minutes), pages 20 (full at 5), scroll 15 (full at 90 %), acts 25 (full at 3).

    `engaged_ms` is engaged time, or the estimated time on pages when no tracker reported; `deepest_scroll` percent,
    -1 when unknown; `kinds` the interactions, of which those that a page records by being shown do not count.
    """
    seen = (
        f"{engaged_ms // 1000} s",
        f"{page_views} page views",
        f"{max(deepest_scroll, 0)} %",
        f"{_active(kinds)} interactions",
    )
    points = engagement_points(page_views, engaged_ms, deepest_scroll, kinds)
    parts = tuple(map(ScorePart, PARTS, points, PARTS.values(), seen))
    return EngagementScore(sum(points), parts)


def engagement_points(page_views: int, engaged_ms: int, deepest_scroll: int, kinds: Sequence[str]) -> tuple[int, ...]:
    """The points of each part alone, in the order of `PARTS`."""
    return (
        _share(engaged_ms, 180_000, PARTS["time"]),
        _share(page_views - 1, 4, PARTS["pages"]),
        _share(deepest_scroll, 90, PARTS["scroll"]),
        _share(_active(kinds), 3, PARTS["acts"]),
    )


def _active(kinds: Sequence[str]) -> int:
    return sum(kind not in PASSIVE_KINDS for kind in kinds)


def _share(value: int, full: int, points: int) -> int:
    return round(min(max(value, 0), full) / full * points)
