"""`manage.py test_session_management`: every check passes here, leaves nothing behind, and can fail."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command

from visitors.management.selfcheck.bench import CheckFailed, expect
from visitors.management.selfcheck.runner import Result, _result
from visitors.management.selfcheck.visits import Check
from visitors.models import PageView

MANAGE = Path(__file__).resolve().parents[3] / "manage.py"


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models() if model._meta.managed}


def checked(**options: object) -> tuple[str, int]:
    """(what was printed, exit status)"""
    out = io.StringIO()
    try:
        call_command("test_session_management", stdout=out, no_color=True, **options)
    except SystemExit as exit_:
        return out.getvalue(), int(str(exit_.code))
    return out.getvalue(), 0


@pytest.mark.django_db
def test_all_checks_pass_on_this_site_and_leave_no_row(settings: Any, tmp_path: Path) -> None:
    settings.VISITORS = {"JOURNAL_DIR": tmp_path / "journal", "RECORDING": "immediate"}
    cache.set("mine", 1)
    before = rows()
    said, status = checked()
    lines = said.splitlines()
    assert (status, [line for line in lines[:-1] if "✓" not in line]) == (0, [])
    assert lines[-1] == f"{len(lines) - 1} passed, 0 failed"
    assert re.fullmatch(r"  5 ✓ a page view opens a session +[0-9.]+ ms", lines[4])
    assert (rows(), (tmp_path / "journal").exists(), cache.get("mine")) == (before, False, 1)


@pytest.mark.django_db
def test_they_pass_under_production_s_redirect_to_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = [".example.org"]
    settings.DEBUG = False
    assert checked()[0].splitlines()[-1].endswith(" 0 failed")


@pytest.mark.django_db
def test_they_pass_where_pages_carry_the_tracker(settings: Any) -> None:
    settings.VISITORS = {"PAGES_CARRY_TRACKER": True}
    assert checked(verbosity=0)[0].endswith(" 0 failed\n")


@pytest.mark.django_db
def test_json_names_each_check_with_its_time() -> None:
    said, status = checked(json=True)
    found = json.loads(said)
    names = {check["name"] for check in found["checks"]}
    assert (status, found["failed"], found["passed"]) == (0, 0, len(found["checks"]))
    assert set(found["checks"][0]) == {"number", "name", "milliseconds", "fault"}
    assert names > {
        "report session_statistics answers",
        "report session_insight tells of the visit",
        "interaction job_analysis is recorded",
        "endpoint analytics-sessions answers staff and refuses others",
        "endpoint session-label answers staff and refuses others",
        "endpoint session-current is open to visitors",
    }


@pytest.mark.django_db
def test_a_missing_middleware_is_a_cross_and_exit_1(settings: Any) -> None:
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not each.startswith("visitors.")]
    said, status = checked(verbosity=0)
    assert "✗ the middleware is installed" in said
    assert "MIDDLEWARE must hold visitors.middleware.VisitorMiddleware." in said
    assert status == 1


@pytest.mark.django_db
def test_a_site_without_the_endpoints_is_a_cross(settings: Any) -> None:
    settings.ROOT_URLCONF = "visitors.urls"
    said, status = checked(verbosity=0)
    assert ("✗ the endpoints are mounted" in said, status) == (True, 1)


@pytest.mark.django_db
def test_a_cache_that_forgets_is_a_cross(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert "✗ the cache gives back what it was given" in checked(verbosity=0)[0]


@pytest.mark.django_db
def test_a_failed_check_is_rolled_back_and_does_not_harm_the_next() -> None:
    def writes_then_breaks() -> None:
        PageView.objects.create(id=1)

    broken = _result(Check("writes half a row", writes_then_breaks))
    assert (broken.is_passed, broken.fault.split(":")[0]) == (False, "IntegrityError")
    assert (_result(Check("nothing", lambda: None)).is_passed, PageView.objects.count()) == (True, 0)


def test_what_was_wanted_and_what_came_are_both_said() -> None:
    with pytest.raises(CheckFailed, match="page views must be 2, not 1"):
        expect("page views", found=1, wanted=2)
    assert Result("x", 1.0, "broken").is_passed is False


def test_a_database_that_is_down_is_a_cross_without_traceback(tmp_path: Path) -> None:
    environment = os.environ | {"DEBUG": "1", "DATABASE_URL": f"sqlite:///{tmp_path}/missing/site.sqlite3"}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    done = subprocess.run(
        [sys.executable, str(MANAGE), "test_session_management"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "OperationalError: unable to open database file" in done.stdout
    assert done.stdout.endswith("0 passed, 1 failed\n")
