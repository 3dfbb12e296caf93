"""Tell how recording is doing, for people and for monitoring."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError

from visitors.recording.status import Status, recording_status


class Command(BaseCommand):
    help = (
        "Journal bytes waiting, lag, drops by reason, quarantine and last write. Exit code 0: all is well; "
        "1: something wants attention, and what; 2: the database cannot be used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            status = recording_status()
        except (DatabaseError, InterfaceError) as error:
            raise CommandError(
                f"The database cannot be used now; visits wait in the journal. ({error})", returncode=2
            ) from error
        self.stdout.write(_as_json(status) if options["json"] else _as_lines(status))
        if not status.is_healthy:
            sys.exit(1)


def _as_json(status: Status) -> str:
    return json.dumps(asdict(status) | {"is_healthy": status.is_healthy}, default=str)


def _as_lines(status: Status) -> str:
    dropped = ", ".join(f"{reason} {count}" for reason, count in status.dropped.items()) or "none"
    return "\n".join(
        (
            f"waiting      {status.waiting_bytes} of {status.journal_bytes} journal bytes",
            f"lag          {status.lag_seconds} s",
            f"last write   {status.last_write or 'never'}",
            f"left out     {dropped} (7 days)",
            f"quarantine   {status.quarantined} lines",
            f"roll up      {status.days_to_roll_up} days",
            *(f"{task:<12} {ran_at:%Y-%m-%d %H:%M}" for task, ran_at in status.upkeep.items()),
            *(f"problem      {problem}" for problem in status.problems),
        )
    )
