"""The statistics of a period: who came, how much, on what, from where, compared with the period before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from django.db.models import Count, Sum

from visitors.models import DroppedCount

from .answers import Answer, Counted, Part
from .filters import interactions_of, parts_of, sessions_of, shown
from .metrics import changes, definitions
from .periods import Period
from .sources import METRICS as SOURCE_METRICS
from .sources import SourceRow, sources
from .totals import Day, Figures, Totals, day_of, figures_of, median_duration, total_of, totals_by_day

METRICS: Final = (*Figures.__dataclass_fields__, "median_session_duration", "left_out")


@dataclass(frozen=True, slots=True)
class Audience:
    """Every session of the period by who it was; `recruiters` and `clients` are among the humans."""

    humans: int
    recruiters: int
    clients: int
    bots: int
    owner: int
    empty: int


@dataclass(frozen=True, slots=True)
class Devices:
    device_types: tuple[Part, ...]
    browsers: tuple[Part, ...]
    os: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Sessions kept against observations left out, by reason."""

    sessions: int
    left_out: int
    reasons: tuple[Counted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatistics(Answer):
    totals: Figures
    previous: Figures
    change: Mapping[str, float | None]
    median_session_duration: int | None
    audience: Audience
    devices: Devices
    interactions_by_kind: tuple[Counted, ...]
    sources: tuple[SourceRow, ...]
    channels: tuple[SourceRow, ...]
    recorded: Recorded
    days: tuple[Day, ...]


def session_statistics(period: Period) -> SessionStatistics:
    """Eight queries, whatever the period and the number of visits."""
    by_day = totals_by_day(period)
    now = total_of(by_day.values())
    totals = figures_of(now)
    previous = figures_of(total_of(totals_by_day(period.previous()).values()))
    origin = sources(period, sessions=now.sessions)
    return SessionStatistics(
        period=shown(period),
        definitions=definitions(dict.fromkeys((*METRICS, *SOURCE_METRICS))),
        totals=totals,
        previous=previous,
        change=changes(asdict(totals), asdict(previous)),
        median_session_duration=median_duration(period, sessions=now.sessions),
        audience=_audience(now),
        devices=devices(period),
        interactions_by_kind=interaction_kinds(period),
        sources=origin.sources,
        channels=origin.channels,
        recorded=_recorded(period, now),
        days=tuple(day_of(day, totals) for day, totals in by_day.items()),
    )


def devices(period: Period) -> Devices:
    """Human sessions by device type, browser and operating system, read in one query."""
    rows = tuple(
        sessions_of(period)
        .humans()
        .order_by()
        .values_list("device_type", "browser", "os")
        .annotate(sessions=Count("id"))
    )
    by_type, by_browser, by_os = (parts_of((row[place], row[3]) for row in rows) for place in range(3))
    return Devices(by_type, by_browser, by_os)


def interaction_kinds(period: Period) -> tuple[Counted, ...]:
    """Acts of people by kind, most frequent first."""
    rows = interactions_of(period).order_by().values_list("kind").annotate(acts=Count("id")).order_by("-acts", "kind")
    return tuple(Counted(kind, acts) for kind, acts in rows)


def _audience(totals: Totals) -> Audience:
    return Audience(
        humans=totals.sessions,
        recruiters=totals.recruiters,
        clients=totals.clients,
        bots=totals.bots,
        owner=totals.owner,
        empty=totals.empty,
    )


def _recorded(period: Period, totals: Totals) -> Recorded:
    rows = (
        DroppedCount.objects.in_days(period.start, period.end)
        .values_list("reason")
        .annotate(observations=Sum("count"))
        .order_by("-observations", "reason")
    )
    reasons = tuple(Counted(reason, observations) for reason, observations in rows)
    kept = totals.sessions + totals.bots + totals.owner + totals.empty
    return Recorded(kept, sum(row.count for row in reasons), reasons)
