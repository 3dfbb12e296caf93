"""Replay labelled sessions through the handlers with the clock moved."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.contrib.auth.models import User
from django.test import Client

from visitors.applications.models import Application, SentBy, Status

SAMPLE = Path(__file__).parents[2] / "data" / "link_sessions.jsonl.gz"
Session = dict[str, Any]


def sessions(path: Path = SAMPLE) -> list[Session]:
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines if not line.startswith("#")]


def link_slug(session: Session) -> str:
    """The slug of the link that the session began with, or ""."""
    path = session["requests"][0]["path"]
    return path.split("/")[2] if path.startswith("/r/") else ""


def send_applications(labelled: Iterable[Session], *, sent_at: datetime) -> None:
    for slug in sorted({link_slug(session) for session in labelled} - {""}):
        company = slug.rpartition("-")[0].capitalize()
        Application.objects.create(company=company, slug=slug, sent_at=sent_at, status=Status.SENT, channel=SentBy.ATS)


def replay(labelled: Iterable[Session], *, owner: User, owner_ip: str) -> Iterator[Session]:
    """The owner works in the admin first, as whoever makes applications does; then each session in order of time."""
    ordered = sorted(labelled, key=lambda session: session["started_at"])
    with time_machine.travel(datetime.fromisoformat(ordered[0]["started_at"]) - timedelta(hours=1), tick=False):
        desk = Client()
        desk.force_login(owner)
        desk.get("/admin/", REMOTE_ADDR=owner_ip, HTTP_HOST="portfolio.example")
    jars: dict[str, Client] = {}
    for session in ordered:
        client = jars.setdefault(session["client_key"], Client())
        start = datetime.fromisoformat(session["started_at"])
        for request in session["requests"]:
            with time_machine.travel(start + timedelta(seconds=request["t"]), tick=False):
                if request.get("owner_login") and "sessionid" not in client.cookies:
                    client.force_login(owner)
                _send(client, request)
        yield session


def _send(client: Client, request: dict[str, Any]) -> None:
    given = request["headers"].items()
    meta = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in given if name != "Content-Type"}
    meta |= {"REMOTE_ADDR": request["ip"], "HTTP_HOST": "portfolio.example", "wsgi.url_scheme": "https"}
    path = f"{request['path']}?{request['query']}" if request["query"] else request["path"]
    body = json.dumps(request["body"]) if request["body"] is not None else ""
    client.generic(request["method"], path, body, content_type="application/json", **meta)
