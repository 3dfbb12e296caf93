"""One site's visits and all that its owner can ask of them, whatever database `DATABASE_URL` names.

    python -m tests.distribution.site fill DUMP     make visits through the recorder, write all rows to DUMP
    python -m tests.distribution.site migrate       make the tables
    python -m tests.distribution.site load DUMP     make the tables, and take the rows in
    python -m tests.distribution.site ask FILE      ask every question, write the answers to FILE as JSON lines
    python -m tests.distribution.site unroll        forget the days that are added up, so that facts are read

The clock stands still, so that an answer has no other cause than the rows.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import django
import time_machine

NOW: Final = datetime(2026, 11, 20, 15, 40, tzinfo=UTC)
DAYS: Final = 40
VISITS_A_DAY: Final = 30
SEED: Final = 7
# What the tables of another installation have anyway.
LEFT_OUT: Final = ("contenttypes", "auth.permission", "admin.logentry", "sessions")


def fill(dump: str) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from portfolio.demo.applications import send_applications
    from portfolio.demo.database import store_in_batches
    from portfolio.demo.visits import DemoPlan, observations
    from portfolio.models import Project
    from portfolio.seed import seed_site
    from visitors.rollups.build import roll_up
    from visitors.rollups.dirt import days_to_roll

    call_command("migrate", verbosity=0)
    seed_site()
    send_applications(seed=SEED, now=NOW)
    User.objects.create_superuser("owner")
    projects = dict(Project.objects.values_list("slug", "title"))
    plan = DemoPlan(now=NOW, days=DAYS, visits=VISITS_A_DAY, seed=SEED, host="testserver", projects=projects)
    for _ in store_in_batches(observations(plan)):
        pass
    put_amounts()
    for day in days_to_roll(now=NOW):
        roll_up(day)
    exclude = [word for name in LEFT_OUT for word in ("--exclude", name)]
    call_command("dumpdata", "--all", *exclude, "--output", dump, verbosity=0)


def put_amounts() -> None:
    """Every third download was paid for."""
    from visitors.models import VisitorInteraction

    for place, act in enumerate(VisitorInteraction.objects.filter(kind="download").order_by("id")):
        if place % 3 == 0:
            act.details = {"revenue": (place * 37 % 1000) / 100, "currency": "EUR", "gift": place % 2 == 0}
            act.save(update_fields=["details"])


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def load(dump: str) -> None:
    from django.core.management import call_command

    migrate()
    call_command("loaddata", dump, verbosity=0)


def unroll() -> None:
    from visitors.models import RolledDay, RollupDay

    RolledDay.objects.all().delete()
    RollupDay.objects.all().delete()


def ask(file: str) -> None:
    """A line for each question: what was asked, the status, and the body byte for byte."""
    from django.contrib.auth.models import User
    from django.test import Client

    from .questions import questions

    client = Client(headers={"user-agent": "Mozilla/5.0"})
    client.force_login(User.objects.get(username="owner"))
    with Path(file).open("w") as answers:
        for question in questions():
            response = question.ask(client)
            body = b"".join(response) if response.streaming else response.content
            line: dict[str, Any] = {"asked": str(question), "status": response.status_code, "body": body.decode()}
            answers.write(json.dumps(line) + "\n")


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with time_machine.travel(NOW, tick=False):
        django.setup()
        command, *rest = arguments
        {"fill": fill, "migrate": migrate, "load": load, "ask": ask, "unroll": unroll}[command](*rest)


if __name__ == "__main__":
    main(sys.argv[1:])
