"""Send the owner the figures of the last week or month; safe to run each day, since each period is sent once."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from visitors import analytics_service as service
from visitors import digest as digests
from visitors.recording import catch_up


class Command(BaseCommand):
    help = (
        "E-mail the figures of the dashboard for the last whole week (Monday to Sunday) or month, as text and HTML, to "
        "VISITORS['DIGEST_EMAIL']. Each period is sent once, however often this runs: run it daily from cron."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("period", choices=digests.KINDS)
        parser.add_argument("--to", action="append", default=[], help="send to this address now, sent before or not")
        parser.add_argument("--dry-run", action="store_true", help="print the text, send nothing")

    def handle(self, *_: Any, **options: Any) -> None:
        catch_up()
        digest = digests.digest_of(options["period"], now=service.clock())
        if options["dry_run"]:
            self.stdout.write(f"Subject: {digest.subject}\n\n{digests.text_of(digest)}", ending="")
            return
        to = options["to"] or digests.recipients()
        if not to:
            raise CommandError("Nobody is to get it. Set VISITORS['DIGEST_EMAIL'], or give --to.")
        before = {} if options["to"] else digests.claim(digest)
        if before is None:
            self.stdout.write(f"{digest.days} was sent already.")
            return
        try:
            digests.send(digest, to)
        except (SMTPException, OSError) as error:
            if not options["to"]:
                digests.give_back(digest, before)
            raise CommandError(f"The mail did not leave: {type(error).__name__}.") from error
        self.stdout.write(f"Sent {digest.days} to {len(to)} address{'es' if len(to) != 1 else ''}.")
