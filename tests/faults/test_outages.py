"""The database is locked, down or not yet migrated; Redis is down or stalled: pages go on, visits arrive later."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from statistics import quantiles

import pytest

from tests.servers import PostgreSQL, Redis, wait_until

from .running import VISITORS, Load, Site, flaws, seconds, stored_in, tally

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]

ADDED_LATENCY_MS = 50


def test_a_locked_sqlite_file_delays_visits_and_no_page(new_site: NewSite, sqlite_url: str) -> None:
    site = new_site(sqlite_url).migrate().start()
    locker = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    with Load(site) as load:
        load.run_for(1)
        locker.execute("BEGIN EXCLUSIVE")
        before = len(load.acknowledged)
        load.run_for(seconds(5, 30))
        locker.execute("ROLLBACK")
        served = load.answered_since(before)
        load.run_for(1)
    locker.close()
    site.terminate()
    site.drain()
    result = tally("SQLite locked by another process", sqlite_url, load.acknowledged)
    assert flaws(result) == []
    assert (result.visitors, result.sessions) == (VISITORS, result.needed)
    assert served > 50


def test_a_stopped_postgresql_delays_visits_and_no_page(
    new_site: NewSite, postgresql: PostgreSQL, postgresql_url: str
) -> None:
    site = new_site(postgresql_url).migrate().start()
    with Load(site) as load:
        load.run_for(1)
        postgresql.stop("immediate")
        before = len(load.acknowledged)
        load.run_for(seconds(4, 60))
        served = load.answered_since(before)
        postgresql.start()
        load.run_for(1)
    site.terminate()
    site.drain()
    assert flaws(tally("PostgreSQL stopped", postgresql_url, load.acknowledged)) == []
    assert served > 50


def test_the_recorder_finds_back_to_a_restarted_postgresql_by_itself(
    new_site: NewSite, postgresql: PostgreSQL, postgresql_url: str
) -> None:
    site = new_site(postgresql_url).migrate().start()
    with Load(site) as load:
        load.run_for(1)
        postgresql.stop("fast")
        load.run_for(1)
        postgresql.start()
        before = len(load.acknowledged)
        wait_until(lambda: stored_in(postgresql_url) >= before, what="what waited is stored")
    site.terminate()
    site.drain()
    assert flaws(tally("PostgreSQL restarted", postgresql_url, load.acknowledged)) == []


def test_visits_from_before_and_during_a_migration_arrive(new_site: NewSite, database_url: str) -> None:
    site = new_site(database_url).start()
    with Load(site) as load:
        load.run_for(1)
        site.migrate()
        load.run_for(1)
    site.terminate()
    site.drain()
    assert flaws(tally("migrate under load", database_url, load.acknowledged)) == []


@pytest.mark.parametrize("outage", ["stop", "stall"])
def test_without_redis_pages_take_at_most_50_ms_more(
    new_site: NewSite, sqlite_url: str, redis: Redis, outage: str
) -> None:
    site = new_site(sqlite_url, REDIS_URL=redis.url).migrate().start()
    with Load(site, threads=1, path="/cached/{number}/") as load:
        added = added_without(redis, outage, load)
    site.terminate()
    site.drain()
    assert flaws(tally(f"Redis {outage}", sqlite_url, load.acknowledged), at_least=30) == []
    assert added <= ADDED_LATENCY_MS


@pytest.mark.parametrize("outage", ["stop", "stall"])
def test_without_redis_the_api_takes_at_most_50_ms_more(
    new_site: NewSite, sqlite_url: str, redis: Redis, outage: str
) -> None:
    """An endpoint with a limit, which Redis counts while it is there."""
    urls = "tests.faults.site.urls_with_api"
    site = new_site(sqlite_url, REDIS_URL=redis.url, FAULTS_URLCONF=urls).migrate().start()
    with Load(site, threads=1, path="/api/visitors/session/current/", accept="*/*") as load:
        added = added_without(redis, outage, load)
    sys.stdout.write(f"API without Redis ({outage}): {len(load.took_ms)} answers\n")
    assert len(load.took_ms) > 50
    assert added <= ADDED_LATENCY_MS


def added_without(redis: Redis, outage: str, load: Load) -> float:
    """Milliseconds that a request takes more: the larger of what is added at the median and at 19 of 20."""
    load.run_for(1.5)
    usual, load.took_ms = load.took_ms, []
    getattr(redis, outage)()
    load.run_for(seconds(2, 20))
    added = [late - soon for late, soon in zip(quantiles(load.took_ms, n=20), quantiles(usual, n=20), strict=True)]
    sys.stdout.write(f"\nadded at the median {added[9]:.1f} ms, at 19 of 20 requests {added[-1]:.1f} ms\n")
    return max(added[9], added[-1])
