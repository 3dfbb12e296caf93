"""Events as clients send them, and the browser and the program that send them."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from tests.visitors.recording.builders import CHROME
from visitors.models import TokenScope
from visitors.tokens import issue

DOWNLOADED = "Résumé downloaded"  # a goal of the default settings
BROWSER = {"User-Agent": CHROME, "Accept-Language": "en"}
LIBRARY = {"User-Agent": "python-requests/2.32.5", "Accept": "*/*"}


def a_body(name: str = "pageview", path: str = "/elsewhere/", **fields: Any) -> bytes:
    return json.dumps({"n": name, "u": f"https://testserver{path}", "d": "testserver"} | fields).encode()


def a_token(scope: TokenScope = TokenScope.EVENTS) -> str:
    """The text of a new token of staff."""
    user, _ = User.objects.get_or_create(username="owner", defaults={"is_staff": True, "is_superuser": True})
    return issue(name=f"a program that may {scope}", user=user, scope=scope)[1]


def send(body: bytes, content_type: str = "text/plain", *, headers: dict[str, str] | None = None, **meta: Any) -> Any:
    sender = Client(headers=BROWSER if headers is None else headers)
    return sender.post("/api/event", body, content_type=content_type, **meta)


def visit(path: str = "/about/") -> Client:
    """A browser to which the server has shown this page."""
    client = Client(headers=BROWSER)
    client.get(path, headers={"Accept": "text/html"})
    return client
