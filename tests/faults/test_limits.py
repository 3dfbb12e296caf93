"""Limits hold for all processes of a site together, on both databases."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from .running import Site

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]

PROCESSES, TIMES = 4, 50
COUNTS = """
import time, django; django.setup()
from visitors.limits.stores import DatabaseStore, StoreAway
left = {times}
while left:
    try:
        print(DatabaseStore().add("atomic", seconds=600, now=time.time()).taken)
        left -= 1
    except StoreAway:
        pass  # another process holds SQLite's lock for longer than a request may wait
"""
ASKS = """
import django; django.setup()
from visitors.limits import take
print(sum(take("contact", "somebody") == 0 for _ in range({times})))
"""


def said(site: Site, script: str) -> list[int]:
    """What the processes printed, started at once."""
    command = ("-c", script.format(times=TIMES))
    running = [site.python(*command, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    return [int(word) for process in running for word in process.communicate(timeout=120)[0].split()]


def test_processes_at_once_count_each_request_once(new_site: NewSite, database_url: str) -> None:
    site = new_site(database_url).migrate()
    assert sorted(said(site, COUNTS)) == list(range(1, PROCESSES * TIMES + 1))


def test_a_client_gets_no_more_from_many_processes_than_from_one(new_site: NewSite, postgresql_url: str) -> None:
    site = new_site(postgresql_url).migrate()
    assert sum(said(site, ASKS)) == 5
