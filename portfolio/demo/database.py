"""Tell demo visits from real ones in the database, by the machine number in their ids, and keep them apart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from django.db import transaction
from django.db.models import F, Model, QuerySet

from visitors.models import DroppedCount, PageView, Share, VisitorInteraction, VisitorSession
from visitors.observation import Observation
from visitors.recording import store
from visitors.recording.ids import DEMO_MACHINE, MACHINE_BITS, MACHINE_SHIFT
from visitors.rollups.dirt import mark_all_dirty

BATCH: Final = 1000
FACTS: Final[tuple[type[Model], ...]] = (VisitorSession, PageView, VisitorInteraction, Share)
MACHINES: Final = 1 << MACHINE_BITS


def holds_real_visits() -> bool:
    return any(_with_machine(facts).exclude(machine=DEMO_MACHINE).exists() for facts in FACTS)


def holds_demo_visits() -> bool:
    return _with_machine(VisitorSession).filter(machine=DEMO_MACHINE).exists()


def remove_demo_visits() -> None:
    """Counts of what was left out carry no id; they go too, so a caller makes sure that no visit is real."""
    with transaction.atomic():
        for facts in FACTS:
            _with_machine(facts).filter(machine=DEMO_MACHINE).delete()
        DroppedCount.objects.all().delete()
        mark_all_dirty()


def store_in_batches(observations: Iterator[Observation]) -> Iterator[int]:
    """Stores all, a transaction a batch; yields how many went in so far."""
    done = 0
    while batch := list(islice(observations, BATCH)):
        store(batch)
        done += len(batch)
        yield done


def _with_machine(facts: type[Model]) -> QuerySet[Model]:
    machine = F("id").bitrightshift(MACHINE_SHIFT).bitand(MACHINES - 1)
    return facts._default_manager.annotate(machine=machine).order_by()
