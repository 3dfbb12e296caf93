"""A flood of fresh user agents, from one address and from many: pages stay quick, the database grows by the cap."""

from __future__ import annotations

import http.client
import itertools
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from .running import HEADERS, LONG, Load, Site, rows_of

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]

REQUESTS = 100_000 if LONG else 16_000
THREADS = 4
CAP = 300  # new visits a minute
P99_MS = 200


class Flood:
    """Each request has a user agent that nobody had before; `addresses` of the loopback network take turns."""

    def __init__(self, site: Site, *, addresses: int) -> None:
        self._site = site
        self._addresses = addresses
        self._numbers = itertools.count(1)
        self.took_ms: list[float] = []
        self.refused: list[int] = []

    def run(self) -> None:
        threads = [threading.Thread(target=self._ask_on, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _ask_on(self, seed: int) -> None:
        for turn in itertools.count():
            with closing(self._connect(seed * 1000 + turn)) as connection:
                for number in itertools.islice(self._numbers, 50):
                    if number > REQUESTS:
                        return
                    self._ask(connection, number)

    def _connect(self, number: int) -> http.client.HTTPConnection:
        last = 1 + number % self._addresses
        source = (f"127.0.{last // 250}.{1 + last % 250}", 0)
        return http.client.HTTPConnection("127.0.0.1", self._site.port, timeout=20, source_address=source)

    def _ask(self, connection: http.client.HTTPConnection, number: int) -> None:
        started = time.perf_counter()
        connection.request("GET", f"/page/{number}/", headers=HEADERS | {"User-Agent": f"Mozilla/5.0 Fresh/{number}"})
        response = connection.getresponse()
        response.read()
        self.took_ms.append((time.perf_counter() - started) * 1000)
        if response.status != 200:
            self.refused.append(response.status)


def p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def grown(database_url: str) -> int:
    """Bytes of the database and what has not been merged into it."""
    path = Path(urlsplit(database_url).path.removeprefix("/"))
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))


@pytest.mark.parametrize("addresses", [1, 500], ids=["one address", "many addresses"])
def test_a_flood_of_fresh_user_agents_slows_no_page_and_fills_no_database(
    new_site: NewSite, sqlite_url: str, addresses: int
) -> None:
    site = new_site(sqlite_url, VISITORS_MAX_NEW_SESSIONS_PER_MINUTE=str(CAP)).migrate().start()
    flood, known = Flood(site, addresses=addresses), Load(site, threads=1, path="/page/9{number:09d}/")
    began = time.time()  # the open visitors count in their minute, which may be the one before
    with known:
        known.run_for(2.0)
        before = grown(sqlite_url)
        flood.run()
        minutes = int(time.time() // 60) - int(began // 60) + 1
    site.terminate()
    site.drain()
    with rows_of(sqlite_url) as rows:
        ((sessions,),) = rows("SELECT count(*) FROM visitors_visitorsession")
        ((pages,),) = rows("SELECT count(*) FROM visitors_pageview WHERE path NOT LIKE '/page/9_________/'")
        kept = {path for (path,) in rows("SELECT path FROM visitors_pageview WHERE path LIKE '/page/9_________/'")}
        ((left_out,),) = rows("SELECT sum(count) FROM visitors_droppedcount WHERE reason = 'over the cap'")
    sys.stdout.write(
        f"\nflood of {REQUESTS} from {addresses}: p99 {p99(flood.took_ms):.0f} ms, open visitors' p99 "
        f"{p99(known.took_ms):.0f} ms, {sessions} visits in {minutes} minutes, {left_out} left out, "
        f"{(grown(sqlite_url) - before) // 1024} KiB more\n"
    )
    assert flood.refused == []
    assert max(p99(flood.took_ms), p99(known.took_ms)) < P99_MS
    assert sessions <= CAP * minutes
    assert pages + left_out == REQUESTS
    assert kept == known.acknowledged
