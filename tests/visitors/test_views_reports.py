"""The faces of goals, funnels, journeys, lists and exports: questions, answers, files, costs."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
import tracemalloc
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.visitors.builders import a_session
from visitors.models import PageView, VisitorSession

pytestmark = pytest.mark.django_db

REPORTS = ("conversions", "funnels", "journeys", "retention", "sessions")
FILES = ("export-sessions", "export-page-views", "export-interactions")
OWN = {"steps": [{"page": "/a*"}, {"interaction": "download"}], "window_minutes": 30, "name": "Mine"}


def url(name):
    return reverse(f"visitors:{name}")


@pytest.fixture
def owner(settings):
    """Nothing is observed, so that only the reports' own queries are counted."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "VisitorMiddleware" not in each]
    client = Client()
    client.force_login(User.objects.create(username="owner", is_staff=True, is_superuser=True))
    return client


def body(answer):
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize("name", [*REPORTS, *FILES])
def test_only_the_owner_may_ask(name):
    assert Client().get(url(name)).status_code == 401
    guest = Client()
    guest.force_login(User.objects.create(username="guest"))
    assert guest.get(url(name)).status_code == 403


@pytest.mark.parametrize("name", REPORTS)
def test_an_answer_says_its_period_and_its_question(owner, name):
    answer = owner.get(url(name), {"period": "7d", "filter": ["source:is:X|Y", "has_not_done:act:is:download"]}).json()
    assert answer["period"]["days"] == 7
    assert answer["query"]["from"] == answer["period"]["from"]
    assert answer["query"]["filters"] == [
        ["is", "source", ["X", "Y"]],
        ["has_not_done", ["is", "act", ["download"]]],
    ]
    assert answer["definitions"]
    assert answer["compare"] is None


@pytest.mark.parametrize("name", [*REPORTS, *FILES])
@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"period": "soon"}, "period"),
        ({"from": "2026-11-31", "to": "2026-12-01"}, "from"),
        ({"days": "0"}, "days"),
        ({"filter": "source"}, "filter"),
        ({"filter": "sauce:is:x"}, "filter"),
        ({"unknown": "1"}, "unknown"),
    ],
)
def test_a_question_that_cannot_be_is_refused_by_name(owner, name, asked, parameter):
    answer = owner.get(url(name), asked)
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, parameter)


@pytest.mark.parametrize(
    ("name", "asked", "parameter"),
    [
        ("conversions", {"interval": "hour"}, "interval"),
        ("conversions", {"period": "all", "from": "2000-01-01"}, "from"),
        ("conversions", {"from": "2024-01-01", "to": "2026-01-01", "interval": "day"}, "interval"),
        ("conversions", {"compare": "then"}, "compare"),
        ("funnels", {"funnel": "None"}, "funnel"),
        ("funnels", {"step": "0"}, "step"),
        ("funnels", {"step": "6"}, "step"),
        ("funnels", {"step": "2", "outcome": "lost"}, "outcome"),
        ("funnels", {"outcome": "stopped"}, "outcome"),
        ("funnels", {"page_size": "5"}, "page_size"),
        ("funnels", {"step": "1", "cursor": "?"}, "cursor"),
        ("journeys", {"path": "projects"}, "path"),
        ("journeys", {"path": "/" + "x" * 2000}, "page"),
        ("journeys", {"length": "1"}, "length"),
        ("journeys", {"length": "11"}, "length"),
        ("sessions", {"page_size": "101"}, "page_size"),
        ("sessions", {"cursor": "MQ"}, "cursor"),
        ("sessions", {"page": "2"}, "page"),
        ("export-sessions", {"format": "xls"}, "format"),
    ],
)
def test_each_report_refuses_by_its_own_rules(owner, name, asked, parameter):
    answer = owner.get(url(name), asked)
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, parameter)


def test_goals_are_told_with_bounds_the_period_before_and_the_trend(owner, settings):
    settings.VISITORS = settings.VISITORS | {
        "GOALS": {"Call": {"page": "/call", "scroll": 50}, "Mail": {"interaction": "m"}}
    }
    now = timezone.now()
    for days, goals in ((0, ["Call"]), (0, []), (1, ["Call", "Old"]), (7, ["Mail"])):
        a_session(now - timedelta(days=days), converted_goals=goals)
    answer = owner.get(url("conversions"), {"period": "7d", "compare": "previous_period"}).json()
    assert (answer["sessions"], answer["sessions_before"], answer["any_goal"]["conversions"]) == (3, 1, 2)
    call, mail, old = answer["goals"]
    assert call == {
        "goal": "Call",
        "rule": {"page": "/call", "scroll": 50},
        "conversions": 2,
        "conversion_rate": 66.7,
        "interval": [20.8, 93.9],
        "conversions_before": 0,
        "conversion_rate_before": 0.0,
        "change": 66.7,
        "is_noise": True,
    }
    assert (mail["conversions"], mail["conversions_before"], mail["change"]) == (0, 1, -100.0)
    assert (old["goal"], old["rule"], old["conversions"]) == ("Old", {}, 1)
    assert len(answer["trend"]) == 7
    assert answer["trend"][-1]["goals"] == {"Call": 1, "Mail": 0, "Old": 0}
    assert (answer["trend"][-1]["is_partial"], answer["trend"][-2]["is_partial"]) == (True, False)
    assert [point["conversion_rate"] for point in answer["trend"]][-3:] == [None, 100.0, 50.0]


def test_without_comparison_nothing_is_said_of_before(owner):
    answer = owner.get(url("conversions"), {"period": "12mo"}).json()
    assert (answer["compare"], answer["sessions_before"], answer["any_goal"]["change"]) == (None, None, None)
    assert (answer["interval"], len(answer["trend"]) <= 13) == ("month", True)


def test_a_funnel_of_the_callers_own_is_read_from_the_body(owner):
    session = a_session(timezone.now(), pages=("/a1",), acts=("download",))
    a_session(timezone.now(), pages=("/a1",))
    answer = owner.post(
        f"{url('funnels')}?period=today&step=2", json.dumps(OWN), content_type="application/json"
    ).json()
    assert (answer["funnel"], answer["window_minutes"]) == ("Mine", 30)
    assert [(step["name"], step["sessions"]) for step in answer["steps"]] == [("/a*", 2), ("download", 1)]
    assert [row["session_id"] for row in answer["sessions"]["results"]] == [str(session.session_id)]


@pytest.mark.parametrize(
    ("sent", "parameter"),
    [
        ({}, "steps"),
        ({**OWN, "name": 7}, "name"),
        ({**OWN, "wide": 1}, "wide"),
        ({"steps": [{}] * 9}, "steps"),
    ],
)
def test_a_body_that_is_no_funnel_is_refused_by_name(owner, sent, parameter):
    answer = owner.post(url("funnels"), json.dumps(sent), content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, parameter)


def test_a_list_goes_on_by_its_cursor(owner):
    ids = [str(a_session(timezone.now() - timedelta(minutes=at)).session_id) for at in range(3)]
    first = owner.get(url("sessions"), {"page_size": "2"}).json()
    second = owner.get(url("sessions"), {"page_size": "2", "cursor": first["next"]}).json()
    assert [row["session_id"] for row in first["results"] + second["results"]] == ids
    assert second["next"] == ""


def test_retention_says_why_it_is_not_known(owner):
    answer = owner.get(url("retention")).json()
    assert (answer["available"], answer["cohorts"]) == (False, [])
    assert "one local day only" in answer["reason"]


@pytest.mark.parametrize("visits", [1, 15])
@pytest.mark.parametrize(
    ("name", "asked", "queries"),
    [
        ("conversions", {}, 4),
        ("conversions", {"compare": "previous_period"}, 8),
        ("funnels", {}, 4),
        ("funnels", {"step": "2"}, 9),
        ("journeys", {}, 3),
        ("journeys", {"path": "/"}, 3),
        ("sessions", {}, 2),
        ("retention", {}, 2),
        *((name, {}, 1) for name in FILES),
    ],
)
def test_an_answer_costs_the_same_queries_at_any_size(owner, name, asked, queries, visits):
    for _ in range(visits):
        a_session(
            timezone.now(), pages=("/", "/projects/a/"), acts=("download",), converted_goals=["Résumé downloaded"]
        )
    owner.get(url("sessions"))
    with CaptureQueriesContext(connection) as captured:
        answer = owner.get(url(name), asked)
        if answer.streaming:
            body(answer)
    login = [query for query in captured if "django_session" in query["sql"] or "auth_user" in query["sql"]]
    assert len(captured) - len(login) == queries


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_csv_or_one_object_a_line(owner, name):
    a_session(timezone.now(), acts=("download",), source="=cmd()")
    as_csv, as_json = owner.get(url(name)), owner.get(url(name), {"format": "ndjson"})
    assert as_csv["Content-Type"] == "text/csv; charset=utf-8"
    assert as_json["Content-Type"] == "application/x-ndjson"
    assert as_csv["Content-Disposition"] == f'attachment; filename="{name.removeprefix("export-")}.csv"'
    header, row = csv.reader(io.StringIO(body(as_csv)))
    (line,) = body(as_json).splitlines()
    assert list(json.loads(line)) == header
    assert json.loads(line)["visit"] == row[header.index("visit")]
    if "source" in header:
        assert row[header.index("source")] == "'=cmd()"


def test_a_file_is_compressed_while_it_is_sent(owner):
    for _ in range(30):
        a_session(timezone.now())
    plain = body(owner.get(url("export-sessions")))
    packed = owner.get(url("export-sessions"), headers={"Accept-Encoding": "gzip"})
    assert (packed["Content-Encoding"], packed.streaming) == ("gzip", True)
    assert gzip.decompress(b"".join(packed.streaming_content)).decode() == plain


@pytest.mark.django_db(transaction=True)
def test_a_file_under_asgi_is_sent_in_parts_too(owner):
    for _ in range(3):
        a_session(timezone.now())
    user = User.objects.get(username="owner")

    async def read():
        client = AsyncClient()
        await client.aforce_login(user)
        answer = await client.get(url("export-sessions"))
        assert answer.is_async
        return b"".join([part async for part in answer.streaming_content])

    assert len(asyncio.run(read()).splitlines()) == 4


def test_a_database_that_is_away_is_never_half_a_file(owner):
    def refuse(execute, sql, *rest):
        if "visitors_" in sql:
            raise OperationalError("connection refused")
        return execute(sql, *rest)

    owner.raise_request_exception = False
    with connection.execute_wrapper(refuse):
        assert [owner.get(url(name)).status_code for name in FILES] == [503] * 3


def a_crowd(count):
    """Visits of one page, as many as fast as can be."""
    pattern = a_session(timezone.now())
    view = PageView.objects.get(session_id=pattern.id)
    sessions, views = [], []
    for number in range(count):
        key = pattern.id + 100 + number
        sessions.append(VisitorSession(**{**vars_of(pattern), "id": key, "session_id": f"{key:032x}"}))
        views.append(
            PageView(**{**vars_of(view), "id": view.id + 100 + number, "session_id": key, "path": f"/{number % 7}"})
        )
    VisitorSession.objects.bulk_create(sessions, batch_size=500)
    PageView.objects.bulk_create(views, batch_size=500)


def vars_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize("name", ["export-sessions", "export-page-views", "funnels", "journeys"])
def test_memory_does_not_grow_with_the_visits(owner, name, monkeypatch):
    monkeypatch.setattr("visitors.querysets.CHUNK", 50)
    monkeypatch.setattr("visitors.spreadsheets.ROWS_AT_ONCE", 50)
    a_crowd(150)
    few = peak(owner, name)
    a_crowd(1500)
    assert peak(owner, name) < few * 1.2 + 100_000


def peak(owner, name):
    """Bytes; the second time, when everything is loaded."""
    for _ in range(2):
        tracemalloc.start()
        answer = owner.get(url(name))
        if answer.streaming:
            for part in answer.streaming_content:
                assert part
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most
