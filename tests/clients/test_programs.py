"""Programs that report and ask with packages of npm and PyPI, in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.visitors.builders import a_session
from visitors.models import PageView, TokenScope, VisitorInteraction, VisitorSession
from visitors.recording import drain
from visitors.tokens import issue

from .conftest import HERE, missing

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 60
OWN_ADDRESS = "198.51.100.23"


def run(command: list[str | Path], **environment: str) -> str:
    """What it printed; fails with what it complained about."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=HERE,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def a_token(scope: TokenScope) -> str:
    user = User.objects.create_superuser("owner")
    return issue(name="a program", user=user, scope=scope)[1]


def test_a_program_with_plausible_client_is_taken_and_told_what_is_wrong(npm: Path, site: str) -> None:
    node = shutil.which("node") or missing("node is not installed")
    assert run([node, "client.mjs", site, "localhost"]) == "refused: Bad Request\n"
    drain()
    assert list(PageView.objects.values_list("path", flat=True)) == ["/from-node/"]
    (act,) = VisitorInteraction.objects.all()
    assert act.details == {"from": "events", "plan": "pro", "seats": 3, "revenue": 19.9, "currency": "EUR"}
    session = VisitorSession.objects.get()
    # It cannot send a token, and nobody speaks for it.
    assert (session.is_bot, session.bot_kind) == (True, "http_library")


class OwnAddress(BaseRequestHandler):
    """A proxy for the one question that plausible-events asks elsewhere: its machine's public address."""

    def handle(self) -> None:
        first = self._head(self.request)
        assert first.startswith(b"CONNECT api.ipify.org:443 ")
        self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with self.server.context.wrap_socket(self.request, server_side=True) as secure:  # type: ignore[attr-defined]
            self._head(secure)
            body = OWN_ADDRESS.encode()
            secure.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def _head(self, connection: Any) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(4096)
        return received


@pytest.fixture
def elsewhere(python: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a program behind this proxy, which trusts its certificate."""
    run([python, "-m", "trustme", "-q", "-d", str(tmp_path), "-i", "api.ipify.org"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    with ThreadingTCPServer(("127.0.0.1", 0), OwnAddress) as server:
        server.daemon_threads, server.context = True, context  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield {
            "HTTPS_PROXY": f"http://127.0.0.1:{server.server_address[1]}",
            "NO_PROXY": "localhost",
            "REQUESTS_CA_BUNDLE": str(tmp_path / "client.pem"),
        }
        server.shutdown()
        thread.join()


def test_an_application_with_plausible_events_is_a_visitor(python: Path, elsewhere: dict[str, str], site: str) -> None:
    token = a_token(TokenScope.EVENTS)
    told = run([python, "events_client.py", f"{site}/api/event", "localhost", token], **elsewhere)
    assert told.split() == [OWN_ADDRESS]
    drain()
    session = VisitorSession.objects.get()
    assert (session.is_human, session.is_bot, session.utm_source, session.entry_path) == (
        True,
        False,
        "newsletter",
        "/main",
    )
    (act,) = VisitorInteraction.objects.all()
    assert (act.kind, act.path, act.details) == ("export_finished", "/main", {"from": "events", "format": "csv"})


def ask_tools(python: Path, home: Path, site: str, token: str, calls: list[Any]) -> list[Any]:
    environment = {
        "PLAUSIBLE_BASE_URL": site,
        "PLAUSIBLE_API_KEY": token,
        "DO_NOT_TRACK": "1",
        "HOME": str(home),
    }
    answers = json.loads(run([python, "mcp_client.py", json.dumps(calls)], **environment))
    return [json.loads(answer) if answer.startswith("{") else answer for answer in answers]


def test_an_assistant_with_plausible_mcp_reads_the_figures(python: Path, site: str, tmp_path: Path) -> None:
    a_session(timezone.now() - timedelta(minutes=2), pages=("/", "/about/"), source="LinkedIn", country="PL")
    asked = {"site_id": "localhost", "date_range": "7d"}
    calls = [
        ["doctor", {}],
        ["get_aggregate_stats", asked],
        ["get_aggregate_stats", asked | {"metrics": ["visits", "events", "views_per_visit"]}],
        ["get_breakdown", asked | {"property_name": "page"}],
        ["get_breakdown", asked | {"property_name": "entry_page"}],
        ["get_breakdown", asked | {"property_name": "country"}],
        ["get_timeseries", asked],
        ["get_realtime_visitors", {"site_id": "localhost"}],
        ["get_aggregate_stats", asked | {"metrics": ["hits"]}],
    ]
    doctor, totals, more, pages, entries, countries, series, now, fault = ask_tools(
        python, tmp_path, site, a_token(TokenScope.READ), calls
    )
    assert doctor["status"] == "healthy"
    assert totals["totals"] == {"visitors": 1, "pageviews": 2, "bounce_rate": 0.0, "visit_duration": 60}
    assert more["totals"] == {"visits": 1, "events": 2, "views_per_visit": 2.0}
    assert pages["results"] == [{"page": "/", "visitors": 1}, {"page": "/about/", "visitors": 1}]
    assert entries["results"] == [{"entry_page": "/", "visitors": 1}]
    assert countries["results"] == [{"country": "PL", "visitors": 1}]
    assert [row["visitors"] for row in series["timeseries"]].count(1) == 1
    assert series["data_points"] == 7
    assert now["realtime_visitors"] == 1
    assert "`metrics` must be names out of visitors" in fault


def test_an_assistant_without_a_good_token_is_told_so(python: Path, site: str, tmp_path: Path) -> None:
    asked = {"site_id": "localhost"}
    (answer,) = ask_tools(python, tmp_path, site, "wrong", [["get_realtime_visitors", asked]])
    assert "Authentication failed (HTTP 401)" in answer
