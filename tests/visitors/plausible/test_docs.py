"""The calls on the page of the API work as they are written there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from visitors.models import PageView, TokenScope, VisitorInteraction

from .builders import BROWSER, a_token

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("## Clients made for Plausible")[2].partition("\n## ")[0]
CALLS = [line for block in re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL) for line in block.splitlines()]


def call(line: str, token: str) -> Any:
    """What curl would be answered."""
    words = shlex.split(line.replace("$TOKEN", token))[1:]
    address = urlsplit(words[-1])
    options = list(zip(words[:-1:2], words[1:-1:2], strict=True))
    headers = BROWSER | dict(value.split(": ", 1) for option, value in options if option == "-H")
    body = next((value for option, value in options if option == "-d"), None)
    client, path = Client(headers=headers, SERVER_NAME=address.netloc), f"{address.path}?{address.query}"
    if body is None:
        return client.get(path)
    return client.post(path, body, content_type=headers.pop("Content-Type"))


@pytest.mark.django_db
@pytest.mark.parametrize("line", CALLS)
def test_a_call_of_the_page_is_answered(line: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["example.com"]
    answer = call(line, a_token(TokenScope.ADMIN))
    assert answer.status_code == (202 if line.endswith('/api/event"') else 200)
    assert "x-plausible-dropped" not in answer.headers
    if "pageview" in line and "/api/event" in line:
        assert PageView.objects.get().path == "/shop/"
    if "Sign up" in line:
        assert VisitorInteraction.objects.get().kind == "sign_up"


def test_the_page_has_a_call_for_each_address() -> None:
    called = {urlsplit(shlex.split(line)[-1]).path for line in CALLS}
    assert called == {
        "/api/event",
        "/api/health",
        "/api/v2/query",
        "/api/docs/query/schema.json",
        *(f"/api/v1/stats/{name}" for name in ("aggregate", "timeseries", "breakdown", "realtime/visitors")),
    }
