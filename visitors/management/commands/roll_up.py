"""Build the daily rollup that reports read: of one day, a range, all days, or those that wait."""

from __future__ import annotations

import sys
from argparse import RawDescriptionHelpFormatter
from datetime import date, timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, reset_queries
from django.utils import timezone

from visitors.management.days import day_of
from visitors.management.progress import Progress
from visitors.models import RolledDay
from visitors.rollups.build import roll_up
from visitors.rollups.dirt import closed_until, days_to_roll, mark_all_dirty

EPILOG: Final = """\
The recorder builds waiting days by itself; use this after an import, or where nothing records in the background.
A day is built again with the same result as often as you like. Today, and yesterday until 45 minutes past midnight,
is refused: its visits still go on, and reports read them from the facts. Days whose facts were pruned keep their sums.

examples:
  manage.py roll_up                                   what waits (the same as --dirty)
  manage.py roll_up --day 2026-11-20
  manage.py roll_up --from 2026-11-01 --to 2026-11-20
  manage.py roll_up --all

exit status: 0 all are built; 1 the database refused; 2 usage; 3 facts of some days changed meanwhile, those wait still
"""


class Command(BaseCommand):
    help = "Add up closed days for the reports."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--day", type=day_of, help="one local day, YYYY-MM-DD")
        which.add_argument("--from", type=day_of, dest="first", help="first local day of a range; needs --to")
        which.add_argument("--all", action="store_true", help="every closed day that has facts")
        which.add_argument("--dirty", action="store_true", help="days that wait (the default)")
        parser.add_argument("--to", type=day_of, dest="last", help="last local day of the range, inclusive")
        parser.add_argument("--quiet", action="store_true", help="no progress on the terminal")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            days = _days(options)
            with Progress(sys.stderr, is_quiet=options["quiet"]) as progress:
                clean = 0
                for place, day in enumerate(days, start=1):
                    clean += roll_up(day)
                    reset_queries()  # under DEBUG Django would keep every statement
                    progress.show(f"{place} of {len(days)} days, {day}")
        except DatabaseError as error:
            raise CommandError(f"The database refused: {error}") from error
        self.stdout.write(f"{clean} of {len(days)} days rolled up")
        if clean < len(days):
            raise CommandError("Facts of the other days changed meanwhile; run it again.", returncode=3)


def _days(options: dict[str, Any]) -> list[date]:
    """Latest first; raises `CommandError` for what cannot be built."""
    end = closed_until(timezone.now())
    if (options["first"] is None) != (options["last"] is None):
        raise CommandError("--from and --to belong together.", returncode=2)
    if options["all"]:
        mark_all_dirty()
    first, last = options["day"] or options["first"], options["day"] or options["last"]
    if first is None:
        return days_to_roll(now=timezone.now())
    if not first <= last < end:
        raise CommandError(f"Days must be in order and before {end}, not {first} to {last}.", returncode=2)
    days = [last - timedelta(days=number) for number in range((last - first).days + 1)]
    pruned = set(RolledDay.objects.filter(day__in=days, is_pruned=True).values_list("day", flat=True))
    return [day for day in days if day not in pruned]
