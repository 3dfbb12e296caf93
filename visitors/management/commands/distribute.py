"""Spread the facts over the machines of a Citus cluster, by visitor."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from visitors.conf import conf
from visitors.management.distribution import FACTS, Fact, distribute, has_citus, is_distributed, rows_by_node, widen_key

EPILOG: Final = """\
Run it on the coordinator, once, after `migrate` and before the site writes much: it rewrites the tables.
  1. every fact gets the key (visitor_id, id), since Citus keeps a key unique on one machine only
  2. every fact is distributed by visitor_id, so that one visitor's rows are together
  3. what is where is counted and compared with what was there before
Rollups, applications and all other tables stay on the coordinator: they are small.
Set VISITORS_CITUS=1 for the site and its recorder from then on. A step that is done is left alone.

exit status: 0 distributed, or could be (--check); 1 not possible, with the reason; 2 usage
"""


class Command(BaseCommand):
    help = "Distribute sessions, page views and interactions over a Citus cluster by visitor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("--check", action="store_true", help="say whether it could be done, and change nothing")

    def handle(self, *_: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(f"The facts are in {connection.display_name}; only PostgreSQL with Citus distributes.")
        if not conf.CITUS:
            raise CommandError("`VISITORS_CITUS` must be 1, so that the recorder knows the wider keys.")
        if not has_citus():
            raise CommandError(
                "The extension `citus` is not installed in this database. Add it to shared_preload_libraries, restart, "
                "and run: CREATE EXTENSION citus"
            )
        if options["check"]:
            self.stdout.write("The facts can be distributed." if not is_distributed() else "They are distributed.")
            return
        for fact in FACTS:
            self._distribute(fact)

    def _distribute(self, fact: Fact) -> None:
        before = fact.count()
        if widen_key(fact):
            self.stdout.write(f"{fact.table}: known by visitor and id")
        if distribute(fact):
            self.stdout.write(f"{fact.table}: distributed by visitor")
        nodes = rows_by_node(fact)
        if sum(nodes.values()) < before:
            raise CommandError(f"{fact.table}: {sum(nodes.values()):,} rows, {before:,} before. Restore a backup.")
        told = ", ".join(f"{node} {rows:,}" for node, rows in nodes.items())
        self.stdout.write(f"{fact.table}: {told}")
