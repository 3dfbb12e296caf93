"""How visits divide by one of their traits: where from, where, with what, first and last page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q

from .answers import UNKNOWN
from .filters import CONVERTED
from .metrics import rate
from .scope import COLUMNS, Scope, humans_in


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


def breakdown(scope: Scope, *, dimension: Dimension, listed: int) -> Breakdown:
    """Most visitors first. Two queries."""
    column = COLUMNS[dimension]
    sessions = humans_in(scope).order_by()
    named = ~Q(**{column: ""}) if dimension in OPTIONAL else Q(pk__isnull=False)
    whole = sessions.aggregate(
        visitors=Count("visitor_id", distinct=True), named=Count(column, distinct=True, filter=named)
    )
    rows = (
        sessions.filter(named)
        .values(column)
        .annotate(
            visitors=Count("visitor_id", distinct=True),
            sessions=Count("id"),
            bounces=Count("id", filter=Q(is_bounce=True)),
            conversions=Count("id", filter=CONVERTED),
            recruiters=Count("id", filter=Q(is_recruiter=True)),
        )
        .order_by("-visitors", "-sessions", column)
    )
    shown = tuple(_row(row, name=row[column], whole=whole["visitors"]) for row in rows[:listed])
    return Breakdown(dimension, len(shown) if len(shown) < listed else whole["named"], shown)


def _row(row: dict[str, Any], *, name: str, whole: int) -> BreakdownRow:
    return BreakdownRow(
        name=name or UNKNOWN,
        visitors=row["visitors"],
        sessions=row["sessions"],
        share=rate(row["visitors"], whole),
        bounce_rate=rate(row["bounces"], row["sessions"]),
        conversion_rate=rate(row["conversions"], row["sessions"]),
        recruiters=row["recruiters"],
    )
