"""`roll_up` builds what it is asked for and says what it did."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.visitors.builders import NOON, a_session
from visitors.models import RolledDay, RollupDay
from visitors.rollups.dirt import clean_days, mark_dirty

pytestmark = pytest.mark.django_db

DAY = NOON.date()
NEXT = DAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def _a_day_later(time_machine):
    time_machine.move_to(NOON + timedelta(days=1), tick=False)


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("roll_up", *arguments, stdout=out)
    return out.getvalue().strip()


def test_what_waits_is_built_once():
    a_session()
    a_session(NOON - timedelta(days=2))
    assert said() == "3 of 3 days rolled up"
    assert said("--dirty") == "0 of 0 days rolled up"
    assert said("--all") == "3 of 3 days rolled up"


@pytest.mark.parametrize("arguments", [("--day", f"{DAY}"), ("--from", f"{DAY}", "--to", f"{DAY}")])
def test_the_days_asked_for_are_built(arguments):
    a_session(pages=("/",))
    a_session(NOON - timedelta(days=2))
    assert said(*arguments) == "1 of 1 days rolled up"
    assert RollupDay.objects.get(dimension="page", key="/").page_views == 1
    assert clean_days(DAY - timedelta(days=5), NEXT) == [DAY]


def test_a_day_whose_facts_are_gone_keeps_its_sums():
    a_session(pages=("/",))
    said()
    RolledDay.objects.update(is_pruned=True)
    mark_dirty([DAY])
    assert said("--day", f"{DAY}") == "0 of 0 days rolled up"
    assert clean_days(DAY, NEXT) == [DAY]


def test_facts_that_change_meanwhile_are_told_by_the_exit_status(monkeypatch):
    from visitors.management.commands import roll_up

    monkeypatch.setattr(roll_up, "roll_up", lambda _day: False)
    with pytest.raises(CommandError) as refused:
        said("--day", f"{DAY}")
    assert refused.value.returncode == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("--day", f"{NEXT}"),
        ("--from", f"{DAY}"),
        ("--to", f"{DAY}"),
        ("--from", f"{DAY}", "--to", f"{DAY - timedelta(days=1)}"),
    ],
    ids=["today", "no end", "no beginning", "backwards"],
)
def test_other_days_are_refused(arguments):
    with pytest.raises(CommandError) as refused:
        said(*arguments)
    assert refused.value.returncode == 2


def test_a_long_run_under_debug_keeps_no_statements(settings):
    settings.DEBUG = True
    a_session()
    connection.queries_log.clear()
    assert said() == "1 of 1 days rolled up"
    assert not any("INSERT" in query["sql"] for query in connection.queries_log)
