"""End what is kept when its time is up: batch by batch, again and again with the same result.

A day's visits go only after they were added up; from then on its sums are all there is. Application openings lose what
ties them to a visit then, and go with the sums.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any, Final

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from visitors.applications.models import ApplicationHit, Notice
from visitors.identity import local_day
from visitors.models import (
    DayColumn,
    DroppedCount,
    Erasure,
    Fact,
    LimitCount,
    PageView,
    RolledDay,
    RollupDay,
    Share,
    VisitorInteraction,
    VisitorSession,
    unix_ms,
)
from visitors.observation import NOBODY
from visitors.rollups.build import roll_up

from .hooks import expire_elsewhere
from .retention import ERASURE_DAYS, first_kept_day, first_rolled_day, texts_before

BATCH: Final = 2000
# Sessions last: whatever is stopped in between, what is left of a day is found again.
FACTS: Final[tuple[tuple[str, Any], ...]] = (
    ("page views", PageView),
    ("interactions", VisitorInteraction),
    ("visits", VisitorSession),
)


@dataclass(slots=True)
class Pruning:
    """One run: what it may cost, what it did. `deadline` is of `monotonic()`; `show` is told how far it is.

    `may_roll_up`: days that were never added up are, first; without it they wait for the one whose task that is.
    """

    now: datetime
    is_dry: bool = False
    deadline: float | None = None
    may_roll_up: bool = True
    show: Callable[[str], None] = lambda _text: None
    counts: Counter[str] = field(default_factory=Counter)
    is_complete: bool = True

    @property
    def today(self) -> date:
        return local_day(unix_ms(self.now))

    def is_late(self) -> bool:
        if self.deadline is not None and monotonic() > self.deadline:
            self.is_complete = False
            return True
        return False


def prune(run: Pruning) -> None:
    """Everything whose time is up, oldest first; raises what the database raises."""
    _prune_days(run)
    first_kept, first_rolled = first_kept_day(run.today), first_rolled_day(run.today)
    kept_since = timezone.make_aware(datetime.combine(first_kept, datetime.min.time()), timezone.get_default_timezone())
    _delete(run, "previews", Share.objects.filter(day__lt=first_kept))
    _delete(run, "notices", Notice.objects.filter(created_at__lt=kept_since))
    _unlink_openings(run, first_kept)
    _delete(run, "openings", ApplicationHit.objects.filter(day__lt=first_rolled))
    _delete(run, "sums", RollupDay.objects.filter(day__lt=first_rolled))
    _delete(run, "days", RolledDay.objects.filter(day__lt=first_rolled))
    _delete(run, "counts", DroppedCount.objects.filter(day__lt=first_rolled))
    _delete(run, "limits", LimitCount.objects.filter(expires_at__lt=run.now))
    _delete(run, "erasures", Erasure.objects.filter(erased_at__lt=run.now - timedelta(days=ERASURE_DAYS)))
    if not run.is_late():
        run.counts += expire_elsewhere(texts_before(run.now), is_dry=run.is_dry)


def _prune_days(run: Pruning) -> None:
    """Single visits, day by day. A day that cannot be added up now waits, and those after it do not."""
    day, first_kept = _oldest_day(date.min), first_kept_day(run.today)
    while day is not None and day < first_kept and not run.is_late():
        if run.is_dry or _may_go(day, run):
            for name, model in FACTS:
                _delete(run, name, model.objects.filter(day=day), of=f" of {day}")
        else:
            run.is_complete = False
        day = _oldest_day(day + timedelta(days=1))


def _oldest_day(since: date) -> date | None:
    """Of any visit since then; each is read off an index."""
    firsts = [model.objects.filter(day__gte=since).aggregate(first=Min("day"))["first"] for _, model in FACTS]
    return min((first for first in firsts if first), default=None)


def _may_go(day: date, run: Pruning) -> bool:
    """Whether the day's sums answer for it; from then on nothing may build them again."""
    if _close(day):
        return True
    return run.may_roll_up and roll_up(day) and _close(day)


def _close(day: date) -> bool:
    is_closed = bool(RolledDay.objects.filter(day=day, is_dirty=False).update(is_pruned=True))
    if is_closed:
        DayColumn.objects.filter(day=day).delete()
    return is_closed


def _delete(run: Pruning, name: str, rows: QuerySet[Any], *, of: str = "") -> None:
    if run.is_dry:
        run.counts[name] += rows.count()
        return
    while not run.is_late():
        # Facts are distributed by their visitor, whom each write to them names.
        keys = ("pk", "visitor_id") if issubclass(rows.model, Fact) else ("pk",)
        batch = list(rows.order_by().values_list(*keys)[:BATCH])
        if not batch:
            return
        some = {f"{key}__in": set(column) for key, column in zip(keys, zip(*batch, strict=True), strict=True)}
        rows.model.objects.filter(**some).delete()
        run.counts[name] += len(batch)
        run.show(f"{run.counts[name]:,} {name}{of}")


def _unlink_openings(run: Pruning, first_kept: date) -> None:
    """That a link was opened, and what came of it, stays with the application; whose visit it was does not."""
    linked = ApplicationHit.objects.filter(Q(session_id__isnull=False) | ~Q(visitor_id=NOBODY), day__lt=first_kept)
    if run.is_dry:
        run.counts["openings unlinked"] += linked.count()
    else:
        run.counts["openings unlinked"] += linked.update(
            session_id=None, visitor_id=NOBODY, referrer_host="", is_settled=True
        )
