"""How recording is doing: what waits, for how long, what was left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Sum
from django.utils import timezone

from visitors.addresses import has_seen_unknown_proxy
from visitors.conf import conf
from visitors.identity import local_day, now_ms
from visitors.models import DroppedCount, JournalPosition, Upkeep
from visitors.observation import DropReason
from visitors.rollups.dirt import days_to_roll

from .journal import journal_sizes, journal_uuid
from .quarantine import quarantined, quarantined_bytes
from .reading import oldest_unread_ms, unread_bytes

DROPS_OF_DAYS = 7
LOSSES = (DropReason.JOURNAL_FULL, DropReason.JOURNAL_ERROR, DropReason.MALFORMED)


@dataclass(frozen=True, slots=True)
class Status:
    """`lag_seconds` is the age of the oldest observation that waits, 0 when none does; drops are of the last week."""

    journal_bytes: int
    waiting_bytes: int
    lag_seconds: float
    dropped: dict[str, int]
    quarantined: int
    last_write: datetime | None
    days_to_roll_up: int
    upkeep: dict[str, datetime]  # when each task that keeps house ran last
    problems: tuple[str, ...]

    @property
    def is_healthy(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in this machine's journal, what lies aside, what was lost today by reason; cheap enough for every
    probe."""

    journal_bytes: int
    waiting_bytes: int
    lag_seconds: float
    quarantined_bytes: int
    last_write: datetime | None
    lost_today: dict[str, int]

    @property
    def is_late(self) -> bool:
        return self.lag_seconds > conf.STATUS_MAX_LAG_SECONDS

    @property
    def is_well(self) -> bool:
        return not (self.is_late or self.quarantined_bytes or self.lost_today)


def backlog() -> Backlog:
    """Two queries and a look at the journal's files; raises what the database raises when it is down."""
    directory = conf.JOURNAL_DIR
    sizes = journal_sizes(directory)
    position = JournalPosition.objects.filter(journal=journal_uuid(directory)).first()
    offsets = position.offsets if position else {}
    waiting = unread_bytes(sizes, offsets)
    oldest = oldest_unread_ms(directory, offsets) if waiting else None
    lag = max((now_ms() - oldest) / 1000, 0.0) if oldest else 0.0
    return Backlog(
        journal_bytes=sum(sizes.values()),
        waiting_bytes=waiting,
        lag_seconds=round(lag, 1),
        quarantined_bytes=quarantined_bytes(directory),
        last_write=position.updated_at if position else None,
        lost_today=_lost_today(),
    )


def recording_status() -> Status:
    """Reads the journal's folder and the database; raises what the database raises when it is down."""
    waits = backlog()
    kept_aside = sum(1 for _ in quarantined(conf.JOURNAL_DIR))
    return Status(
        journal_bytes=waits.journal_bytes,
        waiting_bytes=waits.waiting_bytes,
        lag_seconds=waits.lag_seconds,
        dropped=_recent_drops(),
        quarantined=kept_aside,
        last_write=JournalPosition.objects.aggregate(last=Max("updated_at"))["last"],
        days_to_roll_up=len(days_to_roll(now=timezone.now())),
        upkeep=dict(Upkeep.objects.order_by("task").values_list("task", "ran_at")),
        problems=(*_problems(waits, kept_aside), *_losses(waits.lost_today)),
    )


def _recent_drops() -> dict[str, int]:
    today = local_day(now_ms())
    rows = DroppedCount.objects.in_days(today - timedelta(days=DROPS_OF_DAYS - 1), today + timedelta(days=1))
    return dict(rows.values_list("reason").annotate(total=Sum("count")).order_by("-total"))


def _lost_today() -> dict[str, int]:
    rows = DroppedCount.objects.filter(day=local_day(now_ms()), reason__in=LOSSES).order_by("reason")
    return dict(rows.values_list("reason", "count"))


def _losses(lost: Mapping[str, int]) -> Iterator[str]:
    for reason, count in lost.items():
        yield f"{count} observations were lost today: {reason}"


def _problems(waits: Backlog, kept_aside: int) -> Iterator[str]:
    if waits.is_late:
        limit = conf.STATUS_MAX_LAG_SECONDS
        yield f"visits wait for {waits.lag_seconds:.0f} s, more than {limit} s: is a recorder running?"
    if waits.journal_bytes > conf.JOURNAL_MAX_BYTES * 0.8:
        yield f"the journal holds {waits.journal_bytes} bytes, close to its bound of {conf.JOURNAL_MAX_BYTES}"
    if kept_aside:
        yield f"{kept_aside} lines could not be stored and are in {conf.JOURNAL_DIR / 'quarantine'}"
    if has_seen_unknown_proxy():
        yield "requests come through a proxy that VISITORS['TRUSTED_PROXIES'] does not name: all visitors are one"
