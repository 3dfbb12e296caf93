"""Decide what a referrer host tells about hiring: the listed category with its weight, else what its labels say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from visitors.detection.tables import by_suffix, rows_of

_UNCHECKED: Final = "domain knowledge, not checked"
_NO_SIDE: Final = "n/a"  # such a row names a kind of site, not a product of hiring; what was checked is its host alone
_HIRING_LABELS: Final = frozenset(
    {
        "ats",
        "employer",
        "employers",
        "hire",
        "hiring",
        "recruit",
        "recruiter",
        "recruiters",
        "recruiting",
        "recruitment",
    }
    | {"sourcing", "talent", "talents", "talentmanager"}
)
_CAREERS_LABELS: Final = frozenset(("career", "careers", "job", "jobs", "karriere", "karriera", "empleo", "emploi"))


@dataclass(frozen=True, slots=True)
class HiringHost:
    """`weight` in log odds of a checked row; `None` where the category's weight is to be used."""

    category: str
    weight: float | None


@lru_cache(maxsize=4_096)
def hiring_host(host: str) -> HiringHost | None:
    """Exact entry first, with or without `www.`, then the nearest `*.` entry, then whole labels of the name."""
    exact, below = _listed()
    bare = host.removeprefix("www.")
    if found := exact.get(host) or exact.get(bare) or exact.get(f"www.{bare}"):
        return found
    return by_suffix(below, host.partition(".")[2]) or _by_label(host)


def _by_label(host: str) -> HiringHost | None:
    # The last two labels are the organisation's own name: "talent.com" is a brand, "talent.brand.com" a department.
    labels = frozenset(host.split(".")[:-2])
    if labels & _HIRING_LABELS:
        return HiringHost("hiring_host_name", None)
    return HiringHost("careers_host_name", None) if labels & _CAREERS_LABELS else None


@cache
def _listed() -> tuple[dict[str, HiringHost], dict[str, HiringHost]]:
    exact: dict[str, HiringHost] = {}
    below: dict[str, HiringHost] = {}
    for row in rows_of("recruiter_hosts.csv"):
        is_checked = row["side"] != _NO_SIDE and not row["source"].startswith(_UNCHECKED)
        table = below if row["host"].startswith("*.") else exact
        table[row["host"].removeprefix("*.")] = HiringHost(
            row["category"], float(row["weight"]) if is_checked else None
        )
    return exact, below
