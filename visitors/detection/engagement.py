"""How much a visit meant: a score of 0-100 with its parts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Acts that a page records by being shown: the page view itself already counts.
PASSIVE_KINDS: Final = frozenset({"project_view"})


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
    acts = sum(kind not in PASSIVE_KINDS for kind in kinds)
    parts = (
        ScorePart("time", _share(engaged_ms, 180_000, 40), 40, f"{engaged_ms // 1000} s"),
        ScorePart("pages", _share(page_views - 1, 4, 20), 20, f"{page_views} page views"),
        ScorePart("scroll", _share(deepest_scroll, 90, 15), 15, f"{max(deepest_scroll, 0)} %"),
        ScorePart("acts", _share(acts, 3, 25), 25, f"{acts} interactions"),
    )
    return EngagementScore(sum(part.points for part in parts), parts)


def _share(value: int, full: int, points: int) -> int:
    return round(min(max(value, 0), full) / full * points)
