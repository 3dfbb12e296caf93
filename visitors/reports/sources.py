"""Where visits come from: sources with their channel, and channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from visitors.rollups.dimensions import BETWEEN, SOURCE_CHANNEL
from visitors.rollups.totals import Totals

from .answers import OTHER, UNKNOWN, Answer
from .certainty import intervals_of
from .filters import LISTED, shown
from .metrics import definitions, rate
from .scope import Scope
from .sums import Split, split, totals_by_pair

SUMS: Final = ("sessions", "bounces", "engaged", "conversions", "recruiters")
METRICS: Final = ("sessions", "share", "bounce_rate", "engagement_rate", "conversions", "conversion_rate", "recruiters")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Sessions of one source or channel; rates in percent, `intervals` their 95 % bounds of fewer than 400 visits."""

    name: str
    channel: str
    sessions: int
    share: float | None
    bounce_rate: float | None
    engagement_rate: float | None
    conversions: int
    conversion_rate: float | None
    recruiters: int
    intervals: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources(Answer):
    sources: tuple[SourceRow, ...]
    channels: tuple[SourceRow, ...]


def sources(scope: Scope, *, days: Split | None = None) -> Sources:
    """The largest sources and every channel."""
    days = days or split(scope)
    pairs, channels = totals_by_pair(scope, dimension=SOURCE_CHANNEL, second="channel", days=days, only=SUMS)
    whole = sum(sums.sessions for sums in channels.values())
    named = {tuple(key.split(BETWEEN)): sums for key, sums in pairs.items() if key != OTHER}
    return Sources(
        period=shown(scope.period),
        definitions=definitions(METRICS),
        sources=_rows(named, whole=whole)[:LISTED],
        channels=_rows({(key, key): sums for key, sums in channels.items()}, whole=whole),
    )


def _rows(found: Mapping[tuple[str, ...], Totals], *, whole: int) -> tuple[SourceRow, ...]:
    """Most sessions first."""
    rows = [(key, sums) for key, sums in found.items() if sums.sessions]
    rows.sort(key=lambda row: (-row[1].sessions, row[0]))
    return tuple(_row(name, channel, sums, whole=whole) for (name, channel), sums in rows)


def _row(name: str, channel: str, sums: Totals, *, whole: int) -> SourceRow:
    sessions = sums.sessions
    return SourceRow(
        name=name or UNKNOWN,
        channel=channel or UNKNOWN,
        sessions=sessions,
        share=rate(sessions, whole),
        bounce_rate=rate(sums.bounces, sessions),
        engagement_rate=rate(sums.engaged, sessions),
        conversions=sums.conversions,
        conversion_rate=rate(sums.conversions, sessions),
        recruiters=sums.recruiters,
        intervals=intervals_of(
            {
                "bounce_rate": (sums.bounces, sessions),
                "engagement_rate": (sums.engaged, sessions),
                "conversion_rate": (sums.conversions, sessions),
            }
        ),
    )
