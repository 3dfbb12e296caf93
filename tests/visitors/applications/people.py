"""People and machines that come to the site, each by real requests at a time that the test moves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.test import Client

from visitors.applications.desk import add_application
from visitors.applications.models import Application, ApplicationHit, Notice

MONDAY = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Safari/605.1.15"
)
SLACKBOT = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"
OFFICE, HOME, PHONE, DATACENTRE = "203.0.113.7", "198.18.77.7", "198.19.4.4", "198.51.100.9"
NETWORKS = {
    "203.0.113.0/24": "business",
    "198.18.0.0/16": "isp",
    "198.19.0.0/16": "mobile",
    "198.51.100.0/24": "hosting",
}


@dataclass
class Somebody:
    """One browser at one address. Each act moves the clock to its own time."""

    ip: str = OFFICE
    user_agent: str = CHROME
    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=Client)

    def get(self, path: str, at: datetime, *, method: str = "get", **headers: str) -> Any:
        with time_machine.travel(at, tick=False):
            return getattr(self.client, method)(path, **self._meta(headers))

    def opens(self, application: Application, at: datetime, **headers: str) -> Any:
        """The link, and the page that it leads to a moment later."""
        answer = self.get(f"/r/{application.slug}/", at, **headers)
        if answer.status_code == 302:
            self.get(answer["Location"], at + timedelta(seconds=0.2), **headers)
        return answer

    def reads(self, path: str, at: datetime, *, seconds: int = 20) -> None:
        """The tracker's report at the end of `seconds` on a page that was shown."""
        body = json.dumps(
            {"n": "engagement", "u": f"http://testserver{path}", "e": seconds * 1000, "sd": 80, "tz": "UTC"}
        )
        with time_machine.travel(at, tick=False):
            self.client.post("/api/visitors/events/", body, content_type="text/plain", **self._meta({"Accept": "*/*"}))

    def asks(self, text: str, at: datetime) -> None:
        with time_machine.travel(at, tick=False):
            self.client.post("/ask/", {"text": text}, **self._meta({}))

    def _meta(self, headers: dict[str, str]) -> dict[str, str]:
        given = {"User-Agent": self.user_agent, "Accept": "text/html", "Accept-Language": "en"} | self.headers | headers
        return {"REMOTE_ADDR": self.ip} | {
            f"HTTP_{name.upper().replace('-', '_')}": each for name, each in given.items()
        }


def an_application(
    company: str = "Acme", *, sent_at: datetime | None = MONDAY - timedelta(days=1), **given: Any
) -> Application:
    with time_machine.travel(sent_at or MONDAY, tick=False):
        return add_application({"company": company, "sent_at": sent_at and sent_at.isoformat(), **given})


def hits(application: Application | None = None) -> list[tuple[str, str]]:
    """(kind, reason), oldest first."""
    found = ApplicationHit.objects.filter(application=application) if application else ApplicationHit.objects.all()
    return [(hit.kind, hit.reason) for hit in found.order_by("opened_at", "id")]


def kinds(application: Application | None = None) -> list[str]:
    return [kind for kind, _ in hits(application)]


def notices(application: Application | None = None) -> list[tuple[str, str]]:
    """(kind, text) of what stands in the inbox, oldest first."""
    found = Notice.objects.filter(withdrawn_at=None)
    found = found.filter(application=application) if application else found
    return [(notice.kind, notice.text) for notice in found.order_by("created_at", "id")]


def status(application: Application) -> str:
    application.refresh_from_db()
    return application.status
