"""Where visits come from: sources with their channel, and channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q

from .answers import UNKNOWN, Answer
from .filters import CONVERTED, LISTED, sessions_of, shown
from .metrics import definitions, rate
from .periods import Period

METRICS: Final = ("sessions", "share", "bounce_rate", "engagement_rate", "conversions", "conversion_rate", "recruiters")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Sessions of one source or channel; rates in percent."""

    name: str
    channel: str
    sessions: int
    share: float | None
    bounce_rate: float | None
    engagement_rate: float | None
    conversions: int
    conversion_rate: float | None
    recruiters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources(Answer):
    sources: tuple[SourceRow, ...]
    channels: tuple[SourceRow, ...]


def sources(period: Period, *, sessions: int | None = None) -> Sources:
    """The largest sources and every channel. `sessions` spares a query when the whole is known already."""
    whole = sessions_of(period).humans().count() if sessions is None else sessions
    return Sources(
        period=shown(period),
        definitions=definitions(METRICS),
        sources=_rows(period, ("source", "channel"), whole=whole, listed=LISTED),
        channels=_rows(period, ("channel",), whole=whole, listed=None),
    )


def _rows(period: Period, group: tuple[str, ...], *, whole: int, listed: int | None) -> tuple[SourceRow, ...]:
    counts = (
        sessions_of(period)
        .humans()
        .order_by()
        .values(*group)
        .annotate(
            sessions=Count("id"),
            bounces=Count("id", filter=Q(is_bounce=True)),
            engaged=Count("id", filter=Q(is_engaged=True)),
            conversions=Count("id", filter=CONVERTED),
            recruiters=Count("id", filter=Q(is_recruiter=True)),
        )
        .order_by("-sessions", *group)
    )
    return tuple(_row(row, name=row[group[0]], whole=whole) for row in counts[:listed])


def _row(row: dict[str, Any], *, name: str, whole: int) -> SourceRow:
    sessions = row["sessions"]
    return SourceRow(
        name=name or UNKNOWN,
        channel=row["channel"] or UNKNOWN,
        sessions=sessions,
        share=rate(sessions, whole),
        bounce_rate=rate(row["bounces"], sessions),
        engagement_rate=rate(row["engaged"], sessions),
        conversions=row["conversions"],
        conversion_rate=rate(row["conversions"], sessions),
        recruiters=row["recruiters"],
    )
