"""Delete what is past its time; the recorder does it daily, this does it now."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from visitors.conf import conf
from visitors.management.progress import Progress
from visitors.privacy.vacuum import vacuum
from visitors.recording.upkeep import last_run, prune_all


class Command(BaseCommand):
    help = (
        "Delete visits, sums and texts that are past their time (VISITORS['RETENTION_...']), batch by batch. It may be "
        "stopped and run again. Days are added up before their visits go. Exit code 0: done; 1: something waits."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what would go, delete nothing")
        parser.add_argument("--vacuum", action="store_true", help="then let the database forget the bytes as well")
        parser.add_argument("--quiet", action="store_true", help="no progress on the terminal")

    def handle(self, *_: Any, **options: Any) -> None:
        last = last_run()
        self.stdout.write(f"last run   {_local(last.ran_at) if last else 'never'}")
        self.stdout.write(
            f"kept       visits {conf.RETENTION_EVENT_DAYS} days, sums {conf.RETENTION_ROLLUP_MONTHS} months, "
            f"texts {conf.RETENTION_TEXT_DAYS} days"
        )
        try:
            with Progress(sys.stderr, is_quiet=options["quiet"]) as progress:
                run = prune_all(is_dry=options["dry_run"], show=progress.show)
            if options["vacuum"] and not options["dry_run"]:
                vacuum()
        except DatabaseError as error:
            raise CommandError(f"The database refused it: {type(error).__name__}. What is deleted stays so.") from error
        found = {name: count for name, count in run.counts.items() if count}
        for name, count in found.items():
            self.stdout.write(f"{count:>10,} {name}")
        self.stdout.write(_end(has_found=bool(found), is_dry=run.is_dry))
        if not run.is_complete:
            raise CommandError("Some days could not be added up yet, so their visits stay. Run it again.")


def _end(*, has_found: bool, is_dry: bool) -> str:
    if not has_found:
        return "Nothing is past its time."
    return "Nothing was deleted." if is_dry else "Deleted."


def _local(moment: Any) -> str:
    return f"{timezone.localtime(moment, timezone.get_default_timezone()):%Y-%m-%d %H:%M}"
