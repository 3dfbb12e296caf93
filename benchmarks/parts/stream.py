"""Observations without end, as the middleware makes them: visits that overlap, or a real log again and again."""

from __future__ import annotations

import gzip
import heapq
import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from benchmarks.site.variants import VISITORS

from .server import Server
from .traffic import PAGES_OF_A_VISIT, wsgi_environments

BEGIN: Final = datetime(2026, 1, 5, tzinfo=UTC)
VISITS_A_SECOND: Final = 5
SECONDS_BETWEEN_PAGES: Final = 30
ACT_IN_EVERY: Final = 3  # visits
PINGS_IN_EVERY: Final = 3
DAY: Final = timedelta(days=1)

# Observation, without importing it before Django is configured.
Seen = Any


def made_stream() -> Iterator[Seen]:
    """Visits of four pages, five new ones a second, oldest observation first; ids are the journal's to give."""
    return _overlapping(_samples())


def _overlapping(samples: Sequence[Sequence[Seen]]) -> Iterator[Seen]:
    waiting: list[tuple[int, int, Seen]] = []
    order = itertools.count()
    for number in itertools.count():
        begin_ms = round(BEGIN.timestamp() * 1000) + number * 1000 // VISITS_A_SECOND
        while waiting and waiting[0][0] <= begin_ms:
            yield heapq.heappop(waiting)[2]
        for seen in _visit(number, begin_ms, samples[number % len(samples)]):
            heapq.heappush(waiting, (seen.at_ms, next(order), seen))


def _visit(number: int, begin_ms: int, pages: Sequence[Seen]) -> Iterator[Seen]:
    visitor_id = int.from_bytes(blake2b(number.to_bytes(8), digest_size=8).digest()) >> 1 or 1
    for page, seen in enumerate(pages):
        at_ms = begin_ms + page * SECONDS_BETWEEN_PAGES * 1000
        own = {"visitor_id": visitor_id, "previous_visitor_id": 0}
        yield _at(replace(seen, **own), at_ms)
        if page == 1 and number % ACT_IN_EVERY == 0:
            yield _at(replace(seen, kind="download", target="resume", **own), at_ms + 4_000)
        if number % PINGS_IN_EVERY == 1:
            yield _at(replace(seen, kind="ping", engaged_ms=9_000, scroll_depth=80, **own), at_ms + 9_000)


def _at(seen: Seen, at_ms: int) -> Seen:
    return replace(seen, at_ms=at_ms, day=datetime.fromtimestamp(at_ms / 1000, tz=UTC).date().isoformat())


def _samples() -> list[list[Seen]]:
    """What the middleware observes of thirty visits, read back from the journal."""
    from visitors.recording import journal
    from visitors.recording.reading import read_entries

    count = 30 * PAGES_OF_A_VISIT
    Server(VISITORS).answer(list(wsgi_environments(count, first_visit=0)))
    seen = [entry.observation for entry in read_entries(journal().directory, {}) if entry.observation]
    if len(seen) != count:
        raise RuntimeError(f"the middleware observed {len(seen)} of {count} page views")
    return [seen[first : first + PAGES_OF_A_VISIT] for first in range(0, count, PAGES_OF_A_VISIT)]


def log_stream(log: Path, *, replays: int) -> Iterator[Seen]:
    """Every page and probe of the log, `replays` times, each time moved on by the days that the log spans."""
    once = _read_log(log)
    span = (_day(once[-1]) - _day(once[0])) + DAY
    for replay in range(replays):
        moved_ms = round(span.total_seconds() * 1000) * replay
        # Other days have other salts, so the visitors are other ones too.
        mask = int.from_bytes(blake2b(replay.to_bytes(8), digest_size=8).digest()) >> 1
        for seen in once:
            yield _at(
                replace(seen, visitor_id=seen.visitor_id ^ mask or 1, previous_visitor_id=0), seen.at_ms + moved_ms
            )


def _day(seen: Seen) -> datetime:
    return datetime.fromisoformat(seen.day)


def _read_log(log: Path) -> list[Seen]:
    from visitors.observation import DropReason
    from visitors.recording.log_lines import LogFormat, LogLineError, parse_line
    from visitors.recording.log_observations import LogObserver

    observer = LogObserver(own_hosts=("semicomplete.com",))
    found = []
    with gzip.open(log) if log.suffix == ".gz" else log.open("rb") as lines:
        for raw in lines:
            try:
                line = parse_line(raw.decode("utf-8", "replace"), log_format=LogFormat.COMBINED)
            except LogLineError:
                continue
            seen = observer.observe(line, raw=raw)
            if not isinstance(seen, DropReason):
                found.append(seen)
    return sorted(found, key=lambda seen: seen.at_ms)
