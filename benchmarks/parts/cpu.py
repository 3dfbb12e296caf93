"""CPU of a page view, from the request to the committed row, and what the recorder spends it on."""

from __future__ import annotations

import gc
import itertools
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.site.variants import CONTROL, PEERS, UNTRACKED, VISITORS, Variant

from .figures import load, machine, spread, table, verdict
from .floor import floors
from .server import Server, confirm_stored, drain_all
from .steps import timed_steps
from .traffic import PAGES_OF_A_VISIT, wsgi_environments
from .venue import Venue

VARIANTS: Final = (UNTRACKED, VISITORS, *PEERS, CONTROL)
BATCH: Final = 20
MOST_CPU_US: Final = 150
APPENDS: Final = 500


@dataclass(frozen=True, slots=True)
class Cpu:
    """Nanoseconds of this process, and of PostgreSQL's process that serves it."""

    own: int = 0
    server: int = 0

    @classmethod
    def now(cls) -> Cpu:
        server = server_cpu_ns()
        return cls(time.process_time_ns(), server)

    def __add__(self, other: Cpu) -> Cpu:
        return Cpu(self.own + other.own, self.server + other.server)

    def __sub__(self, other: Cpu) -> Cpu:
        return Cpu(self.own - other.own, self.server - other.server)


@dataclass(slots=True)
class Cost:
    """Microseconds of CPU a page view beyond the untracked site, by round."""

    in_request: list[float] = field(default_factory=list)
    afterwards: list[float] = field(default_factory=list)  # the recorder
    in_server: list[float] = field(default_factory=list)
    steps: list[dict[str, int]] = field(default_factory=list)  # nanoseconds of the recorder

    @property
    def whole(self) -> list[float]:
        return [request + later for request, later in zip(self.in_request, self.afterwards, strict=True)]


def main(place: Venue, *, rounds: int, is_quick: bool) -> None:
    visits = itertools.count(1)
    machine(place.database)
    # About what waits on a very busy site when the recorder wakes up, once a second.
    requests = 200 if is_quick else 1000
    print(f"{rounds} rounds of {requests} page views a variant, {BATCH} by {BATCH} in random order")
    servers = [Server(variant) for variant in VARIANTS]
    costs = measure(servers, visits, rounds=rounds, requests=requests)
    confirm_stored(servers)
    report(costs)
    breakdown(place, costs[VISITORS], requests=requests)
    judge(costs)
    print(load())


def measure(servers: list[Server], visits: Iterator[int], *, rounds: int, requests: int) -> dict[Variant, Cost]:
    """A first round warms every cache and is forgotten."""
    costs: dict[Variant, Cost] = {server.variant: Cost() for server in servers}
    for number in range(rounds + 1):
        spent = _round(servers, visits, batches=requests // BATCH)
        before = Cpu.now()
        with timed_steps() as steps:
            drain_all()
        drained = Cpu.now() - before
        if number:
            costs[VISITORS].steps.append(steps)
            plain = spent[UNTRACKED] + spent[CONTROL]
            for variant, cost in costs.items():
                later = drained if variant is VISITORS else Cpu()
                cost.in_request.append((spent[variant].own - plain.own / 2) / 1000 / requests)
                cost.afterwards.append(later.own / 1000 / requests)
                cost.in_server.append((spent[variant].server + later.server - plain.server / 2) / 1000 / requests)
    return costs


def _round(servers: list[Server], visits: Iterator[int], *, batches: int) -> dict[Variant, Cpu]:
    spent: dict[Variant, Cpu] = defaultdict(Cpu)
    gc.collect()
    for _ in range(batches):
        for server in random.sample(servers, len(servers)):
            requests = _batch(visits)
            before = Cpu.now()
            server.answer(requests)
            spent[server.variant] += Cpu.now() - before
    return spent


def _batch(visits: Iterator[int]) -> list[dict[str, Any]]:
    new = itertools.islice(visits, BATCH // PAGES_OF_A_VISIT)
    return [request for visit in new for request in wsgi_environments(PAGES_OF_A_VISIT, first_visit=visit)]


def server_cpu_ns() -> int:
    """CPU time of the PostgreSQL process of this connection; 0 on SQLite and where Linux does not tell."""
    from django.db import connection

    if connection.vendor != "postgresql" or connection.connection is None:
        return 0
    try:
        schedule = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
    except OSError:
        return 0
    return int(schedule.split()[0])


def report(costs: dict[Variant, Cost]) -> None:
    rows = [
        (variant.name, spread(cost.whole), spread(cost.in_request), spread(cost.afterwards), spread(cost.in_server))
        for variant, cost in costs.items()
    ]
    table(("us of CPU a page view", "added", "in the request", "in the recorder", "PostgreSQL's own"), rows)


def breakdown(place: Venue, cost: Cost, *, requests: int) -> None:
    append = _append_us()
    print("\nbreakdown, us of CPU a page view")
    print(f"  {'observe':52}{median(cost.in_request) - append:9,.1f}")
    print(f"  {'append':52}{append:9,.1f}")
    for step in cost.steps[0]:
        print(f"  {step:52}{median(steps[step] for steps in cost.steps) / 1000 / requests:9,.1f}")
    print("floor, us of CPU")
    for floor in floors(place):
        print(f"  {floor.name:52}{floor.cpu_us}")


def _append_us() -> float:
    """Of an observation that the middleware made, appended again and again to a journal of its own."""
    from visitors.recording import journal
    from visitors.recording.reading import read_entries

    Server(VISITORS).answer(_batch(itertools.count(1_000_000)))
    seen = [entry.observation for entry in read_entries(journal().directory, {}) if entry.observation][-BATCH:]
    figures = []
    for _ in range(APPENDS // len(seen)):
        started = time.process_time_ns()
        for observation in seen:
            journal().append(observation)
        figures.append((time.process_time_ns() - started) / 1000 / len(seen))
    return median(figures)


def judge(costs: dict[Variant, Cost]) -> None:
    own = median(costs[VISITORS].whole)
    verdict(f"whole CPU <= {MOST_CPU_US} us", figure=f"{own:.1f} us", is_reached=own <= MOST_CPU_US)
    for variant in PEERS:
        peer = median(costs[variant].whole)
        verdict(f"below {variant.name}", figure=f"{peer:.1f} us, {peer / own:.1f} times", is_reached=own < peer)
