"""Hand out what is kept of a visitor, for the answer to a request for access."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from visitors.management.visitor_names import HELP, visitor_ids_of
from visitors.privacy.export import export_visitors
from visitors.recording import catch_up


class Command(BaseCommand):
    help = (
        "Write all that is kept of a visitor as JSON, verdicts and their reasons included. Make sure who asks before "
        "you hand it on: an id stands for an address and a browser, not for a person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("visitor", nargs="+", help=HELP)

    def handle(self, *_: Any, **options: Any) -> None:
        catch_up()
        exported = export_visitors(visitor_ids_of(options["visitor"]))
        self.stdout.write(json.dumps(exported, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False))
