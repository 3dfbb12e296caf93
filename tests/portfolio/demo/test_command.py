"""`manage.py demo`: fills an empty site once, and leaves a real one alone."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from portfolio.models import Profile, Project, UnansweredQuestion
from visitors.applications.models import Application
from visitors.identity import forget_secrets
from visitors.models import Annotation, ApiToken, PageView, VisitorSession
from visitors.tokens import fault_of, find

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_journal(settings: Any, tmp_path: Path) -> None:
    settings.VISITORS = {"JOURNAL_DIR": tmp_path / "journal"}
    forget_secrets()


def demo(**options: object) -> str:
    out = io.StringIO()
    call_command("demo", days=3, visitors=30, no_serve=True, stdout=out, **options)
    return out.getvalue()


def test_an_empty_site_gets_content_visits_an_owner_and_a_working_token() -> None:
    said = demo()
    owner = get_user_model().objects.get(username="owner")
    password = re.search(r"^Password   (\S+)$", said, re.MULTILINE)
    assert password
    assert (owner.check_password(password[1]), owner.is_staff, len(password[1]) >= 16) == (True, True, True)
    token = re.search(r"^curl -H 'Authorization: Bearer (\S+)'", said, re.MULTILINE)
    assert token
    assert fault_of(find(token[1]), now=timezone.now()) == ""
    assert (Profile.objects.count(), Project.objects.count(), VisitorSession.objects.exists()) == (1, 8, True)


def test_a_second_run_adds_nothing_and_keeps_the_password() -> None:
    demo()
    before = list(VisitorSession.objects.order_by("id").values())
    said = demo()
    assert list(VisitorSession.objects.order_by("id").values()) == before
    assert "Password   as you set it; `manage.py changepassword owner` makes a new one" in said
    assert ApiToken.objects.filter(revoked_at=None).count() == 1


def test_the_owner_finds_notes_and_questions_that_the_chat_could_not_answer_once() -> None:
    for seed in (1, 2):
        demo(seed=seed, reset=True)
        assert Annotation.objects.filter(text__contains="Hacker News").count() == 1
        assert list(UnansweredQuestion.objects.values_list("is_answered", flat=True)) == [False] * 4


def test_a_second_run_serves_though_the_owner_has_browsed_the_demo() -> None:
    demo()
    a_real_page_view()
    assert "The demo's visits are here already" in demo()


def test_reset_makes_the_visits_anew() -> None:
    demo(seed=1)
    before = set(VisitorSession.objects.values_list("id", flat=True))
    demo(seed=2, reset=True)
    assert before != set(VisitorSession.objects.values_list("id", flat=True))


@pytest.mark.parametrize("has_demo", [True, False])
def test_real_visits_are_left_alone(has_demo: bool) -> None:
    if has_demo:
        demo()
    a_real_page_view()
    before = (VisitorSession.objects.count(), Project.objects.count(), get_user_model().objects.count())
    with pytest.raises(CommandError, match="holds real visits"):
        demo(reset=True)
    assert (VisitorSession.objects.count(), Project.objects.count(), get_user_model().objects.count()) == before


@pytest.mark.parametrize(
    ("option", "value"), [("--days", "0"), ("--days", "366"), ("--visitors", "x"), ("--port", "0")]
)
def test_a_bad_option_is_a_usage_error(option: str, value: str) -> None:
    with pytest.raises(CommandError, match=f"{option}: must be between"):
        call_command("demo", option, value)


def a_real_page_view() -> None:
    PageView.objects.create(id=1 << 22, visitor_id=1, day=NOW.date(), session_id=1, viewed_at=NOW, path="/")


@pytest.mark.django_db
def test_the_demo_sends_applications_and_some_are_opened() -> None:
    call_command("demo", "--days", "30", "--visitors", "60", "--no-serve", stdout=io.StringIO())
    sent = dict(Application.objects.values_list("company", "status"))
    assert sent["Nordlys Energy"] == "sent"
    assert sent["Lumen Health"] in {"opened", "engaged"}
    assert VisitorSession.objects.exclude(application="").filter(is_human=True).exists()
