"""Every call on the page of the API is made with the real curl, as it is written there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.visitors.builders import a_session
from visitors.models import Application, TokenScope, VisitorSession
from visitors.tokens import issue

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
CALLS = re.findall(r"^curl .*$", PAGE.read_text(), re.MULTILINE)
# Where everything is required its absence is a failure.
pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None and not os.environ.get("REQUIRE_SERVERS"), reason="no curl on this machine"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def token(transactional_db):
    """Of an owner whose site has the visit and the application that the page speaks of."""
    session = a_session(timezone.now(), pages=("/", "/projects/raft/"), source="Greenhouse")
    VisitorSession.objects.filter(pk=session.pk).update(session_id=uuid.UUID("01934567-89ab-7000-a000-000000000003"))
    Application.objects.create(id=1, company="Acme", slug="acme-x7k2")
    user = User.objects.create(username="owner", is_staff=True, is_superuser=True)
    return issue(name="docs", user=user, scope=TokenScope.ADMIN)[1]


def made(call, *, server, token, folder):
    """The status, the type and the body of the answer."""
    command = call.replace("https://example.com", server).replace("example.com", "localhost")
    told = subprocess.run(
        f"{command} -s -A '{FIREFOX}' -o body -w '%{{http_code}} %{{content_type}}'",
        shell=True,
        cwd=folder,
        env=os.environ | {"TOKEN": token, "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    status, _, kind = told.stdout.partition(" ")
    return int(status), kind, (folder / "body").read_text()


def test_each_call_on_the_page_is_answered_as_the_page_says(live_server, token, tmp_path):
    assert len(CALLS) >= 30
    answers = {call: made(call, server=live_server.url, token=token, folder=tmp_path) for call in CALLS}
    refused = {call: answer for call, answer in answers.items() if answer[0] not in {200, 201, 202, 204}}
    assert refused == {}
    files = {kind for call, (_, kind, _) in answers.items() if "/export/" in call}
    assert files == {"text/csv; charset=utf-8", "application/x-ndjson"}


def test_a_call_without_the_token_is_refused(live_server, token, tmp_path):
    call = next(call for call in CALLS if "/sessions/?filter" in call)
    assert made(call, server=live_server.url, token="", folder=tmp_path)[0] == 401
