"""What recording adds to a request: wall time at the median and the 99th percentile, statements, cookies."""

from __future__ import annotations

import gc
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from benchmarks.site.variants import BACKGROUND, CONTROL, PEERS, REQUEST, TRACKING, UNTRACKED, VISITORS, Variant

from .figures import load, machine, percentile, ratio, spread, table, verdict
from .server import Server, background_recorder, confirm_stored, drain_all, page_bytes, statements
from .traffic import PAGES_OF_A_VISIT, wsgi_environments
from .venue import Venue

INTERLEAVED: Final = (UNTRACKED, VISITORS, *PEERS, CONTROL)
BATCH: Final = 20  # requests of one variant before it is the next one's turn
MOST_ADDED_US: Final = 50
LEAST_RATIOS: Final = {
    "sqlite": {REQUEST.name: 12, TRACKING.name: 50},
    "postgresql": {REQUEST.name: 40, TRACKING.name: 50},
}


@dataclass(slots=True)
class Rounds:
    """Microseconds of one variant by round, and what they exceed the untracked site by."""

    medians: list[float] = field(default_factory=list)
    added: list[float] = field(default_factory=list)  # at the median
    added_tails: list[float] = field(default_factory=list)  # at the 99th percentile

    def put(self, wall_us: Sequence[float], *, plain: Sequence[float]) -> None:
        wall_us, plain = sorted(wall_us), sorted(plain)
        self.medians.append(median(wall_us))
        self.added.append(median(wall_us) - median(plain))
        self.added_tails.append(percentile(wall_us, 0.99) - percentile(plain, 0.99))


def main(place: Venue, *, rounds: int, is_quick: bool) -> None:
    servers = {variant: Server(variant) for variant in INTERLEAVED}
    background = Server(BACKGROUND)
    visits = itertools.count(1)
    machine(place.database)
    requests = 100 if is_quick else 500
    size = page_bytes(servers[UNTRACKED], _batch(visits)[0])
    print(f"page of {size} bytes; {rounds} rounds of {requests} requests a variant, {BATCH} by {BATCH} in random order")
    results = interleaved(list(servers.values()), visits, rounds=rounds, batches=requests // BATCH)
    results[BACKGROUND] = beside_recorder(background, visits, rounds=rounds, seconds=0.5 if is_quick else 2.5)
    extras = {server.variant: extra(server, visits) for server in (*servers.values(), background)}
    drain_all()
    confirm_stored([*servers.values(), background])
    report(results, extras)
    judge(place.database, results, extras)
    print(load())


def interleaved(servers: list[Server], visits: Iterator[int], *, rounds: int, batches: int) -> dict[Variant, Rounds]:
    """The untracked site is the pool of its two variants. A first round warms every cache and is forgotten."""
    results: dict[Variant, Rounds] = {server.variant: Rounds() for server in servers}
    for number in range(rounds + 1):
        wall_us = _round(servers, visits, batches=batches)
        drain_all()
        if number:
            plain = wall_us[UNTRACKED] + wall_us[CONTROL]
            for variant, figures in wall_us.items():
                results[variant].put(figures, plain=plain)
    return results


def _round(servers: list[Server], visits: Iterator[int], *, batches: int) -> dict[Variant, list[float]]:
    wall_us: dict[Variant, list[float]] = {server.variant: [] for server in servers}
    gc.collect()
    for _ in range(batches):
        for server in random.sample(servers, len(servers)):
            wall_us[server.variant] += server.answer(_batch(visits)).wall_us
    return wall_us


def beside_recorder(server: Server, visits: Iterator[int], *, rounds: int, seconds: float) -> Rounds:
    """With the recorder's thread, which wakes once a second: blocks of seconds, each after an untracked one."""
    results = Rounds()
    for _ in range(rounds):
        plain = _for_seconds(Server(UNTRACKED), visits, seconds=seconds)
        with background_recorder():
            results.put(_for_seconds(server, visits, seconds=seconds), plain=plain)
    return results


def _for_seconds(server: Server, visits: Iterator[int], *, seconds: float) -> list[float]:
    wall_us: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        wall_us += server.answer(_batch(visits)).wall_us
    return wall_us


def _batch(visits: Iterator[int], count: int = BATCH) -> list[dict[str, Any]]:
    """Requests of whole visits by visitors that never came before."""
    new = itertools.islice(visits, count // PAGES_OF_A_VISIT)
    return [request for visit in new for request in wsgi_environments(PAGES_OF_A_VISIT, first_visit=visit)]


def extra(server: Server, visits: Iterator[int]) -> tuple[float, str]:
    """Statements a request, and the cookies set."""
    count = statements(server, _batch(visits, 100))
    cookies = server.answer(_batch(visits)).cookies
    return count, ", ".join(sorted(cookies)) or "none"


def report(results: dict[Variant, Rounds], extras: dict[Variant, tuple[float, str]]) -> None:
    own = median(results[VISITORS].added)
    plain = extras[UNTRACKED][0]
    rows = [
        (
            variant.name,
            f"{median(figures.medians):,.0f}",
            spread(figures.added),
            spread(figures.added_tails),
            f"{ratio(median(figures.added), own):,.1f}",
            f"{extras[variant][0] - plain:+.2f}",
            extras[variant][1],
        )
        for variant, figures in results.items()
    ]
    head = ("us a request", "median", "added at the median", "added at p99", "x visitors", "statements", "cookies")
    table(head, rows)


def judge(database: str, results: dict[Variant, Rounds], extras: dict[Variant, tuple[float, str]]) -> None:
    own = median(results[VISITORS].added)
    verdict(f"added at the median <= {MOST_ADDED_US} us", figure=f"{own:.1f} us", is_reached=own <= MOST_ADDED_US)
    for variant in (REQUEST, TRACKING):
        least, times = LEAST_RATIOS[database][variant.name], ratio(median(results[variant].added), own)
        verdict(f"{variant.name} adds at least {least} times that", figure=f"{times:.1f}", is_reached=times >= least)
    count = extras[VISITORS][0] - extras[UNTRACKED][0]
    verdict("no statement in the request", figure=f"{count:.2f}", is_reached=count == 0)
    verdict("no cookie", figure=extras[VISITORS][1], is_reached=extras[VISITORS][1] == "none")
