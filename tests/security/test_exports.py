"""No export runs in a spreadsheet, and no page leads where a visitor claims to come from."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.e2e.hostile import store_attacks
from visitors import sharing
from visitors.applications.sheet import csv_of
from visitors.dashboard.exports import EXPORTS
from visitors.models import Application, VisitorSession

pytestmark = pytest.mark.django_db

# Short enough for every column.
FORMULAS = ("=1", "+1", "-A", "@A", "\t=", "\r=")
FILES = ("export-sessions", "export-page-views", "export-interactions")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
OURS = "http://testserver"


@pytest.fixture
def desk(settings: Any) -> Client:
    settings.VISITORS = settings.VISITORS | {"LIMITS": {"export": ""}}
    client = Client()
    client.force_login(User.objects.create_superuser("owner"))
    return client


def cells(answer: Any) -> list[str]:
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return [cell for row in csv.reader(io.StringIO(content.decode(), newline="")) for cell in row]


def formulas(found: list[str]) -> tuple[list[str], list[str]]:
    """The cells that would run, and what stands there led in by an apostrophe. A number may be below nothing."""
    running = [cell for cell in found if cell.startswith(tuple("=+-@\t\r")) and not NUMBER.fullmatch(cell)]
    return running, [formula for formula in FORMULAS if f"'{formula}" in found]


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_api_runs_no_formula(desk: Client, name: str) -> None:
    store_attacks(FORMULAS)
    assert formulas(cells(desk.get(reverse(f"visitors:{name}")))) == ([], [*FORMULAS])


@pytest.mark.parametrize("name", sorted(set(EXPORTS) - {"traffic", "countries", "funnel", "hours"}))
def test_a_table_of_the_dashboard_runs_no_formula(desk: Client, name: str) -> None:
    store_attacks(FORMULAS)
    _, secret = sharing.share("Ada")
    bases = [reverse("visitors_dashboard:page"), reverse("visitors_dashboard:shared", args=(secret,))]
    for base in bases[: 1 if name == "visits" else 2]:  # single visits are for the owner
        running, told = formulas(cells(desk.get(f"{base}export/{name}.csv")))
        assert running == []
        assert name == "acts" or told == [*FORMULAS]  # a kind of act is told in words, which have no hyphens


def exporting() -> list[type]:
    return [model for model, desk in admin.site._registry.items() if getattr(desk, "export_columns", ())]


@pytest.mark.parametrize("model", exporting(), ids=lambda model: model.__name__)
def test_a_list_of_the_admin_runs_no_formula(desk: Client, model: Any) -> None:
    store_attacks(FORMULAS)
    chosen = list(model.objects.values_list("pk", flat=True))
    address = reverse(f"admin:visitors_{model._meta.model_name}_changelist")
    answer = desk.post(address, {"action": "export_csv", "_selected_action": chosen})
    running, told = formulas(cells(answer))
    assert running == []
    assert model.__name__ == "DroppedCount" or told == [*FORMULAS]  # its texts are the code's own


def test_the_sheet_of_applications_runs_no_formula(desk: Client) -> None:
    store_attacks(FORMULAS)
    out = io.StringIO(newline="")
    assert csv_of(Application.objects.all(), out=out) == len(FORMULAS)
    found = [cell for row in csv.reader(io.StringIO(out.getvalue(), newline="")) for cell in row]
    assert formulas(found) == ([], [*FORMULAS])


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs))


def links_of(html: str) -> list[dict[str, str | None]]:
    parser = Links()
    parser.feed(html)
    return [link for link in parser.found if link.get("href") is not None]


def pages_about(session: VisitorSession) -> Iterator[str]:
    pk = session.pk
    yield reverse("admin:visitors_visitorsession_changelist")
    yield reverse("admin:visitors_visitorsession_change", args=(pk,))
    yield reverse("admin:visitors_visitorsession_timeline", args=(pk,))
    yield reverse("admin:visitors_applicationhit_changelist")
    yield reverse("admin:visitors_application_timeline", args=(Application.objects.latest("pk").pk,))
    yield f"{reverse('visitors_dashboard:page')}?visits=everyone&visit={session.session_id}"
    yield f"{reverse('visitors_dashboard:page')}?sources=source"


@pytest.mark.parametrize(
    "referrer", ["https://evil.example/x", "javascript:alert(1)", "data:text/html,x", "//evil.example"]
)
def test_a_referrer_is_told_and_leads_nowhere_unguarded(desk: Client, referrer: str) -> None:
    """Only http(s), and then without our address and for no search engine."""
    store_attacks((referrer,))
    session = VisitorSession.objects.filter(is_bot=False).latest("started_at")
    told, led = 0, 0
    for page in pages_about(session):
        answer = desk.get(page)
        html = answer.getvalue().decode() if answer.streaming else answer.content.decode()
        told += referrer in html
        for link in links_of(html):
            href = str(link["href"])
            if href.startswith(("?", "#", "/")) and not href.startswith("//"):
                continue
            led += href == referrer
            assert href.startswith(("http://", "https://")), (page, link)
            guards = set(str(link.get("rel", "")).split())
            assert href.startswith(OURS) or guards >= {"noopener", "noreferrer", "nofollow"}, (page, link)
    assert told >= 4
    assert led == (1 if referrer.startswith("https://") else 0)
