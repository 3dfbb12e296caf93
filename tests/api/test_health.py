"""Probes are cheap, say no more than yes or no, and fail only with the database."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError, connection
from django.test import Client

from visitors.models import PageView

released = threading.Event()


class HungCache(LocMemCache):
    def set(self, *args: Any, **kwargs: Any) -> None:
        released.wait(10)


def test_alive_asks_nobody(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})
    assert not response.cookies


def test_ready_asks_the_database_once(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        response = Client().get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "database": True, "cache": True})
    assert response["Cache-Control"] == "no-store"


def test_without_a_database_it_is_unavailable_and_leaks_no_text(db: None) -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("password authentication failed for user secret")

    with connection.execute_wrapper(refuse):
        response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "database": False, "cache": True}


def test_a_hung_cache_degrades_it_within_the_time_out(db: None, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.HungCache"}}
    before = time.monotonic()
    response = Client().get("/readyz")
    released.set()
    assert time.monotonic() - before < 2
    assert (response.status_code, response.json()["status"]) == (200, "degraded")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_is_not_counted_as_a_page(db: None, path: str) -> None:
    Client().get(path)
    assert PageView.objects.count() == 0
