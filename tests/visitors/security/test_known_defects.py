"""Doors that comparable systems left open, each tried on the whole site; numbered as in the list of known defects."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from api import health
from tests.visitors.builders import a_session, a_token
from visitors import analytics_service
from visitors.models import PageView, Share, VisitorInteraction, VisitorSession

from .matrix import all_patterns, make_site, route_of
from .test_matrix import OPEN

pytestmark = pytest.mark.django_db

ADDRESS = "203.0.113.77"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PAGE_HEADERS = {"User-Agent": FIREFOX, "Accept": "text/html", "Accept-Language": "en-GB"}
FACTS = (VisitorSession, PageView, VisitorInteraction, Share)


def reports() -> list[str]:
    """Addresses of the API that answer the owner alone, with something that exists in them."""
    names = make_site()
    return [
        route_of(pattern, names).path
        for pattern in all_patterns()
        if pattern.startswith(("/api/visitors/", "/api/v1/", "/api/v2/")) and pattern not in OPEN
    ]


@pytest.fixture
def owner() -> APIClient:
    user = User.objects.create(username="owner", is_staff=True, is_superuser=True)
    return APIClient(headers={"Authorization": f"Bearer {a_token(user)}"})


def visit(client: Client, path: str = "/") -> Any:
    return client.get(path, headers=PAGE_HEADERS, REMOTE_ADDR=ADDRESS)


def stored() -> str:
    return "".join(str(list(model.objects.values())) for model in FACTS)  # type: ignore[attr-defined]


def test_known_defect_02_no_report_answers_a_stranger() -> None:
    addresses = reports()
    assert {path: Client().get(path).status_code for path in addresses} == dict.fromkeys(addresses, 401)


def test_known_defect_02_no_report_holds_an_address(owner: APIClient) -> None:
    addresses = reports()
    visit(Client())
    answers = [owner.get(path) for path in addresses]
    text = "".join(b"".join(answer).decode() for answer in answers)
    assert "/" in text
    assert ADDRESS not in text + stored()


def test_known_defect_03_a_login_is_in_no_row_and_in_no_answer(owner: APIClient) -> None:
    addresses = reports()
    browser = Client()
    browser.force_login(User.objects.create(username="somebody"))
    visit(browser)
    key = browser.cookies[site_settings.SESSION_COOKIE_NAME].value
    text = stored() + "".join(b"".join(owner.get(path)).decode() for path in addresses)
    assert VisitorSession.objects.count() == 2
    assert key not in text


def test_known_defect_04_no_stranger_empties_the_cache_or_logs_anybody_out() -> None:
    names = make_site()
    Client().force_login(User.objects.create(username="somebody"))
    cache.set("kept", "yes")
    logins = Session.objects.count()
    for pattern in all_patterns():
        for method in ("POST", "DELETE", "PUT"):
            Client(raise_request_exception=False).generic(method, route_of(pattern, names).path)
    assert (cache.get("kept"), Session.objects.count()) == ("yes", logins)


def test_known_defect_07_staff_that_may_look_wipes_nothing_by_admin_actions() -> None:
    make_site()
    reader = User.objects.create(username="reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(reader)
    models = [model for model in admin.site._registry if model._meta.app_label in {"visitors", "portfolio"}]
    before = {model: list(model._default_manager.values()) for model in models}
    for model in models:
        chosen = list(model._default_manager.values_list("pk", flat=True))
        actions = {getattr(action, "__name__", str(action)) for action in admin.site._registry[model].actions or ()}
        for action in (actions | {"delete_selected"}) - {"export_csv"}:
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            client.post(address, {"action": action, "_selected_action": chosen, "post": "yes"})
    assert len(models) > 5
    assert {model: list(model._default_manager.values()) for model in models} == before


def test_known_defect_08_nobody_is_told_what_he_is_taken_for() -> None:
    browser = Client(headers=PAGE_HEADERS)
    visit(browser)
    VisitorSession.objects.update(is_recruiter=True, recruiter_score=99, label="recruiter", bot_reason="suspect")
    for path in ("/api/visitors/session/current/", "/api/visitors/me/"):
        text = browser.get(path, REMOTE_ADDR=ADDRESS).content.decode().lower()
        assert not [word for word in ("recruiter", "score", "bot", "suspect", "label") if word in text]


def test_known_defect_09_readiness_tells_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise OperationalError("could not connect to db.internal as portfolio")

    monkeypatch.setattr(health.connection, "cursor", fail)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert "internal" not in answer.content.decode()


def test_known_defect_14_a_loop_without_cookies_makes_one_visit_and_sets_none() -> None:
    make_site()
    before = VisitorSession.objects.count()
    answers = [visit(Client()) for _ in range(20)]
    assert VisitorSession.objects.count() == before + 1
    assert [dict(answer.cookies) for answer in answers] == [{}] * 20


def test_known_defect_14_a_loop_that_throws_cookies_away_makes_no_login_rows() -> None:
    make_site()
    for _ in range(5):
        visit(Client(), "/contact/")
    assert Session.objects.count() == 0


@pytest.mark.usefixtures("site")
def test_known_defect_29_each_visitor_reads_the_analysis_of_his_own_job() -> None:
    def analysed(text: str) -> dict[str, Any]:
        answer: dict[str, Any] = (
            APIClient().post("/api/job-analysis/", {"job_requirements": text}, format="json").json()
        )
        return answer

    python, java = analysed("We need Python and Django."), analysed("We need Java and Kubernetes.")
    told = [json.dumps(each["matched_skills"] + each["missing_skills"]) for each in (python, java)]
    assert [("Django" in text, "Kubernetes" in text) for text in told] == [(True, False), (False, True)]
    assert "We need" not in Client().get("/job-analysis/").content.decode()


@pytest.mark.usefixtures("site")
def test_known_defect_29_no_visitor_reads_the_visit_or_the_chat_of_another() -> None:
    one = Client(headers=PAGE_HEADERS)
    visit(one, "/about/")
    one.post("/chat/", {"question": "A secret question?"}, REMOTE_ADDR=ADDRESS)
    other = Client(headers=PAGE_HEADERS | {"User-Agent": FIREFOX.replace("145", "146")})
    read = [
        other.get(path, REMOTE_ADDR=ADDRESS).content.decode()
        for path in ("/chat/", "/api/visitors/session/current/", "/api/visitors/me/", "/privacy/")
    ]
    assert "A secret question?" in one.get("/chat/", REMOTE_ADDR=ADDRESS).content.decode()
    assert not [text for text in read if "A secret question?" in text]
    session = str(VisitorSession.objects.filter(entry_path="/about/").values_list("session_id", flat=True).get())
    assert not [text for text in read if session in text]


def test_known_defect_32_logins_are_not_in_a_cache_that_forgets() -> None:
    assert site_settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"


def test_known_defect_32_a_fault_of_ours_reaches_the_monitoring_and_tells_the_client_nothing(
    owner: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> Any:
        raise LookupError("the secret of the house")

    heard: list[Any] = []

    def hear(**told: Any) -> None:
        heard.append(told)

    monkeypatch.setattr(analytics_service, "bots", fail)
    got_request_exception.connect(hear)
    try:
        owner.raise_request_exception = False
        answer = owner.get("/api/visitors/bots/")
    finally:
        got_request_exception.disconnect(hear)
    assert (answer.status_code, len(heard)) == (500, 1)
    assert "secret" not in answer.content.decode()


def test_a_session_of_somebody_else_is_found_by_no_id(client: Client) -> None:
    session = a_session()
    answer = client.get(f"/api/visitors/analytics/sessions/{session.session_id}/")
    assert (answer.status_code, str(session.session_id) in answer.content.decode()) == (401, False)
