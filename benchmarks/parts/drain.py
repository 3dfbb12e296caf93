"""How fast one process stores what waits, and that its memory does not grow with it."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from msgspec.structs import replace

from .cpu import Cpu
from .figures import load, machine, verdict
from .steps import timed_steps
from .stream import log_stream, made_stream
from .venue import Venue

MADE: Final = "made"
LOG: Final = "log"
INPUTS: Final = (MADE, LOG)
SLICE: Final = 20_000  # observations that wait at once: the disk holds no more than that
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
LEAST_RATE: Final = {"sqlite": 8_000, "postgresql": 6_000}
MOST_GROWTH_MIB: Final = 20


@dataclass(slots=True)
class Drained:
    """By slice: observations, seconds, CPU; resident memory after it."""

    observations: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    cpu: Cpu = field(default_factory=Cpu)
    resident_mib: list[float] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)  # nanoseconds of CPU


def main_made(place: Venue, *, observations: int) -> None:
    print(f"{observations:,} observations of overlapping visits, {SLICE:,} at a time")
    _main(place, itertools.islice(made_stream(), observations))


def main_log(place: Venue, *, log: Path, replays: int) -> None:
    print(f"{log.name} replayed {replays} times, {SLICE:,} observations at a time")
    _main(place, log_stream(log, replays=replays))


def _main(place: Venue, stream: Iterator[Any]) -> None:
    machine(place.database)
    drained = drain_slices(stream)
    report(drained)
    judge(place.database, drained)
    print(load())


def drain_slices(stream: Iterator[Any]) -> Drained:
    """Raises `RuntimeError` unless every observation is accounted for."""
    from visitors import recording

    drained = Drained()
    recording.drain()  # what the samples were made from
    while count := _append(stream):
        before, started = Cpu.now(), time.perf_counter()
        with timed_steps() as steps:
            result = recording.drain()
        drained.seconds.append(time.perf_counter() - started)
        drained.cpu += Cpu.now() - before
        drained.steps = {step: drained.steps.get(step, 0) + spent for step, spent in steps.items()}
        drained.observations.append(count)
        drained.resident_mib.append(resident_mib())
        if result is None or result.quarantined or result.stored + sum(result.dropped.values()) != count:
            raise RuntimeError(f"of {count} observations: {result}")
    return drained


def _append(stream: Iterator[Any]) -> int:
    from visitors.recording import journal, next_id

    count = 0
    for seen in itertools.islice(stream, SLICE):
        journal().append(replace(seen, id=next_id(seen.at_ms)))
        count += 1
    return count


def resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES / 1024**2


def rate(drained: Drained) -> float:
    """Observations a second of wall time."""
    return sum(drained.observations) / sum(drained.seconds)


def growth_mib(drained: Drained) -> float:
    """From when the caches are full, after two slices, to the end."""
    settled = drained.resident_mib[min(2, len(drained.resident_mib) - 1)]
    return drained.resident_mib[-1] - settled


def report(drained: Drained) -> None:
    total = sum(drained.observations)
    rates = [count / seconds for count, seconds in zip(drained.observations, drained.seconds, strict=True)]
    print(f"{total:,} observations in {sum(drained.seconds):,.1f} s: {rate(drained):,.0f}/s", end="; ")
    print(f"by slice {min(rates):,.0f} .. {median(rates):,.0f} .. {max(rates):,.0f}/s")
    own, server = drained.cpu.own / 1000 / total, drained.cpu.server / 1000 / total
    print(f"CPU {own:,.1f} us an observation, PostgreSQL's own {server:,.1f} us")
    print("  " + "; ".join(f"{step} {spent / 1000 / total:.1f}" for step, spent in drained.steps.items()))
    samples = drained.resident_mib[:: max(len(drained.resident_mib) // 10, 1)]
    print("resident MiB: " + " ".join(f"{figure:.1f}" for figure in samples) + f" {drained.resident_mib[-1]:.1f}")


def judge(database: str, drained: Drained) -> None:
    least = LEAST_RATE[database]
    verdict(f"at least {least:,}/s", figure=f"{rate(drained):,.0f}/s", is_reached=rate(drained) >= least)
    growth = growth_mib(drained)
    verdict(
        f"memory grows less than {MOST_GROWTH_MIB} MiB", figure=f"{growth:.1f} MiB", is_reached=growth < MOST_GROWTH_MIB
    )
