"""Live one invented visit through: what it shows, does and reports, as the middleware would have observed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b
from random import Random
from typing import Any, Final

from django.urls import Resolver404, resolve

from portfolio.demo.personas import BOTS, JOB_DESCRIPTION, MESSAGES, QUESTIONS, Arrival, Browser, Persona
from visitors.identity import local_day, pseudonym
from visitors.observation import OPENING, PING
from visitors.observer import act_of

LONGEST_VISIT: Final = timedelta(minutes=45)
PAGES: Final = {
    "home": ("/", "Home"),
    "about": ("/about/", "About"),
    "projects": ("/projects/", "Projects"),
    "resume": ("/resume/", "Résumé"),
    "chat": ("/chat/", "Ask me"),
    "job": ("/job-analysis/", "Job match"),
    "contact": ("/contact/", "Contact"),
}


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """`projects` maps slugs to titles; `now` is aware and ends the last day."""

    now: datetime
    days: int
    visits: int
    seed: int
    host: str
    projects: Mapping[str, str]


@dataclass(slots=True)
class Visit:
    """One visit being lived through; `at_ms` is its clock."""

    plan: DemoPlan
    persona: Persona
    random: Random
    at_ms: int
    zone: str
    arrival: Arrival
    browser: Browser
    client: str
    is_tracked: bool
    network_kind: str
    application: str = ""
    path: str = "/"
    is_chatting: bool = False
    seen: list[dict[str, Any]] = field(default_factory=list)

    def observations(self) -> list[dict[str, Any]]:
        last_ms = self.at_ms + LONGEST_VISIT // timedelta(milliseconds=1)
        if self.application:
            path = f"/r/{self.application}/"
            self._see(kind=OPENING, path=path, application=self.application, **self._came_from(is_first=True))
            self.at_ms += 150
        for step in self.random.choice(self.persona.journeys).split():
            name, _, text = step.partition(":")
            if self.at_ms < last_ms:
                self._live(name, text)
        return self.seen

    def _live(self, name: str, text: str) -> None:
        match name:
            case "missing":
                self._show(text, "", status=404)
            case "project":
                slug = self.random.choice(sorted(self.plan.projects))
                self._show(f"/projects/{slug}/", self.plan.projects[slug])
                self._act("project_view", target=slug)
            case "download":
                self._act("download", target="resume.pdf")
            case "outbound":
                self._act("outbound", target=f"github.com/ada/{self.path.strip('/').rpartition('/')[2]}")
            case _:
                self._show(*PAGES[name])
                self._speak(name, text)

    def _speak(self, name: str, text: str) -> None:
        if name == "chat":
            if not self.is_chatting:
                self._act("chat_start")
            self.is_chatting = True
            self._act("chat_message", topic=text, answered=True, typed=QUESTIONS[text])
        elif name == "job":
            self._act("job_analysis", match_level="good", typed=JOB_DESCRIPTION)
        elif text:
            self._act("contact", email_domain="example.com", typed=MESSAGES[text])

    def _show(self, path: str, title: str, *, status: int = 200) -> None:
        is_first = not self.seen
        self.path = path
        self._see(path=path, title=title, status=status, content_type="text/html", **self._came_from(is_first=is_first))
        stayed_ms = int(self.random.lognormvariate(10.2, 0.9))
        if self.is_tracked and self.random.random() < 0.92:
            self._ping(stayed_ms)
        self.at_ms += stayed_ms

    def _ping(self, stayed_ms: int) -> None:
        engaged_ms = int(stayed_ms * self.random.uniform(0.4, 0.95))
        self._see(
            after_ms=stayed_ms,
            kind=PING,
            path=self.path,
            tz=self.zone,
            engaged_ms=engaged_ms,
            scroll_depth=self.random.randrange(25, 101, 5),
        )

    def _act(self, kind: str, *, target: str = "", **details: Any) -> None:
        self.at_ms += self.random.randrange(200, 8_000)
        self._see(path=self.path, **act_of(kind, target=target, details=details))

    def _came_from(self, *, is_first: bool) -> dict[str, Any]:
        if not is_first:
            return {"referrer": f"https://{self.plan.host}/"}
        arrival = self.arrival
        site = "cross-site" if arrival.referrer else "none"
        return {
            "referrer": arrival.referrer,
            "utm_source": arrival.source,
            "utm_medium": arrival.medium,
            "utm_campaign": arrival.campaign,
        } | ({"sec_fetch_site": site} if self._is_browser else {})

    @property
    def _is_browser(self) -> bool:
        return self.persona not in BOTS

    def _see(self, *, after_ms: int = 0, **given: Any) -> None:
        at_ms = self.at_ms + after_ms
        self.seen.append(
            {"at_ms": at_ms, **self._who(at_ms), **self._headers(), "route": _route(given["path"]), **given}
        )

    def _who(self, at_ms: int) -> dict[str, Any]:
        day = local_day(at_ms)
        return {
            "day": day.isoformat(),
            "visitor_id": self._pseudonym(day),
            "previous_visitor_id": self._pseudonym(day - timedelta(days=1)),
            "network_kind": self.network_kind,
            "is_owner": self.persona.is_owner,
            "host": self.plan.host,
            "is_secure": True,
        }

    def _pseudonym(self, day: date) -> int:
        """As for real visitors, but under a secret that the seed tells: nobody is to be protected here."""
        secret = blake2b(f"{self.plan.seed} {day}".encode(), digest_size=32).digest()
        return pseudonym(self.client, self.browser.user_agent, secret=secret)

    def _headers(self) -> dict[str, str]:
        headers = {"user_agent": self.browser.user_agent}
        if not self._is_browser:
            return headers
        return headers | {
            "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "accept_language": "en-US,en;q=0.9" if self.zone.startswith("America") else "en-GB,en;q=0.8,de;q=0.6",
            "sec_fetch_site": "same-origin",
            "sec_fetch_mode": "navigate",
            "sec_fetch_dest": "document",
            "sec_ch_ua": self.browser.brands,
            "sec_ch_ua_platform": self.browser.platform,
            "sec_ch_ua_mobile": ("?1" if self.browser.is_mobile else "?0") if self.browser.brands else "",
        }


def _route(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""
