"""An unchanged question costs nothing, a changed one is never answered with an old answer, and no answer is shared."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.visitors.builders import a_session
from visitors import analytics_service, marks
from visitors.models import VisitorSession
from visitors.recording import apply_label

pytestmark = pytest.mark.django_db

KEPT = (
    *("analytics-sessions", "analytics-engagement", "analytics-behavior", "analytics-popular-pages", "bots"),
    *("recruiters", "conversions", "funnels", "journeys", "retention", "sessions"),
)


def url(name, *arguments):
    return reverse(f"visitors:{name}", args=arguments)


@pytest.fixture(autouse=True)
def _keeping(settings, monkeypatch):
    """Answers are kept, nothing is observed, and the clock stands still in the middle of the next minute."""
    settings.VISITORS = settings.VISITORS | {"REPORT_CACHE": "default"}
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "VisitorMiddleware" not in each]
    clock = Clock(timezone.now().replace(second=30, microsecond=0) + timedelta(minutes=1))
    monkeypatch.setattr(analytics_service, "clock", clock)
    return clock


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self, now=None):
        return timezone.localtime(now or self.now, UTC)


def client_of(name, **flags):
    client = Client()
    user, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True, "is_superuser": True} | flags)
    client.force_login(user)
    return client


@pytest.fixture
def owner():
    return client_of("owner")


def asked(client, name, query="", **headers):
    """The answer and the tables that it read, but for the login's."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url(name) + query, headers=headers)
    tables = [query["sql"] for query in captured if '"visitors_' in query["sql"]]
    return answer, len(tables)


@pytest.mark.parametrize("name", KEPT)
def test_the_second_answer_is_the_first_one_without_asking_the_facts(owner, name):
    a_session(timezone.now(), acts=("download",))
    first, costs = asked(owner, name)
    second, costs_again = asked(owner, name)
    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.json(), first["ETag"], first["Content-Type"]) == (
        second.json(),
        second["ETag"],
        second["Content-Type"],
    )
    assert costs_again == 1 < costs


@pytest.mark.parametrize("name", KEPT)
def test_who_holds_the_answer_is_told_that_nothing_changed(owner, name):
    first, _ = asked(owner, name)
    for held in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        again, costs = asked(owner, name, **{"If-None-Match": held})
        assert (again.status_code, again.content, again["ETag"], costs) == (304, b"", first["ETag"], 1)
        assert again["Cache-Control"] == "no-store"
    assert asked(owner, name, **{"If-None-Match": '"other"'})[0].status_code == 200


def test_each_question_has_an_answer_of_its_own(owner):
    a_session(timezone.now(), source="X")
    a_session(timezone.now() - timedelta(days=3), source="Y")
    questions = [(name, query) for name in KEPT for query in ("?days=1", "?days=7")]
    questions += [("sessions", "?days=7&filter=source:is:X"), ("sessions", "?days=7&page_size=1")]
    first = {question: asked(owner, *question)[0].json() for question in questions}
    again = {question: asked(owner, *question)[0].json() for question in questions}
    assert first == again
    assert len({str(answer) for answer in first.values()}) == len(questions)


def test_a_visit_that_is_stored_makes_a_new_answer(owner):
    first, _ = asked(owner, "sessions")
    a_session(timezone.now())
    marks.mark_write()
    second, _ = asked(owner, "sessions", **{"If-None-Match": first["ETag"]})
    assert (second.status_code, len(second.json()["results"])) == (200, 1)


def test_a_label_makes_a_new_answer(owner):
    session = a_session(timezone.now())
    assert len(asked(owner, "sessions")[0].json()["results"]) == 1
    apply_label(VisitorSession.objects.get(pk=session.pk), "bot")
    assert asked(owner, "sessions")[0].json()["results"] == []


def test_an_answer_is_kept_for_its_minute_alone(owner, _keeping):
    first, _ = asked(owner, "sessions")
    a_session(timezone.now())  # by hand, without a mark
    _keeping.now += timedelta(seconds=29)
    assert asked(owner, "sessions")[0]["ETag"] == first["ETag"]
    _keeping.now += timedelta(seconds=1)
    assert len(asked(owner, "sessions")[0].json()["results"]) == 1


def test_the_next_minute_brings_no_body_when_nothing_changed(owner, _keeping):
    first, _ = asked(owner, "sessions")
    _keeping.now += timedelta(minutes=1)
    again, _ = asked(owner, "sessions", **{"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_no_account_is_given_the_answer_of_another(owner):
    asked(owner, "sessions")
    other, costs = asked(client_of("other"), "sessions")
    assert (other.status_code, costs > 1) == (200, True)


def test_who_lost_the_right_is_refused_whatever_is_kept():
    reader = client_of("reader", is_superuser=False)
    user = User.objects.get(username="reader")
    user.user_permissions.add(Permission.objects.get(codename="view_visitorsession"))
    first, _ = asked(reader, "sessions")
    user.user_permissions.clear()
    again, _ = asked(reader, "sessions", **{"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 403)
    assert Client().get(url("sessions"), headers={"If-None-Match": first["ETag"]}).status_code == 401


def test_an_error_is_not_kept(owner):
    assert asked(owner, "funnels", "?funnel=None")[0].status_code == 400
    assert "ETag" not in asked(owner, "funnels", "?funnel=None")[0]
    session = a_session(timezone.now())
    missing = url("analytics-session", "01934567-89ab-7000-a000-000000000003")
    assert owner.get(missing).status_code == 404
    VisitorSession.objects.filter(pk=session.pk).update(session_id="01934567-89ab-7000-a000-000000000003")
    assert owner.get(missing).status_code == 200


def test_real_time_is_made_anew(owner):
    asked(owner, "analytics-real-time")
    a_session(timezone.now())
    answer, costs = asked(owner, "analytics-real-time")
    assert (costs > 1, "ETag" in answer) == (True, False)


def test_a_cache_that_is_away_costs_the_answer_nothing(owner, monkeypatch):
    monkeypatch.setattr(type(cache._connections["default"]), "get", lambda *_, **__: None)
    monkeypatch.setattr(type(cache._connections["default"]), "set", lambda *_, **__: None)
    first, costs = asked(owner, "sessions")
    assert asked(owner, "sessions", **{"If-None-Match": first["ETag"]})[0].status_code == 304
    assert costs > 1


def test_without_a_cache_the_tag_still_saves_the_body(owner, settings):
    settings.VISITORS = settings.VISITORS | {"REPORT_CACHE": ""}
    first, _ = asked(owner, "sessions")
    again, costs = asked(owner, "sessions", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, costs) == (304, 2)


def test_answers_vary_by_who_asks_and_are_compressed_when_asked(owner):
    for number in range(5):
        a_session(timezone.now(), source=f"Source {number}")
    plain, _ = asked(owner, "sessions")
    packed, _ = asked(owner, "sessions", **{"Accept-Encoding": "gzip"})
    held, _ = asked(owner, "sessions", **{"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})
    for answer in (plain, packed, held):
        assert {"Authorization", "Cookie", "Accept-Encoding"} <= {name.strip() for name in answer["Vary"].split(",")}
        assert answer["Cache-Control"] == "no-store"
    assert "Accept-Encoding" in packed["Vary"]
    assert (packed["Content-Encoding"], packed["ETag"]) == ("gzip", f"W/{plain['ETag']}")
    assert (len(packed.content) < len(plain.content), held.status_code) == (True, 304)


def test_each_change_has_a_mark_of_its_own():
    found = [marks.last_write()]
    for _ in range(3):
        marks.mark_write()
        found.append(marks.last_write())
    assert found[0] == ""
    assert len(set(found)) == 4
