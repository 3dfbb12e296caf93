"""A shared link opens figures to whoever holds it: these, for this long, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from unittest.mock import Mock

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from tests.visitors.builders import NOON, a_session
from visitors import sharing
from visitors.dashboard.panels import PANELS
from visitors.models import Annotation, SharedLink

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def shared_address(**options):
    link, secret = sharing.share("Ada", **options)
    return link, f"/dashboard/shared/{secret}/"


def body(answer):
    return answer.getvalue().decode()


def a_recruiters_visit():
    return a_session(
        NOON + timedelta(hours=1, minutes=58),
        pages=("/resume/",),
        country="DE",
        source="LinkedIn",
        is_recruiter=True,
        recruiter_score=94,
        recruiter_signals=[{"signal": "ats_recruiter_app", "weight": 3.4, "seen": "app.lever.co"}],
    )


def test_whoever_holds_the_link_sees_figures_and_no_single_visit(client):
    session = a_recruiters_visit()
    Annotation.objects.create(day=NOON.date(), text="Applied at Example")
    _, address = shared_address()
    page = body(client.get(address))
    assert "LinkedIn" in page
    assert "Germany" in page
    for hidden in (str(session.session_id), session.session_id.hex[-4:], "lever", "Applied at", "/admin/", "<form id="):
        assert hidden not in page, hidden


def test_every_address_on_the_page_stays_below_the_link(client):
    a_recruiters_visit()
    _, address = shared_address()
    links = set(re.findall(r'(?:href|formaction|action)="(/[^"]*)"', body(client.get(address))))
    assert [link for link in links if not link.startswith((address, "/static/"))] == []


@pytest.mark.parametrize("name", sorted(PANELS))
def test_panels_of_figures_are_answered_and_those_of_visits_are_not(client, name):
    a_recruiters_visit()
    _, address = shared_address()
    answer = client.get(f"{address}panel/{name}/?country=DE&source.not=Google")
    assert answer.status_code == (404 if name in {"visits", "session", "owner"} else 200)
    assert "lever" not in body(answer)


def test_the_live_panel_tells_how_many_and_not_who(client):
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        a_session(NOON + timedelta(hours=1, minutes=59), pages=("/about/",), country="FR")
        _, address = shared_address()
        live = body(client.get(f"{address}panel/live/"))
    assert 'id="current">1<' in live
    assert "/about/" not in live


def test_rows_are_exported(client):
    a_recruiters_visit()
    _, address = shared_address()
    answer = client.get(f"{address}export/countries.csv")
    assert (answer.status_code, body(answer).splitlines()[1]) == (200, "DE,1,100.0")
    assert client.get(f"{address}export/funnel.csv").status_code == 200
    assert client.get(f"{address}export/visits.csv").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["visit=0190d6a8-0000-7000-8000-000000000000", "visits=everyone", "application=x", "city=Berlin", "label=me"],
)
def test_a_guest_cannot_ask_for_single_visits(client, query):
    _, address = shared_address()
    assert client.get(f"{address}?{query}").status_code == 400


def test_a_guest_changes_nothing(client):
    session = a_recruiters_visit()
    _, address = shared_address()
    for path in (f"visit/{session.session_id}/label/", "notes/"):
        assert client.post(address + path, {"label": "bot"}).status_code == 404
        assert client.post(f"/dashboard/{path}", {"label": "bot"}).status_code == 302  # to the login


def test_the_filter_form_stays_below_the_link(client):
    _, address = shared_address()
    answer = client.get(f"{address}?add=country&how=not&value=DE")
    assert (answer.status_code, answer.url) == (302, f"{address}?country.not=DE")


def test_nobody_keeps_finds_or_passes_on_a_shared_page(client):
    _, address = shared_address()
    answer = client.get(address)
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", ["", "panel/live/", "export/pages.csv"])
@pytest.mark.parametrize("state", ["unknown", "expired", "revoked"])
def test_a_link_that_is_not_in_force_opens_nothing(client, path, state):
    link, address = shared_address()
    if state == "expired":
        SharedLink.objects.update(expires_at=NOON + timedelta(hours=1))
    if state == "revoked":
        assert sharing.revoke(link.pk)
    answer = client.get((address if state != "unknown" else "/dashboard/shared/nothing/") + path)
    assert answer.status_code == 404
    assert "does not open anything" in body(answer)


def test_the_secret_is_kept_nowhere(client):
    link, address = shared_address(password=PASSWORD)
    stored = str(SharedLink.objects.values().get(pk=link.pk))
    assert address.split("/")[-2] not in stored
    assert PASSWORD not in stored


def test_openings_are_counted(client):
    link, address = shared_address()
    client.get(address).getvalue()
    client.get(f"{address}panel/live/")
    link.refresh_from_db()
    assert (link.opened_count, link.last_opened_at) == (1, NOON + timedelta(hours=2))


@pytest.mark.parametrize("path", ["", "panel/pages/", "export/pages.csv"])
def test_a_password_is_asked_for_before_anything_is_shown(client, path):
    a_recruiters_visit()
    _, address = shared_address(password=PASSWORD)
    answer = client.get(address + path)
    assert answer.status_code == 401
    assert "LinkedIn" not in body(answer)


def test_the_password_opens_the_link_and_no_other(client):
    _, address = shared_address(password=PASSWORD)
    _, other = shared_address(password=PASSWORD)
    assert client.post(address, {"password": "wrong"}).status_code == 403
    answer = client.post(address, {"password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, address)
    (cookie,) = client.cookies.values()
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/", True, "Lax")
    assert client.get(address).status_code == 200
    assert client.get(other).status_code == 401


def test_a_pass_ends_after_half_a_day_and_with_the_password():
    link, secret = sharing.share("Ada", password=PASSWORD)
    shared = sharing.find_shared(secret)
    shown = sharing.make_pass(shared)
    assert sharing.is_pass(shared, shown)
    assert not sharing.is_pass(shared, shown[:-1] + "_")
    with time_machine.travel(NOON + timedelta(hours=15), tick=False):
        assert not sharing.is_pass(shared, shown)
    SharedLink.objects.filter(pk=link.pk).update(password="another")
    assert not sharing.is_pass(sharing.find_shared(secret), shown)


def test_guessing_ends_after_five_attempts_and_begins_again_later():
    _, address = shared_address(password=PASSWORD)
    guesser, other = Client(REMOTE_ADDR="198.51.100.1"), Client(REMOTE_ADDR="198.51.100.2")
    answers = [guesser.post(address, {"password": str(number)}).status_code for number in range(7)]
    assert answers == [403] * 5 + [429] * 2
    refused = guesser.post(address, {"password": PASSWORD})
    assert (refused.status_code, refused["Retry-After"]) == (429, "900")
    assert "Wait 15 minutes" in body(refused)
    assert other.post(address, {"password": PASSWORD}).status_code == 302
    with time_machine.travel(NOON + timedelta(hours=2, minutes=16), tick=False):
        assert guesser.post(address, {"password": PASSWORD}).status_code == 302


def test_many_addresses_do_not_help_to_guess():
    _, address = shared_address(password=PASSWORD)
    answers = [
        Client(REMOTE_ADDR=f"198.51.100.{number}").post(address, {"password": "guess"}).status_code
        for number in range(51)
    ]
    assert answers == [403] * 50 + [429]


def test_the_limits_of_the_settings_hold_for_guesses(settings):
    settings.VISITORS = settings.VISITORS | {"LIMITS": {"share": "1/min", "share-link": ""}}
    _, address = shared_address(password=PASSWORD)
    guesser = Client(REMOTE_ADDR="198.51.100.1")
    answers = [guesser.post(address, {"password": "guess"}).status_code for _ in range(2)]
    _, another = shared_address(password=PASSWORD)
    assert [*answers, guesser.post(another, {"password": "guess"}).status_code] == [403, 429, 403]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"name": " "}, "`name` must be 1 to 100 characters"),
        ({"days": 0}, "`days` must be between 1 and 366, not 0."),
        ({"days": 367}, "`days` must be between 1 and 366"),
        ({"password": "short"}, "`password` must be 8 to 200 characters, not 5."),
    ],
)
def test_a_link_that_cannot_be_says_why(options, fault):
    with pytest.raises(sharing.InvalidParameter, match=re.escape(fault)):
        sharing.share(**({"name": "Ada"} | options))


def test_links_are_added_listed_and_revoked_from_the_shell(client, capsys, settings):
    settings.VISITORS = settings.VISITORS | {"SITE_URL": "https://example.com"}
    call_command("share_dashboard", "add", "Ada", "--days", "7")
    address = re.search(r"https://example\.com(/dashboard/shared/\S+/)", capsys.readouterr().out)[1]
    assert client.get(address).status_code == 200
    call_command("share_dashboard", "list")
    link = SharedLink.objects.get()
    assert f"{link.pk:>5}  until 2026-11-27  opened 1 time   Ada" in capsys.readouterr().out
    call_command("share_dashboard", "revoke", str(link.pk))
    assert client.get(address).status_code == 404
    with pytest.raises(CommandError, match="is in force"):
        call_command("share_dashboard", "revoke", str(link.pk))


@pytest.mark.parametrize("answer", ["", EOFError()])
def test_a_link_that_was_to_have_a_password_is_not_made_without_one(monkeypatch, answer):
    asked = Mock(side_effect=[answer])
    monkeypatch.setattr("visitors.management.commands.share_dashboard.getpass", asked)
    with pytest.raises(CommandError, match="No password was given"):
        call_command("share_dashboard", "add", "Ada", "--password")
    assert not SharedLink.objects.exists()


def test_links_are_made_and_revoked_in_the_admin(client, owner_of_all):
    answer = owner_of_all.post("/admin/visitors/sharedlink/add/", {"name": "Ada", "days": "3"}, follow=True)
    address = re.search(r"/dashboard/shared/[\w-]+/", answer.content.decode())[0]
    link = SharedLink.objects.get()
    assert (link.name, link.expires_at) == ("Ada", NOON + timedelta(hours=2, days=3))
    assert client.get(address).status_code == 200
    owner_of_all.post("/admin/visitors/sharedlink/", {"action": "take_back", "_selected_action": [link.pk]})
    assert client.get(address).status_code == 404


@pytest.fixture
def owner_of_all(db):
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_a_guest_asks_so_often_and_no_more(client, settings):
    settings.VISITORS = settings.VISITORS | {"LIMITS": {"guest": "2/min"}}
    _, address = shared_address()
    assert [client.get(f"{address}export/pages.csv").status_code for _ in range(3)] == [200, 200, 429]
    refused = client.get(address)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert (refused["Cache-Control"], refused["Referrer-Policy"]) == ("no-store", "no-referrer")
