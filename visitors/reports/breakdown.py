"""How visits divide by one of their traits: where from, where, with what, first and last page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from visitors.rollups.dimensions import WHOLE
from visitors.rollups.totals import Totals

from .answers import OTHER, UNKNOWN
from .metrics import rate
from .scope import Scope
from .sums import split, sums_by_key, totals_by_key


class Dimension(StrEnum):
    """Each is a filter as well, so that a row leads to its visits."""

    SOURCE = "source"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    ENTRY = "entry"
    EXIT = "exit"
    COUNTRY = "country"
    DEVICE = "device"
    BROWSER = "browser"
    OS = "os"


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """Visits with one trait; rates and `share` (of all visitors) in percent."""

    name: str
    visitors: int
    sessions: int
    share: float | None
    bounce_rate: float | None
    conversion_rate: float | None
    recruiters: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The largest rows of `count`."""

    dimension: Dimension
    count: int
    rows: tuple[BreakdownRow, ...]


# What a visit may lack altogether: no campaign is no row, an unknown country is one.
OPTIONAL = frozenset({Dimension.CAMPAIGN, Dimension.ENTRY, Dimension.EXIT})


SUMS = ("visitors", "sessions", "bounces", "conversions", "recruiters")


def breakdown(scope: Scope, *, dimension: Dimension, listed: int) -> Breakdown:
    """Most visitors first. Visits beyond the largest values of a day are no row, but count in the whole."""
    days = split(scope)
    whole = sums_by_key(scope, days=days, only=("visitors",))
    found = totals_by_key(scope, dimension=dimension, days=days, only=SUMS)
    rows = [(key, sums) for key, sums in found.items() if sums.sessions and _is_row(key, dimension)]
    rows.sort(key=lambda row: (-row[1].visitors, -row[1].sessions, row[0]))
    visitors = sum(keys[WHOLE].visitors for keys in whole.values())
    return Breakdown(dimension, len(rows), tuple(_row(key, sums, whole=visitors) for key, sums in rows[:listed]))


def _is_row(key: str, dimension: Dimension) -> bool:
    return key != OTHER and (key != "" or dimension not in OPTIONAL)


def _row(key: str, sums: Totals, *, whole: int) -> BreakdownRow:
    return BreakdownRow(
        name=key or UNKNOWN,
        visitors=sums.visitors,
        sessions=sums.sessions,
        share=rate(sums.visitors, whole),
        bounce_rate=rate(sums.bounces, sums.sessions),
        conversion_rate=rate(sums.conversions, sums.sessions),
        recruiters=sums.recruiters,
    )
