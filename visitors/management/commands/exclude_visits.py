"""Take visits out of the figures that turned out to be the owner's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from visitors.management.days import day_of
from visitors.management.progress import Progress
from visitors.management.visitor_names import HELP, visitor_ids_of
from visitors.models import Label, VisitorSession
from visitors.querysets import SessionQuerySet
from visitors.recording import catch_up, relabel_all

AT_ONCE: Final = 200  # visits recounted in one transaction: the recorder waits meanwhile


class Command(BaseCommand):
    help = (
        "Label all visits of these visitors, or of a network or city on some days, as yours: figures, scores and "
        "notices follow, as with 'This was me' in the admin. --undo takes the label back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("visitor", nargs="*", help=HELP)
        parser.add_argument("--network", help="visits from this network, by its exact name")
        parser.add_argument("--city", help="visits from this city, by its exact name")
        parser.add_argument("--since", type=day_of, help="first local day, such as 2026-11-01")
        parser.add_argument("--until", type=day_of, help="last local day")
        parser.add_argument("--undo", action="store_true", help="take the label back where it is 'me'")
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")

    def handle(self, *_: Any, **options: Any) -> None:
        if not (options["visitor"] or options["network"] or options["city"]):
            raise CommandError("Give visitors, --network or --city: which visits were yours?")
        if options["since"] and options["until"] and options["until"] < options["since"]:
            raise CommandError(f"--until must not be before --since, {options['since']}, not {options['until']}.")
        catch_up()
        label = "" if options["undo"] else Label.ME
        chosen = _chosen(options).filter(label=Label.ME) if options["undo"] else _chosen(options).exclude(label=label)
        total = chosen.count()
        if not options["dry_run"]:
            with Progress(sys.stderr) as progress:
                for done, some in _batches(chosen):
                    relabel_all(some, label)
                    progress.show(f"{done:,} of {total:,} visits")
        what = "would be" if options["dry_run"] else "are"
        self.stdout.write(f"{total:,} visits {what} {'counted again' if options['undo'] else 'excluded as yours'}.")


def _chosen(options: dict[str, Any]) -> SessionQuerySet:
    asked = {
        "visitor_id__in": visitor_ids_of(options["visitor"]) or None,
        "network": options["network"],
        "city": options["city"],
        "day__gte": options["since"],
        "day__lte": options["until"],
    }
    visits: SessionQuerySet = VisitorSession.objects.filter(**{name: value for name, value in asked.items() if value})
    return visits.order_by("id")


def _batches(visits: SessionQuerySet) -> Iterator[tuple[int, list[VisitorSession]]]:
    """By id, since labelled ones no longer match."""
    ids = list(visits.values_list("id", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        some = list(VisitorSession.objects.filter(id__in=ids[start : start + AT_ONCE]))
        yield start + len(some), some
