"""Openings are kept once, cost an ordinary batch nothing, and the owner's devices are learned and forgotten."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from tests.visitors.recording.builders import NOON_MS, an_observation
from visitors import ownership
from visitors.applications.models import Application, ApplicationHit, Notice
from visitors.models import VisitorInteraction, VisitorSession
from visitors.observation import OPENING
from visitors.recording import drain, journal, store
from visitors.recording.summary import moment

from .people import HOME, MONDAY, OFFICE, Somebody, an_application, kinds, status

pytestmark = pytest.mark.django_db


def an_opening(slug: str, **given: Any) -> Any:
    return an_observation(kind=OPENING, application=slug, path=f"/r/{slug}/", status=302, **given)


def test_an_opening_that_is_written_twice_is_one() -> None:
    acme = an_application()
    opening, page = an_opening(acme.slug), an_observation(at_ms=NOON_MS + 200)
    second = an_observation(at_ms=NOON_MS + 60_000, path="/about/")
    for _ in range(3):
        store([opening, page, second])
    assert (kinds(acme), Notice.objects.count(), VisitorSession.objects.count()) == (["human"], 1, 1)
    assert VisitorSession.objects.get().interactions_count == 0
    assert VisitorInteraction.objects.count() == 0


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_of_arrival_changes_nothing(order: tuple[int, ...]) -> None:
    acme = an_application()
    seen = [
        an_opening(acme.slug),
        an_observation(at_ms=NOON_MS + 200),
        an_observation(at_ms=NOON_MS + 60_000, path="/about/"),
    ]
    store([seen[index] for index in order])
    session = VisitorSession.objects.get()
    assert (session.application, session.page_views_count, kinds(acme)) == (acme.slug, 2, ["human"])


def test_a_slug_that_nobody_gave_out_leaves_no_opening() -> None:
    store([an_opening("made-up-aaaa"), an_opening("", at_ms=NOON_MS + 1)])
    assert not ApplicationHit.objects.exists()


def test_ordinary_visits_ask_nothing_of_applications() -> None:
    store([an_observation(visitor_id=9)])  # agrees on the salts of the day
    an_application()
    with CaptureQueriesContext(connection) as queries:
        store([an_observation(at_ms=NOON_MS + 60_000, path="/about/")])
    asked = [query["sql"] for query in queries if '"visitors_application' in query["sql"]]
    assert (asked, len(queries) > 5) == ([], True)


def test_an_opening_waits_in_the_journal_and_is_drained_once(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    acme, reader = an_application(), Somebody()
    reader.opens(acme, MONDAY)
    reader.get("/about/", MONDAY + timedelta(seconds=30))
    assert (kinds(acme), journal().directory.exists()) == ([], True)
    with time_machine.travel(MONDAY + timedelta(minutes=1), tick=False):
        drain()
        drain()
    assert (kinds(acme), status(acme), Notice.objects.count()) == (["human"], "engaged", 1)


def test_a_link_works_while_the_database_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    acme = an_application()

    def fail(*_: Any) -> Any:
        raise OperationalError("out of reach")

    with monkeypatch.context() as broken:
        broken.setattr(QuerySet, "first", fail)
        answer = Somebody().get(f"/r/{acme.slug}/", MONDAY)
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_post_to_a_link_is_refused() -> None:
    assert Somebody().get(f"/r/{an_application().slug}/", MONDAY, method="post").status_code == 405


def test_no_address_of_the_owner_is_written_down(settings: Any) -> None:
    laptop = Somebody(ip=HOME)
    laptop.client.force_login(User.objects.create(username="owner", is_staff=True))
    laptop.get("/", MONDAY)
    text = (settings.VISITORS["JOURNAL_DIR"] / "owner-networks").read_text()
    assert (len(json.loads(text)), HOME in text) == (1, False)
    cookie = laptop.client.cookies["va_owner"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.parametrize(("days", "kind"), [(30, "owner"), (31, "unknown")])
def test_a_network_of_the_owner_is_forgotten_after_thirty_days(days: int, kind: str) -> None:
    acme, laptop = an_application(), Somebody(ip=HOME)
    laptop.client.force_login(User.objects.create(username="owner", is_staff=True))
    laptop.get("/", MONDAY)
    Somebody(ip=HOME).opens(acme, MONDAY + timedelta(days=days))
    assert kinds(acme) == [kind]


def test_no_network_is_remembered_when_the_owner_wishes_none(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"OWNER_MEMORY_DAYS": 0}
    acme, laptop = an_application(), Somebody(ip=HOME)
    laptop.client.force_login(User.objects.create(username="owner", is_staff=True))
    laptop.get("/", MONDAY)
    Somebody(ip=HOME).opens(acme, MONDAY + timedelta(hours=1))
    assert (kinds(acme), (settings.VISITORS["JOURNAL_DIR"] / "owner-networks").exists()) == (["unknown"], False)


def test_one_network_of_a_household_is_one_in_ipv6() -> None:
    acme, laptop = an_application(), Somebody(ip="2001:db8:1:2::10")
    laptop.client.force_login(User.objects.create(username="owner", is_staff=True))
    laptop.get("/", MONDAY)
    Somebody(ip="2001:db8:1:2:ffff::7").opens(acme, MONDAY)
    Somebody(ip="2001:db8:1:3::10").opens(acme, MONDAY)
    assert sorted(kinds(acme)) == ["owner", "unknown"]


def test_visitors_and_users_who_are_no_staff_teach_nothing(settings: Any) -> None:
    guest = Somebody(ip=OFFICE)
    guest.client.force_login(User.objects.create(username="guest"))
    guest.get("/", MONDAY)
    assert ("va_owner" in guest.client.cookies, ownership._networks()) == (False, {})


def test_an_application_that_is_deleted_takes_its_story_along() -> None:
    acme, reader = an_application(), Somebody()
    reader.opens(acme, MONDAY)
    reader.reads("/", MONDAY + timedelta(seconds=30))
    Application.objects.all().delete()
    assert (ApplicationHit.objects.count(), Notice.objects.count()) == (0, 0)
    reader.get("/about/", MONDAY + timedelta(seconds=60))
    assert VisitorSession.objects.get().page_views_count == 2


def test_an_opening_after_the_end_of_a_link_is_none_whoever_answered_it() -> None:
    end = moment(NOON_MS)
    acme, globex = an_application("Acme", expires_at=end.isoformat()), an_application("Globex")
    Application.objects.filter(pk=globex.pk).update(revoked_at=end)
    for each in (acme, globex):
        store([an_opening(each.slug, at_ms=NOON_MS - 1), an_opening(each.slug, at_ms=NOON_MS)])
    assert (kinds(acme), kinds(globex)) == (["unknown"], ["unknown"])


def test_the_site_mounts_the_links() -> None:
    assert resolve("/r/acme-k3xq/", urlconf="config.urls").view_name == "applications:open"
