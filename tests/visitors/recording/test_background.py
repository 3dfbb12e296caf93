"""One drainer a machine, taken over when its process dies, and reports that wait for it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from tests.servers import wait_until
from visitors import recording
from visitors.conf import conf
from visitors.models import PageView
from visitors.recording import background
from visitors.recording.journal import journal_sizes
from visitors.recording.recorder import drainer_lock

from .builders import NOON_MS, ROOT, an_observation, finish, start_python

pytestmark = pytest.mark.django_db

HOLD = """
import os, sys, time
from pathlib import Path
from visitors.recording.recorder import drainer_lock
with drainer_lock(Path(sys.argv[1])) as is_mine:
    forked, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(tell, b".")
        time.sleep(60)
    os.read(forked, 1)  # only a child that runs has had its turn to let go
    print(is_mine, child, flush=True)
    sys.stdin.readline()
"""

RECORD = """
import sys
from visitors import recording
from tests.visitors.recording.builders import NOON_MS, an_observation
for number in range(20):
    recording.record(an_observation(id=recording.next_id(NOON_MS), path=f"/{sys.argv[1]}/{number}"))
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def _external(settings: Any) -> Iterator[None]:
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    yield
    recording.journal().close()


external = pytest.mark.usefixtures("_external")


@external
def test_catching_up_stores_what_waits() -> None:
    recording.record(an_observation(path="/just-now"))
    assert recording.catch_up() is True
    assert PageView.objects.get().path == "/just-now"


@external
def test_catching_up_with_nothing_to_do_asks_the_database_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert recording.catch_up() is True
    recording.record(an_observation())
    recording.catch_up()
    recording.catch_up()
    with django_assert_num_queries(0):
        assert recording.catch_up() is True


@external
def test_catching_up_gives_up_in_time_when_another_drainer_holds_the_lock() -> None:
    recording.record(an_observation())
    with drainer_lock(conf.JOURNAL_DIR) as is_mine:
        assert is_mine
        assert recording.catch_up(max_wait_seconds=0.05) is False


@external
def test_catching_up_with_a_database_that_is_away_says_so() -> None:
    recording.record(an_observation())

    def away(*_: object) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        recording.catch_up()
    assert sum(journal_sizes(conf.JOURNAL_DIR).values()) > 0


def test_a_forked_child_does_not_keep_its_parents_drainer_lock(tmp_path: Path) -> None:
    parent = start_python(HOLD, tmp_path)
    assert parent.stdout
    is_mine, child = parent.stdout.readline().split()
    assert is_mine == "True"
    with drainer_lock(tmp_path) as is_free:
        assert not is_free
    try:
        parent.kill()
        parent.wait(timeout=10)
        with drainer_lock(tmp_path) as is_free:
            assert is_free
    finally:
        os.kill(int(child), signal.SIGKILL)
        parent.communicate()


def test_a_second_drainer_of_one_process_is_refused_and_disturbs_nothing(tmp_path: Path) -> None:
    with drainer_lock(tmp_path) as first:
        for _ in range(2):
            with drainer_lock(tmp_path) as second:
                assert (first, second) == (True, False)
    with drainer_lock(tmp_path) as again:
        assert again


def test_another_process_takes_over_when_the_drainers_process_dies(tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'site.sqlite3'}",
        "VISITORS_JOURNAL_DIR": str(tmp_path / "journal"),
        "VISITORS_DRAIN_SECONDS": "0.05",
    }
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=ROOT, env=os.environ | {"DEBUG": "1"} | environment, check=True)
    first, second = (start_python(RECORD, name, **environment) for name in ("first", "second"))
    for process in (first, second):
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    first.kill()
    first.communicate()
    third = start_python(RECORD, "third", **environment)
    assert third.stdout
    third.stdout.readline()
    wait_until(lambda: stored_in(tmp_path / "site.sqlite3") == 60, what="the rest is stored")
    for process in (second, third):
        finish(process)


def stored_in(database: Path) -> int:
    with closing(sqlite3.connect(database, timeout=10)) as site:
        return int(site.execute("SELECT count(*) FROM visitors_pageview").fetchone()[0])


def test_ringing_a_bell_that_nobody_hears_is_no_error_and_hangs_none() -> None:
    background.wake()
    assert not (conf.JOURNAL_DIR / "doorbell").exists()


def test_a_thread_of_the_recorder_ends_when_told_to(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VISITORS = settings.VISITORS | {"DRAIN_SECONDS": 30.0}
    # What a thread stores no test takes back: it has a connection of its own.
    monkeypatch.setattr(background, "_tick", lambda *_, **__: 30.0)
    stop = threading.Event()
    thread = threading.Thread(target=background.run, args=(stop,))
    thread.start()
    wait_until(lambda: (conf.JOURNAL_DIR / "doorbell").exists(), what="the bell hangs")
    stop.set()
    background.wake()
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_a_thread_that_cannot_start_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def refuse(thread: threading.Thread) -> None:
        tries.append(thread.name)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(background, "_thread", None)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    for _ in range(2):
        background.ensure_running()
    assert tries == ["visitors-recorder", "visitors-recorder"]


def test_a_thread_that_ended_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    monkeypatch.setattr(background, "_thread", None)
    monkeypatch.setattr(background, "run", ended.set)
    for _ in range(2):
        ended.clear()
        background.ensure_running()
        assert ended.wait(10)
        wait_until(lambda: background._thread is None, what="the end of the thread")
    assert background._thread is None


def test_a_recorder_under_debug_keeps_no_statements(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for later in ("post_in_background", "upkeep.prune_in_passing", "rollups.roll_in_background"):
        monkeypatch.setattr(f"visitors.recording.background.{later}", lambda: None)
    settings.DEBUG = True
    recording.record(an_observation(id=recording.next_id(NOON_MS)))
    background._tick(conf.JOURNAL_DIR, 1.0)
    assert PageView.objects.count() == 1
    assert not any("INSERT" in query["sql"] for query in connection.queries_log)
