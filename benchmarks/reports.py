"""What reports cost at size, beside a plain ORM report over the raw tables and DuckDB over the same rows.

python -m benchmarks reports --page-views 1000000 --database sqlite
python -m benchmarks reports --page-views 10000000 --database postgresql --server postgresql://...
python -m benchmarks reports --url sqlite:////somewhere/site.sqlite3 --last-day 2026-11-20
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from benchmarks.parts.venue import DATABASES, PEERS, ROOT, install_peers, venue

PAGE_VIEWS = 1_000_000
DAYS = 60


def main(arguments: Sequence[str]) -> int:
    options = read_options(arguments)
    if options.database or options.url:
        run(options)
        return 0
    command = [sys.executable, "-m", "benchmarks.reports", *arguments, "--database"]
    return max(subprocess.run([*command, each], cwd=ROOT, check=False).returncode for each in DATABASES)


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks reports",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument(
        "--page-views", type=int, default=0, help=f"{PAGE_VIEWS:,} over {DAYS} days; 20,000 with --quick"
    )
    parser.add_argument("--rounds", type=int, default=0, help="9, 3 with --quick; the median counts")
    parser.add_argument("--quick", action="store_true", help="little and few: to see that it runs")
    parser.add_argument("--server", default="", help="URL of a running PostgreSQL; without it one is started")
    parser.add_argument("--url", default="", help="a store that `generate_visits` filled; nothing is written")
    parser.add_argument("--last-day", type=date.fromisoformat, default=date.today() - timedelta(days=1))
    parser.add_argument("--folder", type=Path, help="where the temporary site is made")
    parser.add_argument("--no-duckdb", action="store_true", help="without the floor")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> None:
    page_views = options.page_views or (20_000 if options.quick else PAGE_VIEWS)
    with _given(options.url) if options.url else _made(options, page_views) as database:
        from benchmarks.parts import report_times

        report_times.main(
            database,
            last_day=options.last_day,
            rounds=options.rounds or (3 if options.quick else 9),
            with_duckdb=not options.no_duckdb,
        )


@contextmanager
def _made(options: argparse.Namespace, page_views: int) -> Iterator[str]:
    with venue(options.database, server=options.server, parent=options.folder) as place:
        from django.core.management import call_command

        call_command("generate_visits", page_views=page_views, days=DAYS, last_day=options.last_day, quiet=True)
        yield place.database


@contextmanager
def _given(url: str) -> Iterator[str]:
    install_peers()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "benchmarks.site.settings",
            "BENCH_FOLDER": folder,
            "BENCH_DATABASE_URL": url,
        }
        sys.path[:0] = [str(PEERS)]
        import django

        django.setup()
        yield "sqlite" if url.startswith("sqlite") else "postgresql"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
