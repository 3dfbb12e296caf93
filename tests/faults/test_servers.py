"""The ways in which Django is served: whatever runs the requests, what was acknowledged is stored once."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import wait_until

from .running import Load, Site, flaws, seconds, tally

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]

WATCHED = Path(__file__).parent / "site" / "urls.py"  # one of the files whose change makes `runserver` start anew
RELOADS = 3


@pytest.mark.parametrize(
    ("entry", "options"),
    [
        ("wsgi", ("--worker-class", "sync", "--threads", "1")),
        ("wsgi", ("--worker-class", "gthread", "--threads", "4")),
        ("wsgi", ("--worker-class", "gthread", "--threads", "4", "--preload", "--max-requests", "200")),
        ("asgi", ("--worker-class", "asgi", "--threads", "1")),
        ("asgi", ("--worker-class", "asgi", "--threads", "1", "--preload")),
    ],
    ids=["sync", "gthread", "gthread, preloaded and recycled", "asgi", "asgi, preloaded"],
)
def test_every_kind_of_worker_loses_nothing(
    new_site: NewSite, sqlite_url: str, entry: str, options: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    site = new_site(sqlite_url).migrate().start(*options, entry=entry)
    with Load(site) as load:
        load.run_for(seconds(1, 5))
        site.kill_worker()
        load.run_for(seconds(1, 5))
    assert site.terminate() == 0
    site.drain()
    assert flaws(tally(request.node.callspec.id, sqlite_url, load.acknowledged)) == []


def test_the_development_server_loses_nothing_when_it_starts_anew(new_site: NewSite, sqlite_url: str) -> None:
    site = new_site(sqlite_url, DEBUG="1").migrate()
    with _development_server(site) as reloader, Load(site) as load:
        for _ in range(RELOADS):
            load.run_for(1.0)
            before = _serving(reloader)
            os.utime(WATCHED)
            wait_until(lambda before=before: _serving(reloader) not in {before, ""}, what="the server starts anew")
            site.wait_for_answers()
            load.run_for(1.0)
    site.drain()
    assert flaws(tally(f"runserver, started anew {RELOADS} times", sqlite_url, load.acknowledged)) == []


def _serving(reloader: int) -> str:
    return Path(f"/proc/{reloader}/task/{reloader}/children").read_text()


@contextmanager
def _development_server(site: Site) -> Iterator[int]:
    """The process id of its reloader, a process above the one that serves: both end with their group."""
    server = site.python(
        *("manage.py", "runserver", f"127.0.0.1:{site.port}"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        site.wait_for_answers()
        yield server.pid
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)
