"""`generate_visits` writes what it promises, the same for the same seed, and nothing into a store in use."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Sum

from visitors.models import PageView, RolledDay, RollupDay, VisitorInteraction, VisitorSession

pytestmark = pytest.mark.django_db
FACTS = (VisitorSession, PageView, VisitorInteraction)


def generate(*arguments: str) -> str:
    out = StringIO()
    call_command("generate_visits", "--days=3", "--last-day=2026-11-20", *arguments, stdout=out)
    return out.getvalue()


def test_page_views_are_exact_and_their_days_rolled_up():
    assert generate("--page-views=900").startswith("900 page views, ")
    assert PageView.objects.count() == 900
    assert RolledDay.objects.filter(is_dirty=False).count() == 3
    shown = VisitorSession.objects.humans().aggregate(views=Sum("page_views_count"))["views"]
    assert RollupDay.objects.filter(dimension="").aggregate(views=Sum("page_views"))["views"] == shown


def test_visits_agree_with_their_rows():
    generate("--page-views=600", "--no-rollup")
    for session in VisitorSession.objects.all():
        views = PageView.objects.shown().filter(session_id=session.id).order_by("sequence")
        acts = VisitorInteraction.objects.filter(session_id=session.id)
        assert (session.page_views_count, session.interactions_count) == (len(views), len(acts))
        assert (session.entry_path, session.exit_path) == (views[0].path, list(views)[-1].path)
        assert session.is_human == views[0].is_human
        assert session.last_activity_at >= session.started_at


def test_the_same_seed_makes_the_same_visits():
    found = []
    for seed in ("1", "1", "2"):
        for model in FACTS:
            model.objects.all().delete()
        generate("--page-views=200", f"--seed={seed}")
        found.append([list(model.objects.order_by("id").values_list()) for model in FACTS])
    assert found[0] == found[1] != found[2]


def test_a_store_in_use_is_left_alone_unless_told_otherwise():
    generate("--page-views=100")
    with pytest.raises(CommandError, match="--append"):
        generate("--page-views=100")
    generate("--page-views=100", "--append", "--seed=2")
    assert PageView.objects.count() == 200


@pytest.mark.parametrize("arguments", ["--page-views=0", "--page-views=many", "--page-views=1 --days=0"])
def test_numbers_out_of_range_are_refused(arguments):
    with pytest.raises(CommandError, match="whole number between 1 and"):
        generate(*arguments.split())


def test_processes_side_by_side_make_the_same_visits(tmp_path):
    found = []
    for processes in ("1", "2"):
        store = tmp_path / f"{processes}.sqlite3"
        environment = os.environ | {"DATABASE_URL": f"sqlite:///{store}", "DEBUG": "1"}
        arguments = ["--page-views=300", "--days=3", "--last-day=2026-11-20", "--quiet", f"--processes={processes}"]
        for command in (["migrate", "--verbosity=0"], ["generate_visits", *arguments]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=settings.BASE_DIR, env=environment, check=True)
        with closing(sqlite3.connect(store)) as connection:
            tables = (model._meta.db_table for model in FACTS)
            found.append([connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in tables])
            days = connection.execute("SELECT count(*) FROM visitors_rolledday WHERE NOT is_dirty").fetchone()
            assert days == (3,)
    assert found[0] == found[1]
