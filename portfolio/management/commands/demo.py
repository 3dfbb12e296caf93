"""Fill an empty site with believable content and visits, create its owner, and serve it."""

from __future__ import annotations

import secrets
import sys
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from portfolio.demo.applications import remove_applications, send_applications
from portfolio.demo.database import holds_demo_visits, holds_real_visits, remove_demo_visits, store_in_batches
from portfolio.demo.desk import clear_desk, fill_desk
from portfolio.demo.visit import DemoPlan
from portfolio.demo.visits import observations
from portfolio.models import Project
from portfolio.seed import seed_site
from visitors.management.progress import Progress
from visitors.tokens import TokenScope, issue, revoke_named

OWNER: Final = "owner"
TOKEN_NAME: Final = "demo"  # noqa: S105
DEFAULT_DAYS: Final = 60
DEFAULT_VISITORS: Final = 3000
DEFAULT_SEED: Final = 42

EPILOG: Final = """\
The visits go through the same pipeline as real ones and are the same for the same seed and day. A database that holds
real visits is left alone. Run again, it keeps the demo's visits and serves; --reset makes them anew.

examples:
  manage.py demo
  manage.py demo --no-serve --days 14 --visitors 300
  manage.py demo --reset --seed 7

exit status: 0 done; 1 the database holds real visits or cannot be used; 2 usage
"""


class Command(BaseCommand):
    help = "Fill an empty site with a demo: content, visits, an owner's account and API token; then serve it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument(
            "--days", type=_between(1, 365), default=DEFAULT_DAYS, help=f"days of visits ({DEFAULT_DAYS})"
        )
        parser.add_argument(
            "--visitors",
            type=_between(1, 100_000),
            default=DEFAULT_VISITORS,
            help=f"visits, about ({DEFAULT_VISITORS})",
        )
        parser.add_argument(
            "--seed", type=int, default=DEFAULT_SEED, help=f"another seed, other visits ({DEFAULT_SEED})"
        )
        parser.add_argument("--reset", action="store_true", help="remove the demo's visits first")
        parser.add_argument("--no-serve", action="store_true", help="stop when all is written")
        parser.add_argument("--host", default="127.0.0.1", help="address to serve on (127.0.0.1)")
        parser.add_argument("--port", type=_between(1, 65_535), default=8000, help="port to serve on (8000)")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            self._fill(options)
            password, token = _owner()
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used ({error}). Has `manage.py migrate` been run?") from error
        self._introduce(f"http://{options['host']}:{options['port']}", password=password, token=token)
        if not options["no_serve"]:
            self.stdout.flush()  # the server does not return, and a pipe would hold the password back until then
            call_command("runserver", f"{options['host']}:{options['port']}", use_reloader=False)

    def _fill(self, options: dict[str, Any]) -> None:
        has_demo = holds_demo_visits()
        if has_demo and not options["reset"]:
            self.stdout.write("The demo's visits are here already; --reset makes them anew.")
            return
        if holds_real_visits():
            raise CommandError("This database holds real visits: the demo leaves it alone. Use an empty database.")
        if has_demo:
            remove_demo_visits()
            remove_applications(seed=options["seed"])
            clear_desk()
        seed_site()
        fill_desk(now=timezone.now())
        send_applications(seed=options["seed"], now=timezone.now())
        self._write_visits(options)

    def _write_visits(self, options: dict[str, Any]) -> None:
        plan = DemoPlan(
            now=timezone.now(),
            days=options["days"],
            visits=options["visitors"],
            seed=options["seed"],
            host=f"{options['host']}:{options['port']}",
            projects=dict(Project.objects.values_list("slug", "title")),
        )
        made = list(observations(plan))
        with Progress(sys.stderr) as progress:
            for done in store_in_batches(iter(made)):
                progress.show(f"Writing visits: {done:,} of {len(made):,} observations")
        self.stdout.write(f"{len(made):,} observations of {options['days']} days written.")

    def _introduce(self, address: str, *, password: str, token: str) -> None:
        shown = password or "as you set it; `manage.py changepassword owner` makes a new one"
        self.stdout.write(f"""
Site       {address}/
Dashboard  {address}/dashboard/
Admin      {address}/admin/
API docs   {address}/api/docs/
User       {OWNER}
Password   {shown}

curl -H 'Authorization: Bearer {token}' '{address}/api/visitors/analytics/sessions/?days=30'
""")


def _owner() -> tuple[str, str]:
    """(password, API token) of the owner's account; the password is "" when the account was there before."""
    users = get_user_model()._default_manager
    owner, password = users.filter(username=OWNER).first(), ""
    if owner is None:
        password = secrets.token_urlsafe(12)
        owner = users.create_superuser(OWNER, f"{OWNER}@example.com", password)
    # A token's text is kept nowhere, so a second run gives a new one.
    revoke_named(TOKEN_NAME, user=owner)
    _, token = issue(name=TOKEN_NAME, user=owner, scope=TokenScope.ADMIN)
    return password, token


def _between(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ArgumentTypeError(f"must be between {least} and {most}, not {text!r}")
        return int(text)

    return parse
