"""Drain the journal into the database, once or for as long as it runs."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError

from visitors.notices.post import finish, post_in_background
from visitors.recording import background, drain
from visitors.recording.recorder import waiting_bytes
from visitors.recording.upkeep import prune_in_passing
from visitors.rollups.background import roll_waiting

NOTICE_SECONDS = 30.0


class Command(BaseCommand):
    help = (
        "Store what waits in the journal. Use it where VISITORS['RECORDING'] is 'external', as a service with --follow "
        "or from cron with --once. Another drainer of this machine may run: only one works at a time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--once", action="store_true", help="store what waits and end (the default)")
        mode.add_argument("--follow", action="store_true", help="go on until SIGTERM or Ctrl-C, then drain and end")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["follow"]:
            self._follow()
        else:
            self._once()

    def _once(self) -> None:
        try:
            result = drain()
        except (DatabaseError, InterfaceError) as error:
            raise CommandError(f"The database cannot be used now; visits wait in the journal. ({error})") from error
        if result is None:
            raise CommandError("Another process of this machine is draining the journal.", returncode=3)
        dropped = sum(result.dropped.values())
        post_in_background(every_seconds=0)
        prune_in_passing()
        roll_waiting()
        if not finish(within_seconds=NOTICE_SECONDS):
            self.stderr.write("Notices are still on their way and will be tried again.")
        self.stdout.write(f"{result.stored} stored, {dropped} left out, {result.quarantined} in quarantine")

    def _follow(self) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: _stop(stop))
        self.stdout.write("Recording visits; Ctrl-C or SIGTERM to end.")
        # A database that is away has been waited for once; whoever sent SIGTERM waits ten seconds.
        if not background.run(stop):
            self.stderr.write("The database cannot be used now; visits wait in the journal.")
        elif waiting := waiting_bytes():
            self.stderr.write(f"{waiting} bytes wait in the journal; whoever records next will store them.")


def _stop(stop: threading.Event) -> None:
    stop.set()
    background.wake()
