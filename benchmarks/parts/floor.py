"""What no recorder gets below: the least that the language and the databases need for a line or a row."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, Final

from .figures import Spread, spread
from .venue import Venue

ROWS: Final = 500
REPEATS: Final = 7

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Floor:
    name: str
    cpu_us: Spread


def floors(place: Venue) -> list[Floor]:
    """Microseconds of CPU for each; PostgreSQL's own share is not in them."""
    return [
        Floor("json.dumps and os.write of a line", _each(_lines(place))),
        Floor(f"a raw SQLite row with three indexes, {ROWS} at once", _each(_sqlite_rows(place))),
        Floor(f"bulk_create of page views on {place.database}, {ROWS} at once", _each(_django_rows())),
    ]


def _each(run: Callable[[], None]) -> Spread:
    """A first run warms up and is forgotten."""
    run()
    figures = []
    for _ in range(REPEATS):
        started = time.process_time_ns()
        run()
        figures.append((time.process_time_ns() - started) / 1000 / ROWS)
    return spread(figures)


def _fields(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "at_ms": 1_790_000_000_000 + number,
        "day": "2026-09-21",
        "visitor_id": number * 7_919,
        "path": "/page/work-1/",
        "title": "Work of a developer: work-1",
        "referrer": "https://www.linkedin.com/",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "accept_language": "en-GB,en;q=0.9,de;q=0.8",
    }


def _lines(place: Venue) -> Callable[[], None]:
    descriptor = os.open(place.folder / "floor.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def run() -> None:
        for _ in range(ROWS):
            os.write(descriptor, json.dumps(_fields(next(_numbers))).encode() + b"\n")

    return run


def _sqlite_rows(place: Venue) -> Callable[[], None]:
    connection = sqlite3.connect(place.folder / "floor.sqlite3", isolation_level=None)
    connection.executescript(
        """
        PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
        CREATE TABLE page (id INTEGER PRIMARY KEY, session_id INTEGER, visitor_id INTEGER, viewed_at TEXT, day TEXT,
                           path TEXT, title TEXT, status INTEGER, source TEXT, device TEXT);
        CREATE INDEX page_of_session ON page (session_id, viewed_at);
        CREATE INDEX page_by_time ON page (viewed_at);
        CREATE INDEX page_by_day ON page (day, path, visitor_id);
        """
    )

    def run() -> None:
        rows = [_sqlite_row(next(_numbers)) for _ in range(ROWS)]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO page VALUES ({','.join('?' * 10)})", rows)
        connection.execute("COMMIT")

    return run


def _sqlite_row(number: int) -> tuple[object, ...]:
    seen = _fields(number)
    moment = f"2026-09-21 12:{number // 60 % 60:02d}:{number % 60:02d}"
    session = number // 4 * 2_654_435_761 % (1 << 62)
    return (number, session, session, moment, seen["day"], seen["path"], seen["title"], 200, "LinkedIn", "desktop")


def _django_rows() -> Callable[[], None]:
    from visitors.models import PageView

    def run() -> None:
        PageView.objects.bulk_create([_page_view(next(_numbers)) for _ in range(ROWS)])

    return run


def _page_view(number: int) -> Any:
    from visitors.models import PageView

    seen, session = _fields(number), number // 4 * 2_654_435_761 % (1 << 62)
    return PageView(
        id=number,
        session_id=session,
        visitor_id=session,
        day=date(2020, 9, 21),
        viewed_at=datetime(2020, 9, 21, 12, number // 60 % 60, number % 60, tzinfo=UTC),
        path=seen["path"],
        title=seen["title"],
        source="LinkedIn",
        device_type="desktop",
    )
