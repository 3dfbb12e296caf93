"""Processes are killed and stopped under load: what was acknowledged is stored once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

import pytest

from .running import LONG, VISITORS, Load, Site, flaws, rows_of, seconds, tally

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]

KILLS = 20 if LONG else 3


@pytest.mark.parametrize("options", [(), ("--preload",)], ids=["plain", "preload"])
def test_kill_9_of_one_worker_after_the_other_loses_nothing(
    new_site: NewSite, sqlite_url: str, options: tuple[str, ...]
) -> None:
    site = new_site(sqlite_url).migrate().start(*options)
    with Load(site) as load:
        for _ in range(KILLS):
            load.run_for(0.5)
            site.kill_worker()
        load.run_for(1.0)
    site.terminate()
    site.drain()
    result = tally(f"kill -9 of a worker, {KILLS} times", sqlite_url, load.acknowledged)
    assert flaws(result) == []
    assert (result.visitors, result.sessions) == (VISITORS, result.needed)


def test_kill_9_of_workers_loses_no_act(new_site: NewSite, database_url: str) -> None:
    site = new_site(database_url).migrate().start()
    with Load(site, path="/act/{number}/") as load:
        for _ in range(KILLS):
            load.run_for(0.7)
            site.kill_worker()
        load.run_for(0.7)
    site.terminate()
    site.drain()
    with rows_of(database_url) as rows:
        stored = Counter(target for (target,) in rows("SELECT target FROM visitors_visitorinteraction"))
    asked = {path.replace("/act/", "/page/") for path in load.acknowledged}
    lost, doubled = asked - stored.keys(), stored.total() - len(stored)
    sys.stdout.write(f"\nkill -9 under acts: acknowledged {len(asked)}, lost {len(lost)}, doubled {doubled}\n")
    assert (lost, doubled, len(asked) > 50) == (set(), 0, True)


def test_kill_9_of_every_process_loses_nothing(new_site: NewSite, database_url: str) -> None:
    site = new_site(database_url).migrate().start()
    with Load(site) as load:
        for _ in range(KILLS):
            load.run_for(0.7)
            site.kill_all()
            site.start()
        load.run_for(0.7)
    site.terminate()
    site.drain()
    assert flaws(tally(f"kill -9 of all processes, {KILLS} times", database_url, load.acknowledged)) == []


def test_sigterm_of_the_server_under_load_loses_nothing(new_site: NewSite, sqlite_url: str) -> None:
    site = new_site(sqlite_url).migrate().start()
    with Load(site) as load:
        load.run_for(seconds(2, 10))
        assert site.terminate() == 0
    site.drain()
    assert flaws(tally("SIGTERM of the server", sqlite_url, load.acknowledged)) == []


@pytest.mark.parametrize(
    ("database", "number"),
    [("sqlite_url", signal.SIGTERM), ("postgresql_url", signal.SIGINT)],
    ids=["sqlite", "postgresql"],
)
def test_a_following_recorder_drains_and_ends_well_when_told_to(
    new_site: NewSite, request: pytest.FixtureRequest, database: str, number: signal.Signals
) -> None:
    database_url = request.getfixturevalue(database)
    site = new_site(database_url, VISITORS_RECORDING="external").migrate()
    recorder = site.python("manage.py", "record_visits", "--follow", stdout=subprocess.PIPE)
    assert recorder.stdout
    recorder.stdout.readline()
    site.start()
    with Load(site) as load:
        load.run_for(seconds(2, 10))
    recorder.send_signal(number)
    assert recorder.wait(timeout=10) == 0
    recorder.stdout.close()
    assert flaws(tally(f"{number.name} of record_visits", database_url, load.acknowledged)) == []


def test_kill_9_of_the_recorder_lets_another_take_over(new_site: NewSite, sqlite_url: str) -> None:
    site = new_site(sqlite_url, VISITORS_RECORDING="external").migrate().start()
    with Load(site) as load:
        for _ in range(KILLS):
            recorder = site.python("manage.py", "record_visits", "--follow", stdout=subprocess.PIPE)
            assert recorder.stdout
            recorder.stdout.readline()
            load.run_for(0.5)
            recorder.kill()
            recorder.communicate()
    site.terminate()
    site.drain()
    assert flaws(tally(f"kill -9 of the recorder, {KILLS} times", sqlite_url, load.acknowledged)) == []
