"""The owner's desk: applications, their links and stories, the inbox."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from PIL import Image

from visitors.applications.models import Application, Notice

from .people import MONDAY, Somebody, an_application, notices, status

pytestmark = pytest.mark.django_db
FORM = {
    "company": "Acme Corp",
    "role": "",
    "channel": "ats",
    "target": "/resume/",
    "resume_version": "",
    "status": "sent",
    "sent_at_0": "",
    "sent_at_1": "",
    "expires_at_0": "",
    "expires_at_1": "",
    "notify": "on",
    "notes": "",
}


def url(name: str, *arguments: Any) -> str:
    return reverse(f"admin:visitors_{name}", args=arguments)


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(User.objects.create(username="owner", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def reader() -> Client:
    """Staff that may look and not touch."""
    user = User.objects.create(username="reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_application", "view_notice")))
    client = Client()
    client.force_login(user)
    return client


def an_opened_application() -> Application:
    acme, recruiter = an_application(), Somebody()
    recruiter.opens(acme, MONDAY)
    recruiter.reads("/", MONDAY + timedelta(seconds=30))
    return acme


def test_an_application_is_added_and_its_link_can_be_copied(owner: Client) -> None:
    assert owner.post(url("application_add"), FORM).status_code == 302
    made = Application.objects.get()
    assert (made.slug[:10], made.status, made.sent_at is not None) == ("acme-corp-", "sent", True)
    link = f"/r/{made.slug}/"
    for page in (url("application_changelist"), url("application_change", made.pk)):
        assert f'data-copy="{link}"' in owner.get(page).content.decode()


def test_a_target_outside_the_site_is_refused(owner: Client) -> None:
    answer = owner.post(url("application_add"), FORM | {"target": "//evil.example/"})
    assert (answer.status_code, Application.objects.count()) == (200, 0)
    assert "`target` must be a path of this site" in answer.content.decode()


def test_a_status_set_by_hand_is_held(owner: Client) -> None:
    acme = an_opened_application()
    answer = owner.post(url("application_change", acme.pk), FORM | {"sent_at_0": "2026-11-15", "sent_at_1": "09:30"})
    assert answer.status_code == 302
    acme.refresh_from_db()
    assert (acme.status, acme.is_status_held) == ("sent", True)


def test_the_story_of_an_application(owner: Client) -> None:
    text = owner.get(url("application_timeline", an_opened_application().pk)).content.decode()
    assert "tracker: " in text
    assert "1 by people" in text
    assert owner.get(url("application_timeline", 999)).status_code == 404


def test_the_qr_code_as_svg_and_png(owner: Client) -> None:
    acme = an_application()
    svg, png = (owner.get(url("application_qr", acme.pk, form)) for form in ("svg", "png"))
    assert (svg["Content-Type"], svg.content[:5]) == ("image/svg+xml", b"<?xml")
    picture = Image.open(BytesIO(png.content))
    assert (png["Content-Type"], picture.format, picture.width) == ("image/png", "PNG", picture.height)
    assert owner.get(url("application_qr", acme.pk, "gif")).status_code == 404


def test_links_are_revoked_from_the_list(owner: Client) -> None:
    acme = an_application()
    owner.post(url("application_changelist"), {"action": "revoke", "_selected_action": [acme.pk]})
    acme.refresh_from_db()
    assert acme.revoked_at is not None


def test_the_list_costs_as_much_for_many_as_for_one(owner: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(10):
        an_application(f"Company {number}")
    owner.get("/admin/")  # the first request of the day tells whose browser it is
    with django_assert_max_num_queries(16):
        assert owner.get(url("application_changelist")).status_code == 200


@pytest.mark.parametrize("state", ["", "unread", "read", "withdrawn"])
def test_the_inbox_opens_in_every_state(owner: Client, state: str) -> None:
    an_opened_application()
    answer = owner.get(url("notice_changelist"), {"state": state} if state else {})
    assert answer.status_code == 200
    assert ("Acme link opened" in answer.content.decode()) is (state in {"", "unread"})
    assert owner.get(url("notice_change", Notice.objects.get().pk)).status_code == 200
    assert owner.get(url("applicationhit_changelist")).status_code == 200


def test_an_undo_in_the_inbox(owner: Client) -> None:
    acme = an_opened_application()
    chosen = {"_selected_action": [Notice.objects.get().pk]}
    owner.post(url("notice_changelist"), {"action": "mark_read", **chosen})
    assert Notice.objects.get().read_at is not None
    owner.post(url("notice_changelist"), {"action": "take_back", **chosen})
    assert (status(acme), notices()) == ("sent", [])


def test_who_may_only_look_changes_nothing(reader: Client) -> None:
    acme = an_opened_application()
    assert reader.get(url("application_changelist")).status_code == 200
    assert reader.post(url("application_add"), FORM).status_code == 403
    reader.post(url("application_changelist"), {"action": "revoke", "_selected_action": [acme.pk]})
    reader.post(url("notice_changelist"), {"action": "take_back", "_selected_action": [Notice.objects.get().pk]})
    acme.refresh_from_db()
    assert (acme.revoked_at, acme.status, len(notices())) == (None, "engaged", 1)


def test_a_company_with_markup_is_shown_as_text(owner: Client) -> None:
    acme = an_application("<script>alert(1)</script>")
    for page in (url("application_changelist"), url("application_timeline", acme.pk)):
        assert "<script>alert" not in owner.get(page).content.decode()
