"""Share the dashboard read-only from the shell: links with an expiry and, if asked for, a password."""

from __future__ import annotations

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import NoReverseMatch, reverse

from visitors import sharing
from visitors.conf import conf
from visitors.exceptions import InvalidParameter
from visitors.models import SharedLink


class Command(BaseCommand):
    help = (
        "Read-only links to the dashboard: figures, no single visits. `add` prints the address, which is kept nowhere "
        "and cannot be shown again. Set VISITORS['SITE_URL'] so that it is printed with the host."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="add|list|revoke")
        adding = actions.add_parser("add", help="make a link and print its address")
        adding.add_argument("name", help="whom it is for")
        adding.add_argument("--days", type=int, default=sharing.DEFAULT_DAYS, help="until it expires (%(default)s)")
        adding.add_argument("--password", action="store_true", help="ask for a password that opens it")
        actions.add_parser("list", help="all links that are in force, and how often they were opened")
        revoking = actions.add_parser("revoke", help="let a link open nothing from now on")
        revoking.add_argument("number", type=int, help="as `list` tells it")

    def handle(self, *_: Any, **options: Any) -> None:
        getattr(self, f"_{options['action']}")(options)

    def _add(self, options: dict[str, Any]) -> None:
        password = _password() if options["password"] else ""
        try:
            link, secret = sharing.share(options["name"], days=options["days"], password=password)
            address = reverse("visitors_dashboard:shared", args=(secret,))
        except InvalidParameter as error:
            raise CommandError(error.message) from error
        except NoReverseMatch as error:
            link.delete()
            raise CommandError("The dashboard is not mounted: include `visitors.dashboard.urls`.") from error
        self.stdout.write(f"{conf.SITE_URL}{address}")

    def _list(self, options: dict[str, Any]) -> None:  # noqa: ARG002
        for link in sharing.in_force():
            opened = f"opened {link.opened_count} time{'' if link.opened_count == 1 else 's'}"
            lock = "  with a password" if link.password else ""
            self.stdout.write(f"{link.pk:>5}  until {link.expires_at:%Y-%m-%d}  {opened:<15} {link.name}{lock}")
        if not SharedLink.objects.exists():
            self.stdout.write("Nothing was shared yet.")

    def _revoke(self, options: dict[str, Any]) -> None:
        if not sharing.revoke(options["number"]):
            raise CommandError(f"No link {options['number']} is in force.")


def _password() -> str:
    """Never empty: a link that was meant to have a password is not made without one."""
    try:
        given = getpass("Password: ")
    except EOFError:
        given = ""
    if not given:
        raise CommandError("No password was given, so no link was made.")
    return given
