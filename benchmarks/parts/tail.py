"""What readers meet while the recorder of the same process is at work: the slow ones of steady requests."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from benchmarks.site.variants import BACKGROUND, CONTROL, UNTRACKED, Variant

from .clients import Connection
from .figures import load as load_average
from .figures import machine, percentile, spread, table
from .load import Site, gunicorn, settle
from .server import drain_all
from .venue import Venue

VARIANTS: Final = (UNTRACKED, BACKGROUND, CONTROL)
BUSY_SHARE: Final = 0.2  # of one worker's time, so that nobody queues
WARM_REQUESTS: Final = 200
SHARES: Final = (0.5, 0.9, 0.99, 0.999)


@dataclass(slots=True)
class Answers:
    """Milliseconds, ascending, by round."""

    rounds: list[list[float]] = field(default_factory=list)

    def at(self, share: float) -> list[float]:
        return [percentile(each, share) for each in self.rounds]


def main(place: Venue, *, rounds: int, is_quick: bool) -> None:
    machine(place.database)
    seconds = 2.0 if is_quick else 8.0
    answers = {variant: Answers() for variant in VARIANTS}
    visits = itertools.count(1)
    with ExitStack() as running:
        sites = {variant: running.enter_context(gunicorn(place, variant, workers=1)) for variant in VARIANTS}
        rate = _rate(sites[UNTRACKED], visits)
        print(
            f"gunicorn, 1 worker of 2 threads, {rate:.0f} requests a second; {rounds} rounds of {seconds} s a variant"
        )
        for number in range(rounds + 1):
            for variant in random.sample(VARIANTS, len(VARIANTS)):
                paths = (f"/page/{VARIANTS.index(variant)}-{number}-{page}/" for page in itertools.count())
                figures = sorted(_steady(Connection(sites[variant].address, paths, visits), rate=rate, seconds=seconds))
                settle()
                if number:  # the first round warms every cache
                    answers[variant].rounds.append(figures)
    drain_all()
    report(answers)
    print(load_average())


def _rate(site: Site, visits: Iterator[int]) -> float:
    """Requests a second that keep one worker busy for its share of the time."""
    connection = Connection(site.address, (f"/page/warm-{page}/" for page in itertools.count()), visits)
    took = sorted(_steady(connection, rate=float("inf"), seconds=0.0, least=WARM_REQUESTS))
    return 1000 * BUSY_SHARE / median(took)


def _steady(connection: Connection, *, rate: float, seconds: float, least: int = 0) -> Iterator[float]:
    """Each request has its moment, whether the one before it was slow or not; it waits only for its connection."""
    started = time.perf_counter()
    for number in range(least or int(seconds * rate)):
        due = max(started + number / rate, started if seconds else time.perf_counter())
        time.sleep(max(due - time.perf_counter(), 0))
        connection.ask()
        while not connection.receive():
            pass
        yield 1000 * (time.perf_counter() - due)
    connection.socket.close()


def report(answers: dict[Variant, Answers]) -> None:
    head = ("milliseconds at", *(f"{100 * share:g} %" for share in SHARES), "99 %, of untracked")
    plain = [median(pair) for pair in zip(answers[UNTRACKED].at(0.99), answers[CONTROL].at(0.99), strict=True)]
    rows = []
    for variant, each in answers.items():
        times = [slow / base for slow, base in zip(each.at(0.99), plain, strict=True)]
        figures = (f"{median(each.at(share)):.1f}" for share in SHARES)
        rows.append((variant.name, *figures, f"{spread(times)}"))
    table(head, rows)
