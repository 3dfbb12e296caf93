"""Two saturated workers: pages a second with and without recording, and whether every page shown was stored once."""

from __future__ import annotations

import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.site.variants import BACKGROUND, CONTROL, PEERS, UNTRACKED, Variant

from .clients import Load, put_load
from .figures import load as load_average
from .figures import machine, table, verdict
from .postgresql import free_port
from .server import drain_all
from .venue import ROOT, Venue

VARIANTS: Final = (UNTRACKED, BACKGROUND, *PEERS, CONTROL)
WORKERS: Final = 2
THREADS: Final = 2
CONNECTIONS: Final = 8
WARM_SECONDS: Final = 1.5  # so that the recorder has woken up, and has as much to do as at the end
START_SECONDS: Final = 30.0
LEAST_SHARE: Final = 0.85
TICK_US: Final = 1_000_000 / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Result:
    """By round: pages a second, and CPU of the workers a page; then what became of the pages."""

    per_second: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0
    missing: int = 0
    doubled: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """A running gunicorn."""

    address: tuple[str, int]
    master: int  # process id


def main(place: Venue, *, rounds: int, is_quick: bool) -> None:
    machine(place.database)
    seconds = 1.5 if is_quick else 3.5
    print(
        f"gunicorn, {WORKERS} workers of {THREADS} threads, {CONNECTIONS} connections; {rounds} rounds of {seconds} s"
    )
    with ExitStack() as running:
        sites = {variant: running.enter_context(gunicorn(place, variant)) for variant in VARIANTS}
        results = measure(sites, rounds=rounds, seconds=seconds)
    drain_all()
    for variant, result in results.items():
        confirm(variant, result)
    report(results)
    judge(results)
    print(load_average())


def measure(sites: dict[Variant, Site], *, rounds: int, seconds: float) -> dict[Variant, Result]:
    """All sites run, one is loaded. A first round warms every cache; its pages are stored but not timed."""
    results: dict[Variant, Result] = {variant: Result() for variant in sites}
    visits = itertools.count(1)
    for number in range(rounds + 1):
        for variant in random.sample(list(sites), len(sites)):
            paths = (f"{_prefix(variant)}{number}-{page}/" for page in itertools.count())
            result = results[variant]
            cpu_before = _cpu_us(sites[variant])
            warm = _load(sites[variant], result, paths, visits, seconds=WARM_SECONDS)
            done = _load(sites[variant], result, paths, visits, seconds=seconds)
            settle()
            if number:
                result.per_second.append(done.per_second)
                pages = len(warm.acknowledged) + len(done.acknowledged)
                result.cpu_us.append((_cpu_us(sites[variant]) - cpu_before) / pages)
    return results


def _prefix(variant: Variant) -> str:
    return f"/page/{VARIANTS.index(variant)}-"


def _load(site: Site, result: Result, paths: Iterator[str], visits: Iterator[int], *, seconds: float) -> Load:
    done = put_load(site.address, paths, visits, connections=CONNECTIONS, seconds=seconds)
    result.acknowledged += done.acknowledged
    result.refused += done.refused
    return done


def settle() -> None:
    """Let the recorder finish, so that it does not work during the next site's turn."""
    from visitors import recording

    if not recording.catch_up(max_wait_seconds=60):
        raise TimeoutError("the recorder did not catch up within 60 s")


def _cpu_us(site: Site) -> float:
    """Of the workers since they started."""
    children = Path(f"/proc/{site.master}/task/{site.master}/children").read_text().split()
    return sum(_ticks(int(pid)) for pid in children) * TICK_US


def _ticks(pid: int) -> int:
    # The name in parentheses may hold spaces; utime and stime are the 12th and 13th field after it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@contextmanager
def gunicorn(place: Venue, variant: Variant, *, workers: int = WORKERS) -> Iterator[Site]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "benchmarks.site.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(workers), "--worker-class", "gthread", "--threads", str(THREADS)]
    command += ["--keep-alive", "60", "--log-level", "error"]
    environment = os.environ | place.environment | {"BENCH_VARIANT": variant.name}
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait_for(port)
        yield Site(("127.0.0.1", port), server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def _wait_for(port: int) -> None:
    """Raises `TimeoutError`."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"gunicorn did not listen within {START_SECONDS} s")


def confirm(variant: Variant, result: Result) -> None:
    """Compare what was acknowledged with what is stored, page by page."""
    from django.apps import apps

    if variant.table:
        rows = apps.get_model(variant.table)._default_manager.filter(
            **{f"{variant.path_field}__startswith": _prefix(variant)}
        )
        stored = Counter(rows.order_by().values_list(variant.path_field, flat=True))
        result.missing = sum(path not in stored for path in result.acknowledged)
        result.doubled = sum(count - 1 for count in stored.values())


def shares(results: dict[Variant, Result]) -> dict[Variant, tuple[list[float], list[float]]]:
    """Of the untracked site of the same round: pages a second, and what the CPU would allow."""
    plain = [results[UNTRACKED], results[CONTROL]]
    speeds = [sum(pair) / 2 for pair in zip(*(each.per_second for each in plain), strict=True)]
    costs = [sum(pair) / 2 for pair in zip(*(each.cpu_us for each in plain), strict=True)]
    return {
        variant: (
            [own / base for own, base in zip(result.per_second, speeds, strict=True)],
            [base / own for own, base in zip(result.cpu_us, costs, strict=True)],
        )
        for variant, result in results.items()
    }


def report(results: dict[Variant, Result]) -> None:
    rows = [
        (
            variant.name,
            f"{median(result.per_second):,.0f}",
            *(f"{median(share):.2f} [{min(share):.2f} .. {max(share):.2f}]" for share in shares(results)[variant]),
            f"{median(result.cpu_us):,.0f}",
            f"{len(result.acknowledged):,}",
            result.refused,
            *((result.missing, result.doubled) if variant.table else ("", "")),
        )
        for variant, result in results.items()
    ]
    head = ("variant", "pages/s", "of untracked", "by CPU", "CPU us a page", "2xx", "refused", "missing", "doubled")
    table(head, rows)


def judge(results: dict[Variant, Result]) -> None:
    own = results[BACKGROUND]
    share = median(shares(results)[BACKGROUND][0])
    verdict(f"throughput >= {LEAST_SHARE} of untracked", figure=f"{share:.2f}", is_reached=share >= LEAST_SHARE)
    figure = f"{len(own.acknowledged):,} shown, {own.missing} missing, {own.doubled} doubled"
    is_exact = bool(own.acknowledged) and own.missing == own.doubled == own.refused == 0
    verdict("every 2xx page view stored exactly once", figure=figure, is_reached=is_exact)
