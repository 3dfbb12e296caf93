"""The index of the admin tells what came today and how recording is doing."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from visitors.templatetags import visitors_admin

from .builders import a_session

pytestmark = pytest.mark.django_db


def index_for(**user: Any) -> str:
    client = Client()
    person = get_user_model().objects.create_user("ada", is_staff=True, **user)
    client.force_login(person)
    return client.get("/admin/").content.decode()


def test_it_counts_today_and_tells_the_state_of_recording() -> None:
    now = timezone.now()
    a_session(started_at=now, last_activity_at=now, day=now.date(), page_views_count=3)
    page = index_for(is_superuser=True)
    assert "<dt>Visitors</dt><dd>1</dd>" in page
    assert "<dt>Page views</dt><dd>3</dd>" in page
    assert "Recording: 0 bytes wait, 0.0 s behind, 0 lines in quarantine." in page


@pytest.mark.parametrize(("urls", "links"), [("config.urls", 1), ("tests.visitors.admin_urls", 0)])
def test_it_leads_to_the_dashboard_where_there_is_one(settings: Any, urls: str, links: int) -> None:
    settings.ROOT_URLCONF = urls
    assert index_for(is_superuser=True).count('<a href="/dashboard/?period=today">Open the dashboard</a>') == links


def test_staff_who_may_not_look_at_visits_see_no_panel() -> None:
    assert "Visits today" not in index_for()


def test_staff_who_may_look_see_it() -> None:
    permission = Permission.objects.get(codename="view_visitorsession")
    client = Client()
    person = get_user_model().objects.create_user("ada", is_staff=True)
    person.user_permissions.add(permission)
    client.force_login(person)
    assert "Visits today" in client.get("/admin/").content.decode()


def test_a_state_that_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(visitors_admin, "recording_status", refuse)
    assert "The state of recording cannot be read now." in index_for(is_superuser=True)
