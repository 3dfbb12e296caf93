"""Facts get wider keys on a plain PostgreSQL too; spreading them needs Citus, whose URL the environment gives."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.visitors.recording.builders import NOON_MS, an_observation
from visitors.checks_stores import check_distribution
from visitors.conf import conf
from visitors.management.distribution import FACTS, widen_key
from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.recording import store

ROOT = Path(__file__).parents[3]
CITUS_URL = os.environ.get("VISITORS_CITUS_URL", "")

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="widens keys on PostgreSQL")


@pytest.fixture
def _citus(settings: Any) -> None:
    settings.VISITORS = {**settings.VISITORS, "CITUS": True}


def says(*arguments: str) -> str:
    out = StringIO()
    call_command("distribute", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.skipif(connection.vendor == "postgresql", reason="elsewhere it goes further")
def test_another_database_is_told_that_it_cannot_distribute() -> None:
    with pytest.raises(CommandError, match="only PostgreSQL with Citus"):
        says()


@on_postgresql
def test_the_setting_comes_first() -> None:
    with pytest.raises(CommandError, match="`VISITORS_CITUS` must be 1"):
        says("--check")


@on_postgresql
@pytest.mark.usefixtures("_citus")
def test_without_the_extension_it_says_how_to_add_it() -> None:
    with pytest.raises(CommandError, match="CREATE EXTENSION citus"):
        says()


@on_postgresql
@pytest.mark.usefixtures("_citus")
def test_the_recorder_writes_once_under_the_wider_keys() -> None:
    assert [widen_key(fact) for fact in FACTS] == [True] * 3
    assert [widen_key(fact) for fact in FACTS] == [False] * 3
    seen = [
        an_observation(at_ms=NOON_MS, path="/"),
        an_observation(at_ms=NOON_MS + 1000, kind="download", target="cv.pdf"),
        an_observation(at_ms=NOON_MS + 2000, path="/about/"),
    ]
    for _ in range(2):
        store(seen)
    visit = VisitorSession.objects.get()
    assert (visit.page_views_count, visit.interactions_count) == (2, 1)
    assert (PageView.objects.count(), VisitorInteraction.objects.count()) == (2, 1)


@on_postgresql
@pytest.mark.usefixtures("_citus")
def test_a_page_that_comes_to_another_visitor_leaves_its_old_place() -> None:
    """Two visits around midnight are joined by a late page between them: the later one's rows become the earlier's."""
    for fact in FACTS:
        widen_key(fact)
    evening, morning = {"visitor_id": 11}, {"visitor_id": 22, "previous_visitor_id": 11}
    store([an_observation(at_ms=NOON_MS, path="/a/", **evening)])
    store([an_observation(at_ms=NOON_MS + 50 * 60_000, path="/c/", **morning)])
    assert VisitorSession.objects.count() == 2
    store([an_observation(at_ms=NOON_MS + 25 * 60_000, path="/b/", **morning)])
    visit = VisitorSession.objects.get()
    assert list(PageView.objects.order_by("viewed_at").values_list("path", "visitor_id", "session_id")) == [
        (path, visit.visitor_id, visit.id) for path in ("/a/", "/b/", "/c/")
    ]


@pytest.mark.skipif(not CITUS_URL, reason="VISITORS_CITUS_URL names no Citus coordinator")
def test_a_citus_coordinator_spreads_the_facts(tmp_path: Path) -> None:
    environ = os.environ | {"DATABASE_URL": CITUS_URL, "VISITORS_CITUS": "1", "VISITORS_JOURNAL_DIR": str(tmp_path)}

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, text=True).stdout

    manage("migrate", "--verbosity", "0")
    manage("demo", "--no-serve", "--reset")
    assert manage("distribute").count("distributed by visitor") in {0, 3}
    assert manage("distribute", "--check") == "They are distributed.\n"
    assert '"failed": 0' in manage("test_session_management", "--json")


def test_the_setting_is_off_by_default() -> None:
    assert not conf.CITUS
    assert check_distribution() == []


@pytest.mark.usefixtures("_citus")
@pytest.mark.skipif(connection.vendor == "postgresql", reason="elsewhere it is a fault")
def test_wider_keys_on_another_database_are_a_fault() -> None:
    assert [message.id for message in check_distribution()] == ["visitors.E110"]
