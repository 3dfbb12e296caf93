"""Count what a log held: lines, page views, malformed lines with their numbers, and what was left out and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from visitors.observation import PAGE, DropReason, Observation

SHOWN_MALFORMED: Final = 20
NOT_FOUND: Final = 404


@dataclass(slots=True)
class LogTally:
    """Grows by numbers alone, however long the log; local days are ISO 8601 and empty before the first observation."""

    lines: int = 0
    page_views: int = 0
    not_found: int = 0
    probes: int = 0
    malformed: int = 0
    first_malformed: list[tuple[int, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    first_day: str = ""
    last_day: str = ""

    def count(self, seen: Observation | DropReason) -> None:
        if isinstance(seen, DropReason):
            self.left_out[seen] += 1
            return
        self.page_views += seen.kind == PAGE and seen.status != NOT_FOUND
        self.not_found += seen.kind == PAGE and seen.status == NOT_FOUND
        self.probes += seen.kind != PAGE
        self.first_day = min(self.first_day or seen.day, seen.day)
        self.last_day = max(self.last_day, seen.day)

    def count_malformed(self, number: int, reason: str) -> None:
        self.malformed += 1
        if len(self.first_malformed) < SHOWN_MALFORMED:
            self.first_malformed.append((number, reason))
