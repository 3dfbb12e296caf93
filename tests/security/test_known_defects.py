"""Faults of comparable systems in how they are built, stored and started; numbered as in the list of known defects."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import global_settings
from django.conf import settings as site
from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from portfolio.models import Message
from tests.visitors.builders import a_token
from tests.visitors.recording.builders import NOON_MS, an_observation
from visitors import recording
from visitors.conf import conf
from visitors.detection import bots, user_agents
from visitors.middleware import VisitorMiddleware
from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.observation import PAGE
from visitors.recording.reading import read_entries
from visitors.recording.writer import write_batch

from .test_supply import ROOT, tracked

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
BROWSER = {"HTTP_USER_AGENT": FIREFOX, "HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_LANGUAGE": "de"}
# Settings of packages, which Django does not know: who reads them.
OTHERS = {
    "ROOT_URLCONF": "django.core.handlers",
    "MAILERS": "django.core.mail",  # of Django 6.1, which has no default for it
    "REST_FRAMEWORK": "rest_framework",
    "SPECTACULAR_SETTINGS": "drf_spectacular",
    "VISITORS": "visitors",
    "WHITENOISE_USE_FINDERS": "whitenoise",
    "WHITENOISE_AUTOREFRESH": "whitenoise",
}
# Names in the settings file that are its own intermediate values.
OWN = {"BASE_DIR", "VAR_DIR", "DATABASE_URL", "REDIS_URL", "PORTS"}


@pytest.fixture
def _journal_only(settings: Any) -> Iterator[None]:
    """Nothing drains, so that a page costs no query."""
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    yield
    recording.journal().close()


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title>Page</title>")


def ask(path: str = "/", *, answer: Callable[[HttpRequest], HttpResponse] = page) -> None:
    VisitorMiddleware(answer)(RequestFactory().get(path, **BROWSER))


@pytest.mark.django_db
def test_known_defect_01_no_answer_to_the_owner_is_open_to_other_sites() -> None:
    token = a_token(User.objects.create_superuser("owner"))
    owner = APIClient(headers={"Authorization": f"Bearer {token}", "Origin": "https://evil.test"})
    for path in ("analytics/sessions/", "sessions/", "export/sessions/", "me/", "session/current/"):
        answer = owner.get(f"/api/visitors/{path}")
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        if answer.streaming:
            b"".join(answer)  # closing it by hand would end the connection of this transaction


@pytest.mark.django_db
def test_known_defect_06_two_sites_have_two_passwords() -> None:
    passwords = []
    for _ in range(2):
        said = StringIO()
        call_command("demo", days=1, visitors=1, no_serve=True, stdout=said)
        passwords += re.findall(r"^Password   (\S+)$", said.getvalue(), re.MULTILINE)
        User.objects.all().delete()
    assert len(set(passwords)) == 2


def test_known_defect_06_no_file_publishes_a_port_of_a_store() -> None:
    """None starts a store at all, but for those of the tests, which listen to this machine alone."""
    deploying = re.compile(r"(^|/)([Dd]ockerfile|.*compose.*\.ya?ml|.*\.service|deploy.*\.sh)$")
    assert [str(path) for path in tracked() if deploying.search(str(path.relative_to(ROOT)))] == []
    starting = [path for path in tracked() if path.suffix == ".py" and b"redis-server" in path.read_bytes()]
    assert [path for path in starting if b"127.0.0.1" not in path.read_bytes()] == []


@pytest.mark.django_db
@pytest.mark.usefixtures("_journal_only")
def test_known_defect_13_requests_at_once_are_recorded_each() -> None:
    with ThreadPoolExecutor(max_workers=8) as threads:
        list(threads.map(ask, (f"/{number}/" for number in range(80))))
    recording.drain()
    (visit,) = VisitorSession.objects.all()
    assert (visit.page_views_count, PageView.objects.count()) == (80, 80)


@pytest.mark.django_db
@pytest.mark.usefixtures("_journal_only")
def test_known_defect_15_a_slow_answer_is_no_time_on_page() -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:

        def slow(request: HttpRequest) -> HttpResponse:
            clock.shift(8)
            return page(request)

        ask(answer=slow)
        clock.shift(1)
        recording.drain()
    view, visit = PageView.objects.get(), VisitorSession.objects.get()
    assert (view.engaged_ms, view.time_on_page_ms, visit.engaged_ms, visit.duration_ms) == (0, None, 0, 0)


@pytest.mark.usefixtures("site")
def test_known_defect_19_half_a_pair_in_a_question_is_refused_not_lost(stranger: Client) -> None:
    def asked(question: str) -> int:
        body = f'{{"question": "{question}"}}'
        status: int = stranger.post("/api/chat/", body, content_type="application/json").status_code
        return status

    assert (asked("Hello \\ud83d"), Message.objects.count()) == (400, 0)
    assert (asked("Hello \\ud83d\\ude00"), Message.objects.get().question) == (200, "Hello 😀")


@pytest.mark.django_db
def test_known_defect_27_a_verdict_follows_what_a_visit_does_later() -> None:
    def score() -> int | None:
        return VisitorSession.objects.get().recruiter_score

    write_batch([an_observation()])
    first = score()
    asked = {"hiring_phrase": "have a role", "from_organisation": True}
    write_batch([an_observation(at_ms=NOON_MS + 60_000, kind="contact", details=asked)])
    assert first is not None
    assert (score() or 0) > first
    write_batch([an_observation(at_ms=NOON_MS + 120_000, is_owner=True)])
    assert (score(), VisitorSession.objects.get().is_recruiter) == (None, False)


def test_known_defect_30_a_fresh_copy_of_the_repository_starts(tmp_path: Path) -> None:
    """Nothing but what git holds: no folder, no file and no migration that only this machine has."""
    for path in tracked():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    code = (
        "import django; django.setup()\n"
        "from django.core.management import call_command as call\n"
        "call('migrate', verbosity=0); call('makemigrations', check_changes=True, dry_run=True, verbosity=0)\n"
        "from django.test import Client\n"
        "print([Client().get(path).status_code for path in ('/', '/admin/login/', '/api/docs/', '/readyz')])"
    )
    environ = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "1"}
    started = subprocess.run(
        [sys.executable, "-c", code], env=environ, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert started.stdout.strip() == "[200, 200, 200, 200]", started.stderr


@pytest.mark.usefixtures("_journal_only")
def test_known_defect_31_a_request_parses_no_user_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise AssertionError("a request waits for a parser")

    monkeypatch.setattr(user_agents, "_parse", fail)
    monkeypatch.setattr(bots, "_classify", fail)
    ask()
    assert [entry.observation.kind for entry in read_entries(conf.JOURNAL_DIR, {}) if entry.observation] == [PAGE]


def test_known_defect_31_every_table_of_facts_has_an_index_that_begins_with_its_time() -> None:
    for model, times in (
        (VisitorSession, {"started_at", "-started_at", "day", "last_activity_at"}),
        (PageView, {"viewed_at", "day"}),
        (VisitorInteraction, {"occurred_at", "day"}),
    ):
        leading = {index.fields[0] for index in model._meta.indexes if index.fields}
        assert leading & times, model.__name__


def test_known_defect_33_every_setting_is_read_by_somebody() -> None:
    from config import settings as module

    given = {name for name in vars(module) if name.isupper()} - OWN
    dead = {name for name in given if not hasattr(global_settings, name) and name not in OTHERS}
    assert dead == set()
    assert set(site.STORAGES) == {"default", "staticfiles"}
    protecting = {
        "config.headers.HeadersMiddleware",
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    }
    assert protecting <= set(site.MIDDLEWARE)
