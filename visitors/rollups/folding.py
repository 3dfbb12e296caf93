"""Keep the largest keys of a day and sum up the rest, for raw facts as for rollups: both answer alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec.structs import replace

from .totals import PageTotals, Sums, total_of

OTHER: Final = "(other)"
KEPT: Final = 500
LONGEST: Final = 500  # characters; a longer key counts among the rest


def fold_days(by_day: Mapping[date, Mapping[str, Sums]]) -> dict[date, dict[str, Sums]]:
    """Each day for itself; days without any key are left out."""
    return {day: fold(keys, type(next(iter(keys.values())))()) for day, keys in by_day.items() if keys}


def fold(sums: Mapping[str, Sums], empty: Sums) -> dict[str, Sums]:
    """The 500 largest of one day, and `(other)` where there are more."""
    if len(sums) <= KEPT and all(len(key) <= LONGEST for key in sums):
        return dict(sums)
    short = (key for key in sums if len(key) <= LONGEST and key != OTHER)
    kept = set(sorted(short, key=lambda key: (*(-size for size in sums[key].size), key))[:KEPT])
    rest = total_of((each for key, each in sums.items() if key not in kept), empty)
    return {key: sums[key] for key in kept} | {OTHER: _unnamed(rest)}


def _unnamed(sums: Sums) -> Sums:
    """Many pages have no title in common."""
    return replace(sums, title="") if isinstance(sums, PageTotals) else sums
