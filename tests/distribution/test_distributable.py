"""Facts can live on several servers, since each write to them names its visitor and no read joins them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from time_machine import TimeMachineFixture

from portfolio.demo.applications import send_applications
from portfolio.demo.database import store_in_batches
from portfolio.demo.visits import DemoPlan, observations
from portfolio.seed import seed_site
from visitors.models import Label, VisitorSession
from visitors.privacy.erasing import erase_visitors
from visitors.recording import apply_label
from visitors.recording.upkeep import prune_all

from .questions import NO_LIMITS, questions
from .site import NOW, SEED

pytestmark = pytest.mark.django_db
FACT: Final = re.compile(r'"visitors_(?:visitorsession|pageview|visitorinteraction)"')
CHANGE: Final = re.compile(r'(?:UPDATE|DELETE FROM) "visitors_(?:visitorsession|pageview|visitorinteraction)"')
UPSERT: Final = re.compile(
    r'INSERT (?:OR IGNORE )?INTO "visitors_(?:visitorsession|pageview|visitorinteraction)" \((?P<columns>[^)]*)\)'
)
JOIN: Final = re.compile(r'JOIN "visitors_(?:visitorsession|pageview|visitorinteraction)"')


@pytest.fixture
def written(time_machine: TimeMachineFixture) -> list[str]:
    """What is said to the database while the recorder stores some days, the owner corrects a verdict and somebody is
    erased."""
    time_machine.move_to(NOW, tick=False)
    seed_site()
    send_applications(seed=SEED, now=NOW)
    plan = DemoPlan(now=NOW, days=4, visits=25, seed=SEED, host="testserver", projects={"raft-kv": "Raft KV"})
    with CaptureQueriesContext(connection) as queries:
        for _ in store_in_batches(observations(plan)):
            pass
        apply_label(VisitorSession.objects.humans()[0], Label.RECRUITER)
        erase_visitors([VisitorSession.objects.humans()[1].visitor_id])
    return [query["sql"] for query in queries]


def test_each_write_to_a_fact_names_its_visitor(written: list[str], time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW + timedelta(days=89), tick=False)
    with CaptureQueriesContext(connection) as pruning:
        assert prune_all().counts["visits"]
    written = [*written, *(query["sql"] for query in pruning)]
    upserts = [found for statement in written if (found := UPSERT.search(statement))]
    assert len(upserts) >= 4
    assert [found[0] for found in upserts if '"visitor_id"' not in found["columns"]] == []
    changes = [statement for statement in written if CHANGE.match(statement)]
    assert [statement[:300] for statement in changes if '"visitor_id"' not in statement.partition(" WHERE ")[2]] == []


def test_no_report_joins_facts(written: list[str], time_machine: TimeMachineFixture, settings: Settings) -> None:
    settings.VISITORS = {**settings.VISITORS, "LIMITS": NO_LIMITS, "REPORT_CACHE": ""}
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    client = Client()
    client.force_login(User.objects.create_superuser("owner"))
    read: list[str] = []
    # A statement's shape is that of the question, whatever the period.
    for question in (each for each in questions() if each.parameters.get("period", "30d") == "30d"):
        with CaptureQueriesContext(connection) as queries:
            response = question.ask(client)
            assert response.status_code == 200, str(question)
            b"".join(response)  # type: ignore[arg-type]
        read += [query["sql"] for query in queries if FACT.search(query["sql"])]
    assert written
    assert len(read) > 100
    assert sorted({statement[:300] for statement in read if JOIN.search(statement)}) == []
