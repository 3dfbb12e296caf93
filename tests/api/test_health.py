"""Probes are cheap, say no more than yes or no, and fail only with the database."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from visitors import recording
from visitors.conf import conf
from visitors.identity import local_day, now_ms
from visitors.models import DroppedCount, PageView
from visitors.observation import DropReason
from visitors.recording.quarantine import quarantine

released = threading.Event()


class HungCache(LocMemCache):
    def set(self, *args: Any, **kwargs: Any) -> None:
        released.wait(10)


def test_alive_asks_nobody(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})
    assert not response.cookies


IDLE = {
    "is_late": False,
    "waiting_bytes": 0,
    "lag_seconds": 0.0,
    "journal_bytes": 0,
    "quarantined_bytes": 0,
    "last_write": None,
    "lost_today": {},
}


def test_ready_asks_the_database_three_times(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        response = Client().get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": True, "cache": True, "recording": IDLE}
    assert response["Cache-Control"] == "no-store"


def test_without_a_database_it_is_unavailable_and_leaks_no_text(db: None) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("password authentication failed for user secret")

    with connection.execute_wrapper(refuse):
        response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "database": False, "cache": True, "recording": None}


def test_a_hung_cache_degrades_it_within_the_time_out(db: None, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.HungCache"}}
    before = time.monotonic()
    response = Client().get("/readyz")
    released.set()
    assert time.monotonic() - before < 2
    assert (response.status_code, response.json()["status"]) == (200, "degraded")


def test_visits_that_wait_too_long_degrade_it(db: None, settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external", "STATUS_MAX_LAG_SECONDS": 60}
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        Client().get("/about/", headers={"user-agent": "Mozilla/5.0"})
    with time_machine.travel("2026-11-22T12:02:00Z", tick=False):
        answer = Client().get("/readyz").json()
    assert answer["status"] == "degraded"
    assert answer["recording"]["is_late"] is True
    assert answer["recording"]["lag_seconds"] == 120.0


def test_what_was_lost_today_degrades_it_and_what_a_rule_left_out_does_not(db: None) -> None:
    today = local_day(now_ms())
    DroppedCount.objects.create(day=today, reason=DropReason.OPT_OUT, count=7)
    assert Client().get("/readyz").json()["status"] == "ready"
    DroppedCount.objects.create(day=today - timedelta(days=1), reason=DropReason.JOURNAL_FULL, count=5)
    assert Client().get("/readyz").json()["status"] == "ready"
    DroppedCount.objects.create(day=today, reason=DropReason.JOURNAL_FULL, count=3)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["recording"]["lost_today"] == {"journal full": 3}


def test_what_lies_in_quarantine_degrades_it(db: None) -> None:
    quarantine(conf.JOURNAL_DIR, error="ValueError", line=b"{}")
    answer = Client().get("/readyz").json()
    assert answer["status"] == "degraded"
    assert answer["recording"]["quarantined_bytes"] > 0


def test_it_says_when_visits_were_last_stored(db: None) -> None:
    Client().get("/about/", headers={"user-agent": "Mozilla/5.0"})
    recording.drain()
    said = datetime.fromisoformat(Client().get("/readyz").json()["recording"]["last_write"])
    assert timedelta(0) <= timezone.now() - said < timedelta(minutes=1)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_is_not_counted_as_a_page(db: None, path: str) -> None:
    Client().get(path)
    assert PageView.objects.count() == 0
