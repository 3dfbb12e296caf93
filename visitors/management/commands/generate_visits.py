"""Fill the store with made-up visits, to see how fast reports are at a size that the site has not reached yet."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from multiprocessing import get_context
from operator import attrgetter
from time import monotonic
from typing import Any, Final

import django
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, reset_queries, transaction
from django.utils import timezone

from visitors.conf import conf
from visitors.management.days import day_of
from visitors.management.generate import world
from visitors.management.generate.visits import Visit, visits_of_day
from visitors.management.progress import Progress
from visitors.models import VisitorSession
from visitors.recording.bulk import insert_new
from visitors.rollups.build import roll_up
from visitors.rollups.dirt import mark_dirty

BATCH: Final = 20_000  # visits of one transaction
GROWTH: Final = 0.5  # how much busier the last day is than the first
MAX_PAGE_VIEWS: Final = 100_000_000
MAX_DAYS: Final = 3650

EPILOG: Final = """\
The same seed, days and last day make the same visits, but for their visitors' later fate in a store with others.

examples:
  manage.py generate_visits --page-views 100000 --days 30
  manage.py generate_visits --page-views 10000000 --days 60 --seed 7 --processes 2

exit status: 0 written; 1 the store is not empty or the database refused; 2 usage
"""


class Command(BaseCommand):
    help = "Write realistic made-up visits straight into an empty store and roll up their days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("--page-views", type=_number(MAX_PAGE_VIEWS), required=True, help="rows to write, exactly")
        parser.add_argument("--days", type=_number(MAX_DAYS), default=60, help="local days that they spread over (60)")
        parser.add_argument("--seed", type=int, default=1, help="whole number that decides everything (1)")
        parser.add_argument("--last-day", type=day_of, help="YYYY-MM-DD (yesterday)")
        parser.add_argument("--processes", type=_number(64), default=1, help="that write and roll up side by side (1)")
        parser.add_argument("--append", action="store_true", help="write into a store that holds visits already")
        parser.add_argument("--no-rollup", action="store_true", help="leave the days to `roll_up`")
        parser.add_argument("--quiet", action="store_true", help="no progress on the terminal")

    def handle(self, *_: Any, **options: Any) -> None:
        if VisitorSession.objects.exists() and not options["append"]:
            raise CommandError("The store holds visits already; --append writes made-up ones among them.")
        last = options["last_day"] or timezone.localdate(timezone=timezone.get_default_timezone()) - timedelta(days=1)
        days = [last - timedelta(days=number) for number in reversed(range(options["days"]))]
        began = monotonic()
        try:
            with Progress(sys.stderr, is_quiet=options["quiet"]) as progress, _workers(options["processes"]) as each:
                counts = _write(days, options, progress, each)
                _tell_planner()
                written = monotonic()
                if not options["no_rollup"]:
                    _roll_up(days, progress, each)
                    _tell_planner()
        except DatabaseError as error:
            raise CommandError(f"The database refused: {error}") from error
        self.stdout.write(
            f"{counts['page views']:,} page views, {counts['visits']:,} visits, {counts['acts']:,} acts on "
            f"{len(days)} days in {written - began:.0f} s; rolled up in {monotonic() - written:.0f} s"
        )


@contextmanager
def _workers(number: int) -> Iterator[Any]:
    """A `map` whose results come as they are ready; started anew, because connections do not outlive a fork."""
    if number == 1:
        yield map
        return
    with get_context("spawn").Pool(number, initializer=django.setup) as pool:
        yield pool.imap_unordered


def _write(days: list[date], options: dict[str, Any], progress: Progress, each: Any) -> Counter[str]:
    counts: Counter[str] = Counter()
    mark_dirty(days)
    shares = _shares(days, options["page_views"])
    tasks = [(day, share, options["seed"]) for day, share in zip(days, shares, strict=True)]
    for place, written in enumerate(each(_write_day, tasks), start=1):
        counts += written
        progress.show(f"{place} of {len(days)} days  {counts['page views']:,} of {options['page_views']:,} page views")
    return counts


def _write_day(task: tuple[date, int, int]) -> Counter[str]:
    day, page_views, seed = task
    _use_more_memory()
    zone = timezone.get_default_timezone()
    counts: Counter[str] = Counter()
    for batch in _batches(visits_of_day(day, page_views=page_views, seed=seed, zone=zone, goals=conf.GOALS)):
        counts += _insert(batch)
        reset_queries()  # under DEBUG Django would keep every statement
    return counts


def _shares(days: list[date], whole: int) -> Iterator[int]:
    """Page views of each day by season and growth; they add up to the whole."""
    weights = [world.WEEKDAYS[day.weekday()] * (1 + GROWTH * place / len(days)) for place, day in enumerate(days)]
    given, heavy = 0, 0.0
    for weight in weights:
        heavy += weight
        upto = round(whole * heavy / sum(weights))
        yield upto - given
        given = upto


def _batches(visits: Iterator[Visit]) -> Iterator[list[Visit]]:
    batch: list[Visit] = []
    for visit in visits:
        batch.append(visit)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _insert(batch: list[Visit]) -> Counter[str]:
    # In order of time, as the recorder writes them: where rows lie decides what reading them costs.
    views = sorted((view for visit in batch for view in visit.views), key=attrgetter("id"))
    acts = [act for visit in batch for act in visit.acts]
    with transaction.atomic():
        insert_new([visit.session for visit in batch])
        insert_new(views)
        insert_new(acts)
    return Counter({"page views": len(views), "visits": len(batch), "acts": len(acts)})


def _use_more_memory() -> None:
    """Of this connection alone: visitor ids fall anywhere in their index, whose pages should stay at hand. Processes
    that write side by side wait for each other."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -400000")
            cursor.execute("PRAGMA busy_timeout = 600000")


def _tell_planner() -> None:
    """What PostgreSQL's planner knows of tables that were empty a moment ago, and which of their pages an index may
    answer for; its own clerk comes later, or never where it is switched off."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")


def _roll_up(days: list[date], progress: Progress, each: Any) -> None:
    for place, _ in enumerate(each(_roll_day, days), start=1):
        progress.show(f"rolled up {place} of {len(days)} days")


def _roll_day(day: date) -> None:
    roll_up(day)
    reset_queries()


def _number(most: int) -> Any:
    def read(given: str) -> int:
        if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= most:
            raise ArgumentTypeError(f"must be a whole number between 1 and {most}, not {given!r}.")
        return int(given)

    return read
