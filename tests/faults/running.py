"""Run the site in real processes, load it, and count what was acknowledged, stored, lost and doubled."""

from __future__ import annotations

import http.client
import itertools
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import psycopg

from tests.servers import free_port, is_listening, wait_until
from visitors.recording.sessions import MAX_SESSION_ROWS

ROOT = Path(__file__).parents[2]
LONG = bool(os.environ.get("FAULTS_LONG"))
VISITORS = 25
LOSSES = ("journal full", "journal not writable", "malformed")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
HEADERS = {"Accept": "text/html", "Accept-Language": "en-GB,en;q=0.9", "Host": "localhost"}


def seconds(short: float, long: float) -> float:
    return long if LONG else short


@dataclass
class Site:
    """One web machine: a journal folder, a database, and gunicorn with two workers when started."""

    folder: Path
    database_url: str
    name: str = "machine"
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _server: subprocess.Popen[bytes] | None = None

    @property
    def journal(self) -> Path:
        return self.folder / self.name

    @property
    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.site.settings",
            "DEBUG": "0",
            "SECRET_KEY": "only-for-this-run-" + "x" * 40,
            "ALLOWED_HOSTS": "localhost",
            "SECURE_SSL_REDIRECT": "0",
            "DATABASE_URL": self.database_url,
            "VISITORS_JOURNAL_DIR": str(self.journal),
            "VISITORS_DRAIN_SECONDS": "0.2",
            "LOG_LEVEL": "ERROR",
            **self.environment,
        }

    def python(self, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=self._environment, **options)  # type: ignore[call-overload, no-any-return]

    def manage(self, *arguments: str) -> int:
        """Run a management command to its end; returns its exit code."""
        return self.python("manage.py", *arguments, stdout=subprocess.DEVNULL).wait(timeout=120)

    def migrate(self) -> Site:
        assert self.manage("migrate", "--verbosity", "0") == 0
        return self

    def drain(self) -> None:
        assert self.manage("record_visits", "--once") == 0

    def start(self, *options: str, entry: str = "wsgi", **popen: object) -> Site:
        server = ["-m", "gunicorn", f"tests.faults.site.{entry}:application", "--bind", f"127.0.0.1:{self.port}"]
        workers = ["--workers", "2", "--threads", "2", "--graceful-timeout", "5", "--log-level", "critical"]
        self._server = self.python(*server, *workers, *options, **popen)
        self.wait_for_answers()
        return self

    def wait_for_answers(self) -> None:
        wait_until(self._answers, what="the site answers")

    def _answers(self) -> bool:
        assert self._server is None or self._server.poll() is None, "the server ended at its start"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", "/up/", headers=HEADERS)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def workers(self) -> list[int]:
        assert self._server
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def kill_worker(self) -> None:
        for pid in self.workers()[:1]:
            os.kill(pid, signal.SIGKILL)

    def kill_all(self) -> None:
        """The server first, so that it does not raise a worker again."""
        assert self._server
        workers = self.workers()
        self._server.kill()
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        self._server.wait(timeout=10)
        wait_until(lambda: not is_listening(self.port), what="the port is free")

    def terminate(self) -> int:
        assert self._server
        self._server.send_signal(signal.SIGTERM)
        return self._server.wait(timeout=20)

    def close(self) -> None:
        if self._server and self._server.poll() is None:
            self.kill_all()


class Load:
    """Visitors that ask for one page after the other, each page once, and note which were answered."""

    def __init__(
        self, *sites: Site, threads: int = 4, path: str = "/page/{number}/", accept: str = "text/html"
    ) -> None:
        self._sites = sites
        self._headers = HEADERS | {"Accept": accept}
        self._path = path
        self._numbers = itertools.count(1)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(seed,)) for seed in range(threads)]
        self.acknowledged: set[str] = set()
        self.took_ms: list[float] = []

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def run_for(self, duration: float) -> None:
        time.sleep(duration)

    def answered_since(self, count: int) -> int:
        return len(self.acknowledged) - count

    def _visit(self, seed: int) -> None:
        connections = [http.client.HTTPConnection("127.0.0.1", site.port, timeout=20) for site in self._sites]
        while not self._stop.is_set():
            number = next(self._numbers)
            self._ask(connections[number % len(connections)], self._path.format(number=number), number)
        for connection in connections:
            connection.close()

    def _ask(self, connection: http.client.HTTPConnection, path: str, number: int) -> None:
        started = time.perf_counter()
        try:
            connection.request("GET", path, headers=self._headers | {"User-Agent": browser(number % VISITORS)})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            time.sleep(0.01)
            return
        if response.status == 200:
            self.took_ms.append((time.perf_counter() - started) * 1000)
            self.acknowledged.add(path)


def browser(number: int) -> str:
    return BROWSER.format(version=120 + number)


@dataclass(frozen=True)
class Tally:
    """What became of the acknowledged page views; `sessions` and `session_pages` as the stored visits tell them.

    `needed` visits are the fewest that the visitors' page views fit into, since a visit ends after so many rows.
    """

    acknowledged: int
    stored: int
    lost: int
    doubled: int
    dropped: int
    visitors: int
    sessions: int
    needed: int
    session_pages: int


def tally(fault: str, database_url: str, acknowledged: Iterable[str]) -> Tally:
    """Count, and print the line of this fault."""
    asked = set(acknowledged)
    with rows_of(database_url) as rows:
        stored = Counter(path for (path,) in rows("SELECT path FROM visitors_pageview"))
        of_visitors = [count for (count,) in rows("SELECT count(*) FROM visitors_pageview GROUP BY visitor_id")]
        ((sessions, session_pages),) = rows("SELECT count(*), sum(page_views_count) FROM visitors_visitorsession")
        ((dropped,),) = rows(f"SELECT sum(count) FROM visitors_droppedcount WHERE reason IN {LOSSES}")
    result = Tally(
        acknowledged=len(asked),
        stored=stored.total(),
        lost=len(asked - stored.keys()),
        doubled=stored.total() - len(stored),
        dropped=int(dropped or 0),
        visitors=len(of_visitors),
        sessions=sessions,
        needed=sum(ceil(count / MAX_SESSION_ROWS) for count in of_visitors),
        session_pages=int(session_pages or 0),
    )
    sys.stdout.write(
        f"\n{fault}: acknowledged {result.acknowledged}, stored {result.stored}, lost {result.lost}, "
        f"doubled {result.doubled}, dropped and counted {result.dropped}\n"
    )
    return result


@contextmanager
def rows_of(database_url: str) -> Iterator[object]:
    parts = urlsplit(database_url)
    if parts.scheme == "sqlite":
        connection = sqlite3.connect(parts.path.removeprefix("/"), timeout=10)
    else:
        connection = psycopg.connect(database_url)
    try:
        yield lambda statement: list(connection.execute(statement))
    finally:
        connection.close()


def stored_in(database_url: str) -> int:
    with rows_of(database_url) as rows:
        return int(rows("SELECT count(*) FROM visitors_pageview")[0][0])


def flaws(result: Tally, *, at_least: int = 50) -> list[str]:
    """None where every acknowledged page view is stored once, and the visits' own totals agree with their rows."""
    told = {
        f"{result.acknowledged} acknowledged, at least {at_least} expected": result.acknowledged < at_least,
        f"{result.lost} lost": result.lost > 0,
        f"{result.doubled} doubled": result.doubled > 0,
        f"{result.session_pages} in visits, {result.stored} stored": result.session_pages != result.stored,
    }
    return [flaw for flaw, is_so in told.items() if is_so]
