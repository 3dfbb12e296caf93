"""What a browser did before it was known to be the owner's is his all the same: visit, opening, status and notices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from visitors import recording
from visitors.models import Label, VisitorSession

from .people import MONDAY, OFFICE, SAFARI, Somebody, an_application, kinds, notices, status

pytestmark = pytest.mark.django_db

RECRUITING = {"Referer": "https://app.greenhouse.io/people/1"}


def after(**parts: float) -> datetime:
    return MONDAY + timedelta(**parts)


def signs_in(at: datetime, *, path: str = "/admin/", **given: Any) -> Client:
    """The owner, in a window that is not private."""
    owner = Somebody(**given)
    owner.client.force_login(User.objects.get_or_create(username="owner", is_staff=True)[0])
    owner.get(path, at)
    return owner.client


def visits() -> list[tuple[bool, bool]]:
    return list(VisitorSession.objects.order_by("started_at").values_list("is_owner", "is_human"))


@pytest.mark.parametrize("path", ["/admin/", "/api/visitors/", "/about/", "/nowhere/"])
def test_a_link_tried_in_a_private_window_was_the_owners_once_he_signs_in(path: str) -> None:
    acme, private = an_application(), Somebody()
    private.opens(acme, MONDAY)
    private.reads("/", after(seconds=20))
    assert (kinds(acme), status(acme), len(notices())) == (["human"], "engaged", 1)
    signs_in(after(hours=2), path=path)
    assert (kinds(acme), status(acme), notices(), visits()[0]) == (["owner"], "sent", [], (True, False))


def test_a_likely_recruiter_who_then_signs_in_was_none() -> None:
    private = Somebody(headers=RECRUITING)
    private.get("/resume/", MONDAY)
    private.get("/resume/download/", after(minutes=1))
    private.get("/about/", after(minutes=2))
    assert [kind for kind, _ in notices()] == ["score"]
    signs_in(after(minutes=10))
    assert (notices(), set(VisitorSession.objects.values_list("recruiter_score", "is_owner"))) == ([], {(None, True)})


@pytest.mark.parametrize("other", [{"user_agent": SAFARI}, {"ip": "203.0.113.8"}])
def test_another_browser_or_address_stays_a_visitor(other: dict[str, str]) -> None:
    acme, reader = an_application(), Somebody(**other)
    reader.opens(acme, MONDAY)
    reader.reads("/", after(seconds=20))
    signs_in(after(hours=2))
    assert (kinds(acme), status(acme), visits()) == (["human"], "engaged", [(False, True)])


def test_an_older_visit_stays_a_visitors_since_no_pseudonym_outlives_its_day() -> None:
    acme, reader = an_application(), Somebody()
    reader.opens(acme, MONDAY)
    reader.reads("/", after(seconds=20))
    signs_in(after(days=2))
    assert kinds(acme) == ["human"]


def test_midnight_makes_no_difference() -> None:
    acme, private = an_application(), Somebody()
    late = datetime.combine(MONDAY.date(), datetime.max.time(), tzinfo=MONDAY.tzinfo) - timedelta(minutes=10)
    private.opens(acme, late)
    private.reads("/", late + timedelta(seconds=20))
    signs_in(late + timedelta(minutes=20))
    assert kinds(acme) == ["owner"]


def test_the_mark_of_his_device_says_it_as_well() -> None:
    laptop = signs_in(MONDAY - timedelta(days=3), ip="198.18.77.7")
    laptop.cookies.pop("sessionid")
    acme, private = an_application(), Somebody()
    private.opens(acme, MONDAY)
    private.reads("/", after(seconds=20))
    Somebody(client=laptop).get("/", after(hours=1))
    assert (kinds(acme), notices()) == (["owner"], [])


def test_what_the_owner_labelled_stays_as_he_said() -> None:
    acme, reader = an_application(), Somebody()
    reader.opens(acme, MONDAY)
    reader.reads("/", after(seconds=20))
    with time_machine.travel(after(minutes=5), tick=False):
        recording.apply_label(VisitorSession.objects.get(), Label.RECRUITER)
    signs_in(after(hours=2))
    assert (kinds(acme), visits()) == (["human"], [(False, True)])


def test_nobody_is_claimed_when_the_owner_wishes_no_memory(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"OWNER_MEMORY_DAYS": 0}
    acme, reader = an_application(), Somebody()
    reader.opens(acme, MONDAY)
    reader.reads("/", after(seconds=20))
    signs_in(after(hours=2))
    assert kinds(acme) == ["human"]


def test_users_who_are_no_staff_and_forged_marks_claim_nothing() -> None:
    acme, reader = an_application(), Somebody()
    reader.opens(acme, MONDAY)
    reader.reads("/", after(seconds=20))
    guest = Somebody()
    guest.client.force_login(User.objects.create(username="guest"))
    guest.client.cookies["va_owner"] = "1:forged:signature"
    guest.get("/about/", after(minutes=2))
    assert kinds(acme) == ["human"]


def test_the_recorder_is_told_once_a_day_and_browser(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    told = []
    for hour in (0, 1, 24):
        laptop = signs_in(after(hours=hour), ip=OFFICE)
        Somebody(client=laptop).get("/admin/", after(hours=hour, minutes=1))
        with time_machine.travel(after(hours=hour, minutes=2), tick=False):
            told.append(recording.drain())
    assert ([one and one.stored for one in told], VisitorSession.objects.exists()) == ([1, 0, 1], False)


def test_it_costs_no_query_to_learn_nothing_new(django_assert_num_queries: Any) -> None:
    laptop = Somebody(client=signs_in(MONDAY))
    with django_assert_num_queries(2):  # the login and its user
        laptop.get("/api/visitors/nowhere/", after(minutes=1))
