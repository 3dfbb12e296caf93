"""Add, list, import, export and revoke application links from the shell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Q

from visitors.applications.addresses import link_of
from visitors.applications.desk import add_application, revoke_application
from visitors.applications.models import Application, HitKind, SentBy, Status
from visitors.applications.sheet import InvalidSheet, csv_of, import_applications
from visitors.exceptions import InvalidParameter
from visitors.recording import catch_up


class Command(BaseCommand):
    help = (
        "Private links for job applications: /r/<slug>/. `add` prints the link to put into the application; `list` "
        "shows which ones a person has opened. Set VISITORS['SITE_URL'] so that links are printed with the host."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="add|list|import|export|revoke")
        _describe_add(actions.add_parser("add", help="make one application and print its link"))
        listing = actions.add_parser("list", help="all applications with status and openings by people")
        listing.add_argument("--status", choices=Status.values, help="only those of this status")
        reading = actions.add_parser(
            "import",
            help="make applications from a CSV file; all lines or none",
            description="The header names the columns: company (required), role, channel, target, resume_version, "
            "sent_at, status, notes, expires_at, notify.",
        )
        reading.add_argument("file", help="the CSV file in UTF-8, or - for standard input")
        writing = actions.add_parser("export", help="write all applications as CSV")
        writing.add_argument("file", nargs="?", default="-", help="the file to write (standard output)")
        revoking = actions.add_parser("revoke", help="let a link lead to the plain site from now on")
        revoking.add_argument("slug", help="the last part of the link, or the application's number")

    def handle(self, *_: Any, **options: Any) -> None:
        action = getattr(self, f"_{options['action']}")
        try:
            action(options)
        except InvalidParameter as error:
            raise CommandError(error.message) from error

    def _add(self, options: dict[str, Any]) -> None:
        names = ("company", "role", "channel", "target", "resume_version", "sent_at", "expires_at", "notes")
        given = {name: options[name] for name in names if options[name] is not None}
        if options["sent"]:
            given["status"] = Status.SENT.value
        self.stdout.write(link_of(add_application(given)))

    def _list(self, options: dict[str, Any]) -> None:
        catch_up()
        people = Count("hits", filter=Q(hits__kind=HitKind.HUMAN))
        found = Application.objects.annotate(people=people).order_by("-created_at", "-id")
        if options["status"]:
            found = found.filter(status=options["status"])
        for application in found:
            state = "revoked" if application.revoked_at else application.status
            sent = f"{application.sent_at:%Y-%m-%d}" if application.sent_at else "-"
            counted = f"{application.people} by people"
            self.stdout.write(f"{application.pk:>5}  {state:<10} {sent:<10}  {counted:<13} {application}")
            self.stdout.write(f"       {link_of(application)}")

    def _import(self, options: dict[str, Any]) -> None:
        try:
            if options["file"] == "-":
                made = import_applications(sys.stdin)
            else:
                with Path(options["file"]).open(encoding="utf-8-sig", newline="") as text:
                    made = import_applications(text)
        except InvalidSheet as error:
            raise CommandError(f"Nothing was imported.\n{error}") from error
        except OSError as error:
            raise CommandError(f"`{options['file']}` cannot be read: {error.strerror}.") from error
        for application in made:
            self.stdout.write(f"{application}  {link_of(application)}")
        self.stdout.write(f"{len(made)} imported")

    def _export(self, options: dict[str, Any]) -> None:
        found = Application.objects.order_by("pk")
        if options["file"] == "-":
            csv_of(found, out=self.stdout)
            return
        try:
            with Path(options["file"]).open("w", encoding="utf-8", newline="") as out:
                count = csv_of(found, out=out)
        except OSError as error:
            raise CommandError(f"`{options['file']}` cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{count} exported to {options['file']}")

    def _revoke(self, options: dict[str, Any]) -> None:
        slug = options["slug"].strip("/").rpartition("/")[2]
        wanted = Q(slug=slug) | Q(pk=int(slug)) if slug.isdecimal() and len(slug) < 10 else Q(slug=slug)
        application = Application.objects.filter(wanted).first()
        if application is None:
            raise CommandError(f"No application has the slug or number {slug!r}.")
        revoke_application(application)
        self.stdout.write(f"{application}: the link leads to the plain site now")


def _describe_add(parser: Any) -> None:
    parser.add_argument("company")
    parser.add_argument("--role")
    parser.add_argument("--channel", choices=SentBy.values, help="the way that it goes out (email)")
    parser.add_argument("--target", help="the page that the link leads to (/)")
    parser.add_argument("--resume-version", help="which resume goes along, for comparing versions")
    parser.add_argument("--sent", action="store_true", help="it is sent now; else it is a draft until told otherwise")
    parser.add_argument("--sent-at", help="when it was sent: 2026-11-20 or 2026-11-20T09:30:00+01:00")
    parser.add_argument("--expires-at", help="until when the link tells the application")
    parser.add_argument("--notes")
