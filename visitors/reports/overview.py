"""The statistics of a period: who came, how much, on what, from where, compared with the period before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from django.db.models import Sum

from visitors.models import DroppedCount
from visitors.rollups.dimensions import DURATION
from visitors.rollups.totals import Totals

from .answers import Asked, Counted, Part
from .asked import compared_of
from .certainty import exposure_of, intervals_of, noises_of
from .filters import parts_of, shown
from .metrics import changes, definitions
from .periods import Period
from .scope import Scope
from .sources import METRICS as SOURCE_METRICS
from .sources import SourceRow, sources
from .sums import Split, act_totals, split, totals_by_key
from .totals import LENGTHS, Day, Figures, counts_of, day_of, figures_of, median_duration, total_of, totals_by_day

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
class SessionStatistics(Asked):
    """`intervals` holds the 95 % bounds, in percent, of rates of fewer than 400 visits; `is_noise` says whether a
    change may be chance, of metrics that can be tested."""

    totals: Figures
    previous: Figures
    change: Mapping[str, float | None]
    intervals: Mapping[str, tuple[float, ...]]
    is_noise: Mapping[str, bool]
    median_session_duration: int | None
    audience: Audience
    devices: Devices
    interactions_by_kind: tuple[Counted, ...]
    sources: tuple[SourceRow, ...]
    channels: tuple[SourceRow, ...]
    recorded: Recorded
    days: tuple[Day, ...]


def session_statistics(scope: Scope, *, against: Period | None = None) -> SessionStatistics:
    """A constant number of queries, whatever the period and the number of visits."""
    period, days = scope.period, split(scope)
    by_day = totals_by_day(scope, days=days)
    now = total_of(by_day.values())
    totals = figures_of(now)
    before = against or period.previous()
    then = total_of(totals_by_day(scope.during(before)).values())
    previous = figures_of(then)
    counts, counts_before = (counts_of(sums, asdict(totals)) for sums in (now, then))
    origin = sources(scope, days=days)
    return SessionStatistics(
        period=shown(period),
        compare=shown(before),
        definitions=definitions(dict.fromkeys((*METRICS, *SOURCE_METRICS))),
        query=compared_of(scope, before),
        totals=totals,
        previous=previous,
        change=changes(asdict(totals), asdict(previous)),
        intervals=intervals_of(counts),
        is_noise=noises_of(counts, counts_before, exposure=exposure_of(period, before)),
        median_session_duration=median_duration(totals_by_key(scope, dimension=DURATION, days=days, only=LENGTHS)),
        audience=_audience(now),
        devices=_devices(scope, days),
        interactions_by_kind=_interaction_kinds(scope, days),
        sources=origin.sources,
        channels=origin.channels,
        recorded=_recorded(period, now),
        days=tuple(day_of(day, totals) for day, totals in by_day.items()),
    )


def _devices(scope: Scope, days: Split) -> Devices:
    """Human sessions by device type, browser and operating system."""
    names, only = ("device", "browser", "os"), ("sessions",)
    found = (totals_by_key(scope, dimension=name, days=days, only=only) for name in names)
    return Devices(*(parts_of((key, sums.sessions) for key, sums in keys.items() if sums.sessions) for keys in found))


def _interaction_kinds(scope: Scope, days: Split) -> tuple[Counted, ...]:
    """Acts of people by kind, most frequent first."""
    rows = (
        Counted(kind, sums.interactions) for kind, sums in act_totals(scope, days=days, only=("interactions",)).items()
    )
    return tuple(sorted(rows, key=lambda row: (-row.count, row.name)))


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
