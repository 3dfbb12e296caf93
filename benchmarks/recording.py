"""What recording costs beside named peers: in the request, in CPU, while draining, under load, and for the slowest.

python -m benchmarks recording                                         every part on both databases
python -m benchmarks recording --part request --database postgresql
python -m benchmarks recording --part drain --input log --log access.log
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.parts import cpu, drain, load, request, tail
from benchmarks.parts.venue import DATABASES, ROOT, venue

PARTS = ("request", "cpu", "drain", "load", "tail")
LOG = ROOT / "tests" / "data" / "semicomplete-access.log.gz"


def main(arguments: Sequence[str]) -> int:
    options = read_options(arguments)
    if options.part and options.database:
        run(options)
        return 0
    statuses = []
    for part, database in itertools.product(
        [options.part] if options.part else PARTS, [options.database] if options.database else DATABASES
    ):
        # Each in a process of its own, since Django is configured once.
        command = [sys.executable, "-m", "benchmarks.recording", *arguments, "--part", part, "--database", database]
        statuses.append(subprocess.run(command, cwd=ROOT, check=False).returncode)
    return max(statuses)


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks recording",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: to see that it runs")
    parser.add_argument("--rounds", type=int, default=0, help="by default 7 of requests, 5 of cpu and tail, 4 of load")
    parser.add_argument(
        "--as-installed",
        action="store_true",
        help="the database as startproject configures it, not tuned for the peers",
    )
    parser.add_argument("--server", default="", help="URL of a running PostgreSQL; without it one is started")
    parser.add_argument("--folder", type=Path, help="where the temporary site is made")
    parser.add_argument("--input", choices=drain.INPUTS, default=drain.INPUTS[0], help="what is drained")
    parser.add_argument("--observations", type=int, default=0, help="how many are drained: 1,000,000, 50,000 quick")
    parser.add_argument("--log", type=Path, default=LOG, help="access log in the combined format, plain or gzipped")
    parser.add_argument("--replays", type=int, default=0, help="times the log is drained: 100, 2 with --quick")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> None:
    as_installed = ", as startproject configures it" if options.as_installed else ""
    print(f"\n== {options.part}, {options.database}{as_installed} ==", flush=True)
    quick = options.quick
    if as_installed:
        os.environ["BENCH_AS_INSTALLED"] = "1"
    # Unwinds as Control-C does, so that no server and no folder is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with venue(options.database, server=options.server, parent=options.folder) as place:
        if options.part == "request":
            request.main(place, rounds=options.rounds or (3 if quick else 7), is_quick=quick)
        elif options.part == "cpu":
            cpu.main(place, rounds=options.rounds or (2 if quick else 5), is_quick=quick)
        elif options.part == "load":
            load.main(place, rounds=options.rounds or (2 if quick else 4), is_quick=quick)
        elif options.part == "tail":
            tail.main(place, rounds=options.rounds or (2 if quick else 5), is_quick=quick)
        elif options.input == drain.LOG:
            drain.main_log(place, log=options.log, replays=options.replays or (2 if quick else 100))
        else:
            drain.main_made(place, observations=options.observations or (50_000 if quick else 1_000_000))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
