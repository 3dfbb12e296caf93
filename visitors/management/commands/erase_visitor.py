"""Erase a visitor at his request."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from visitors.management.visitor_names import HELP, visitor_ids_of
from visitors.privacy.erasing import erase_visitors
from visitors.privacy.vacuum import vacuum
from visitors.recording import catch_up


class Command(BaseCommand):
    help = (
        "Erase all visits of the visitor with this id, what waits in the journal, and what he typed for the site under "
        "the same id. In strict mode an id lives one day: other days' visits cannot be found by it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("visitor", nargs="+", help=HELP)
        parser.add_argument("--vacuum", action="store_true", help="then let the database forget the bytes as well")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            catch_up()
            erased = erase_visitors(visitor_ids_of(options["visitor"]))
            if options["vacuum"]:
                vacuum()
        except DatabaseError as error:
            raise CommandError(f"The database refused it: {type(error).__name__}. Nothing is erased.") from error
        for name, count in sorted(erased.items()):
            self.stdout.write(f"{count:>10,} {name}")
        self.stdout.write("Erased." if any(erased.values()) else "There was nothing of this visitor.")
