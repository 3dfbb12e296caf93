"""Check the installed system from the shell: sessions, interactions, reports, endpoints."""

from __future__ import annotations

import json
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser

from visitors.management.selfcheck.runner import Result, run_checks

TICK: Final = "✓"
CROSS: Final = "✗"
PLAIN: Final = {TICK: "ok  ", CROSS: "FAIL"}

EPILOG: Final = """\
Each check runs against the configured database, cache and settings in a transaction that is rolled back: no row of
yours is read for a verdict or changed. On SQLite, requests that write wait for a check to end.

--verbosity 0 prints the failures and the sum alone.

examples:
  manage.py test_session_management
  manage.py test_session_management --json | jq '.checks[] | select(.fault)'

exit status: 0 all passed; 1 at least one failed; 2 usage
"""


class Command(BaseCommand):
    help = "Check sessions, interactions, reports and endpoints of the installed system, leaving no trace."
    requires_system_checks: list[str] = []  # a broken installation is what this is for

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *_: Any, **options: Any) -> None:
        results = []
        for number, result in enumerate(run_checks(), start=1):
            results.append(result)
            if not options["json"] and (options["verbosity"] > 0 or not result.is_passed):
                self.stdout.write(self._line(number, result))
        failed = sum(not result.is_passed for result in results)
        self.stdout.write(_as_json(results) if options["json"] else f"{len(results) - failed} passed, {failed} failed")
        if failed:
            sys.exit(1)

    def _line(self, number: int, result: Result) -> str:
        mark = self._mark(TICK if result.is_passed else CROSS)
        line = f"{number:>3} {mark} {result.name:<66}{result.milliseconds:>8.1f} ms"
        return f"{line}\n      {result.fault}" if result.fault else line

    def _mark(self, mark: str) -> str:
        """In words where the terminal's encoding has no ticks."""
        encoding = getattr(self.stdout, "encoding", None) or "utf-8"
        try:
            mark.encode(encoding)
        except UnicodeEncodeError:
            return PLAIN[mark]
        return (self.style.SUCCESS if mark == TICK else self.style.ERROR)(mark)


def _as_json(results: Iterable[Result]) -> str:
    checks = [{"number": number, **asdict(result)} for number, result in enumerate(results, start=1)]
    failed = sum(bool(check["fault"]) for check in checks)
    return json.dumps({"passed": len(checks) - failed, "failed": failed, "checks": checks}, indent=2)
