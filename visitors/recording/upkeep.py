"""Keep house: prune what is past its time, once a day beside the recorder or by command, and remember the last run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Final

from django.utils import timezone

from visitors.conf import conf
from visitors.identity import local_day, now_ms
from visitors.models import Upkeep, unix_ms
from visitors.privacy.pruning import Pruning, prune
from visitors.privacy.retention import texts_before

from .quarantine import remove_before

TASK: Final = "prune_visitors"
TICK_SECONDS: Final = 0.25  # what the recorder may spend on it at once: visits wait meanwhile
PAUSE_SECONDS: Final = 30.0

_done_on: tuple[Path, date] | None = None
_tried_at = float("-inf")


def prune_all(
    *,
    is_dry: bool = False,
    deadline: float | None = None,
    may_roll_up: bool = True,
    show: Callable[[str], None] = lambda _text: None,
) -> Pruning:
    """Rows, texts of the site around, lines kept aside; a dry run only counts, and is not remembered."""
    run = Pruning(timezone.now(), is_dry=is_dry, deadline=deadline, may_roll_up=may_roll_up, show=show)
    prune(run)
    run.counts["quarantine files"] += remove_before(conf.JOURNAL_DIR, texts_before(run.now).date(), is_dry=is_dry)
    if not is_dry:
        _remember(run)
    return run


def _remember(run: Pruning) -> None:
    """A day's run may take several turns: their numbers are added up."""
    last = last_run()
    known = last.outcome if last and not last.outcome.get("is_complete", True) else {}
    outcome = {name: count + int(known.get(name, 0)) for name, count in sorted(run.counts.items())}
    outcome |= {"is_complete": run.is_complete}
    Upkeep.objects.update_or_create(task=TASK, defaults={"ran_at": run.now, "outcome": outcome})


def last_run() -> Upkeep | None:
    return Upkeep.objects.filter(task=TASK).first()


def prune_in_passing() -> None:
    """Called with each drain: nearly always nothing. Once a local day it prunes, a quarter of a second at a time."""
    global _done_on, _tried_at
    today = local_day(now_ms())
    if _done_on == (conf.JOURNAL_DIR, today) or monotonic() - _tried_at < PAUSE_SECONDS:
        return
    _tried_at = monotonic()
    if _ran_on(today) or prune_all(deadline=monotonic() + TICK_SECONDS, may_roll_up=False).is_complete:
        _done_on = (conf.JOURNAL_DIR, today)


def _ran_on(today: date) -> bool:
    last = last_run()
    return last is not None and bool(last.outcome.get("is_complete")) and _day_of(last.ran_at) >= today


def _day_of(moment: datetime) -> date:
    return local_day(unix_ms(moment))


def forget() -> None:
    """Ask the database again whether today's run was; for tests and after a fork."""
    global _done_on, _tried_at
    _done_on, _tried_at = None, float("-inf")
