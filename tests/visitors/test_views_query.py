"""The faces of the query language: shapes, refusals, costs; any body is answered 200 or 400."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from tests.visitors.builders import NOON, a_session, an_interaction
from visitors import analytics_service as service
from visitors.reports.conditions import Operator
from visitors.reports.metrics import METRICS
from visitors.reports.periods import PERIODS, Comparison
from visitors.reports.query.language import QUERIED, TIMES
from visitors.reports.traits import TRAITS
from visitors.schema_query import BODY
from visitors.views import VisitorsView

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _unlimited(monkeypatch):
    """Examples come faster than callers may."""
    monkeypatch.setattr(VisitorsView, "throttle_classes", ())


@pytest.fixture(autouse=True)
def _one_o_clock():
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        yield


def url(name, *arguments):
    return reverse(f"visitors:{name}", args=arguments)


@pytest.fixture
def owner():
    client = APIClient()
    client.force_authenticate(User.objects.create(username="owner", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def visit():
    visit = a_session(NOON, pages=("/", "/cv/"), source="LinkedIn", converted_goals=["CV"])
    return an_interaction(visit, "download", details={"file": "cv.pdf"})


def ask(client, **body):
    return client.post(url("query"), body, format="json")


@pytest.mark.parametrize(
    ("body", "queries"),
    [
        ({"metrics": ["visitors"]}, 2),
        ({"metrics": ["visitors"], "dimensions": ["source"], "compare": "previous_period"}, 4),
        ({"metrics": ["visitors"], "filters": [["is", "device", ["desktop"]]]}, 2),
        ({"metrics": ["visitors", "page_views"], "dimensions": ["browser", "os"]}, 3),
    ],
)
@pytest.mark.usefixtures("visit")
def test_a_question_costs_so_many_queries_however_many_visits(owner, body, queries, django_assert_num_queries):
    for _ in range(2):
        ask(owner, period="7d", **body)
        with django_assert_num_queries(queries):
            assert ask(owner, period="7d", **body).status_code == 200
        for number in range(10):
            a_session(NOON, source=f"source {number}")


@pytest.mark.usefixtures("visit")
def test_a_question_is_answered_with_its_period_and_its_meaning(owner):
    answer = ask(
        owner,
        metrics=["visitors", "bounce_rate"],
        dimensions=["source"],
        filters=[["is", "device", ["desktop"], {"case_sensitive": False}]],
        period="today",
        compare="previous_period",
        include={"totals": True, "total_rows": True},
    ).json()
    assert set(answer) == {
        "period", "compare", "definitions", "query", "results", "totals", "total_rows", "time_labels",
    }  # fmt: skip
    assert answer["results"] == [
        {
            "dimensions": {"source": "LinkedIn"},
            "metrics": {"visitors": 1, "bounce_rate": 0.0},
            "intervals": {"bounce_rate": [0.0, 79.3]},
            "comparison": {
                "dimensions": {"source": "LinkedIn"},
                "metrics": {"visitors": 0, "bounce_rate": None},
                "change": {"visitors": None, "bounce_rate": None},
                "is_noise": {"visitors": True},
            },
        }
    ]
    assert (answer["total_rows"], answer["time_labels"]) == (1, None)
    today = service.clock().date()
    assert answer["query"] == {
        "metrics": ["visitors", "bounce_rate"],
        "dimensions": ["source"],
        "filters": [["is", "device", ["desktop"], {"case_sensitive": False}]],
        "from": today.isoformat(),
        "to": today.isoformat(),
        "compare": {"from": (today - timedelta(1)).isoformat(), "to": (today - timedelta(1)).isoformat()},
        "order": [["visitors", "desc"]],
        "limit": 100,
        "offset": 0,
    }


@pytest.mark.usefixtures("visit")
def test_a_resolved_question_is_a_question(owner):
    resolved = ask(owner, **BODY).json()["query"]
    compare = resolved.pop("compare")
    again = ask(owner, **resolved, compare="custom", compare_from=compare["from"], compare_to=compare["to"])
    assert again.status_code == 200
    assert again.json()["query"] == resolved | {"compare": compare}


@pytest.mark.usefixtures("visit")
def test_a_series_has_a_row_for_each_interval(owner):
    found = owner.get(url("timeseries"), {"metrics": "visitors,page_views", "interval": "day", "period": "7d"}).json()
    assert [row["metrics"]["page_views"] for row in found["results"]] == [0] * 6 + [2]
    assert found["totals"]["metrics"] == {"visitors": 1, "page_views": 2}
    compared = owner.get(url("timeseries"), {"period": "7d", "compare": "previous_period"}).json()
    assert all(row["comparison"] for row in compared["results"])


def test_a_breakdown_by_kind_of_bot_counts_bots(owner):
    a_session(is_bot=True, bot_kind="search")
    (row,) = owner.get(url("breakdown", "bot_kind")).json()["results"]
    assert (row["dimensions"], row["metrics"]) == ({"bot_kind": "search"}, {"bots": 1})


@pytest.mark.usefixtures("visit")
def test_a_breakdown_takes_filters_and_several_dimensions(owner):
    asked = {"metrics": "visitors", "filter": ["source:is:LinkedIn|Google", "has_done:act:is:download"]}
    found = owner.get(url("breakdown", "source,device"), asked).json()
    assert [row["dimensions"] for row in found["results"]] == [{"source": "LinkedIn", "device": "desktop"}]
    assert found["total_rows"] == 1
    assert owner.get(url("breakdown", "source"), {"filter": "source:is:Google"}).json()["results"] == []
    pages = owner.get(url("breakdown", "page"), {"order": "page", "limit": 1, "offset": 1}).json()
    assert [row["dimensions"] for row in pages["results"]] == [{"page": "/cv/"}]
    details = owner.get(url("breakdown", "detail:file")).json()
    assert [row["dimensions"] for row in details["results"]] == [{"detail:file": "cv.pdf"}]


@pytest.mark.parametrize("dimension", [*TRAITS, *TIMES])
@pytest.mark.usefixtures("visit")
def test_every_dimension_is_broken_down(owner, dimension):
    assert owner.get(url("breakdown", dimension), {"period": "today"}).status_code == 200


def test_what_can_be_asked_is_told(owner):
    found = owner.get(url("definitions")).json()
    assert [metric["name"] for metric in found["metrics"]] == list(METRICS)
    assert [metric["name"] for metric in found["metrics"] if metric["is_queried"]] == [
        name for name in METRICS if name in QUERIED
    ]
    assert {each["name"] for each in found["dimensions"]} == {*TIMES, *TRAITS, "detail:NAME"}
    assert [each["name"] for each in found["periods"]] == list(PERIODS)


def test_anybody_else_is_refused():
    for address in (url("timeseries"), url("breakdown", "source"), url("definitions")):
        assert APIClient().get(address).status_code == 401
    assert ask(APIClient(), metrics=["visitors"]).status_code == 401


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "`metrics` must be a list of 1 to 20 names, not 0."),
        ({"metrics": "visitors"}, "`metrics` must be a list, not 'visitors'."),
        ({"metrics": [1]}, "`metrics` must be a list of names, not [1]."),
        ({"metrics": ["visitors"], "metric": []}, "`body` must be an object of compare, compare_from,"),
        ({"metrics": ["visitors"], "period": 7}, "`period` must be a text, not 7."),
        ({"metrics": ["visitors"], "days": True}, "`days` must be a whole number, not True."),
        ({"metrics": ["visitors"], "days": 10**4000}, "`days` must be a whole number between 1 and 365, not"),
        ({"metrics": ["visitors"], "limit": 1.5}, "`limit` must be a whole number, not 1.5."),
        ({"metrics": ["visitors"], "include": {"all": True}}, "`include` must be an object of time_labels, total_rows"),
        ({"metrics": ["visitors"], "include": {"totals": 1}}, "`include` must be an object such as"),
        ({"metrics": ["visitors"], "order": [["visitors", "up"]]}, "`order` must be a list of pairs such as"),
        ({"metrics": ["visitors"], "filters": [["is", "source"]]}, "`filters` must be a list such as"),
        ({"metrics": ["visitors"], "filters": [["is", "source", []]]}, "`filters` must be given at least one value"),
        ({"metrics": ["visitors"], "filters": [["is", "source", [None]]]}, "`filters` must be given texts or whole"),
        ({"metrics": ["visitors"], "filters": [["is", "time:day", ["x"]]]}, "`filter` must be one of page, title"),
        ({"metrics": ["visitors"], "filters": [["is", "source", ["x"], {"a": 1}]]}, "`filters` must be given"),
        (
            {"metrics": ["visitors"], "filters": [["not", ["not", ["not", ["not", ["not", ["not", ["and", []]]]]]]]]},
            "`filters` must be at most 6 levels deep, not 'deeper'.",
        ),
    ],
)
def test_a_question_that_breaks_a_rule_is_answered_400(owner, body, message):
    answer = ask(owner, **body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(message)


@pytest.mark.parametrize(
    ("address", "parameters", "message"),
    [
        (url("timeseries"), {"interval": "second"}, "`interval` must be one of minute, hour, day, week, month"),
        (url("timeseries"), {"limit": "3"}, "`limit` must be left out: the parameters are"),
        (url("timeseries"), {"interval": "minute", "period": "7d"}, "`period` must be at most 2 days"),
        (url("breakdown", "colour"), {}, "`dimensions` must be names out of"),
        (url("breakdown", "source"), {"limit": "0"}, "`limit` must be between 1 and 10000, not 0."),
        (url("breakdown", "source"), {"order": "-colour"}, "`order` must be by names out of"),
        (url("definitions"), {"x": "1"}, "`x` must be left out: the parameters are none, not '1'."),
    ],
)
def test_an_address_that_breaks_a_rule_is_answered_400(owner, address, parameters, message):
    answer = owner.get(address, parameters)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(message)


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        (url("timeseries"), 2),
        (url("timeseries") + "?compare=previous_period", 4),
        (url("breakdown", "source"), 3),
        (url("breakdown", "page"), 4),
        (url("definitions"), 0),
    ],
)
@pytest.mark.usefixtures("visit")
def test_an_answer_costs_the_same_however_many_visits(owner, address, queries):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert owner.get(address).status_code == 200
        return sum("visitors_visitorsession" in each["sql"] or "visitors_pageview" in each["sql"] for each in asked)

    assert cost() == queries
    for number in range(5):
        a_session(NOON + timedelta(seconds=number), source=f"source {number}")
    assert cost() == queries


WORDS = st.sampled_from(
    [*QUERIED, *TRAITS, *TIMES, *PERIODS, *Comparison, *Operator, "detail:x", "2026-01-01", "x", ""]
)
LEAVES = st.one_of(
    WORDS,
    st.text(max_size=5),
    st.integers(),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=8,
)
DIMENSIONS = st.sampled_from([*TRAITS, *TIMES, "detail:x"])
TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
FILTER = st.tuples(
    st.sampled_from([*Operator]),
    st.sampled_from([*TRAITS, "detail:x"]),
    st.lists(TEXTS | st.just("7"), min_size=1, max_size=3),
).map(list)
FILTERS = st.recursive(
    FILTER,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)).map(list),
        st.tuples(st.sampled_from(["not", "has_done", "has_not_done"]), inner).map(list),
    ),
    max_leaves=4,
)
QUESTIONS = st.fixed_dictionaries(
    {"metrics": st.lists(st.sampled_from(QUERIED), min_size=1, max_size=4, unique=True)},
    optional={
        "dimensions": st.lists(DIMENSIONS, max_size=2, unique=True),
        "filters": st.lists(FILTERS, max_size=2),
        "period": st.sampled_from([*PERIODS]),
        "compare": st.sampled_from(["previous_period", "year_over_year"]),
        "order": st.lists(
            st.tuples(st.sampled_from(QUERIED) | DIMENSIONS, st.sampled_from(["asc", "desc"])), max_size=2
        ),
        "limit": st.integers(1, 20),
        "include": st.dictionaries(st.sampled_from(["totals", "total_rows", "time_labels"]), st.booleans()),
    },
)
BODIES = st.one_of(QUESTIONS, QUESTIONS, st.dictionaries(st.sampled_from([*BODY, "from", "to", "x"]), ANYTHING))
STEADY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@STEADY
@given(body=BODIES)
@pytest.mark.usefixtures("visit")
def test_any_json_is_answered_200_or_400(owner, body):
    answer = ask(owner, **json.loads(json.dumps(body)))
    assert answer.status_code in {200, 400}, answer.content
    if answer.status_code == 400:
        assert answer.json()["error"]["message"]


OLDER = (
    "analytics-sessions",
    "analytics-engagement",
    "analytics-behavior",
    "analytics-popular-pages",
    "bots",
    "recruiters",
)


@pytest.mark.parametrize("name", OLDER)
@pytest.mark.usefixtures("visit")
def test_an_older_report_takes_any_period_and_filter(owner, name):
    a_session(NOON, source="Google", is_recruiter=True)
    a_session(NOON - timedelta(days=400), source="LinkedIn")
    asked = {"period": "all", "filter": ["source:is:LinkedIn", "page:matches:/*"]}
    answer = owner.get(url(name), asked)
    assert answer.status_code == 200
    assert answer.json()["period"]["days"] == 401
    assert owner.get(url(name), {"days": "7", "period": "7d"}).status_code == 400
    assert owner.get(url(name), {"filter": "colour:is:red"}).status_code == 400


@pytest.mark.usefixtures("visit")
def test_an_older_report_counts_the_visits_that_fit(owner):
    a_session(NOON, source="Google", is_recruiter=True, pages=("/x/",))
    asked = {"period": "today", "filter": "source:is:LinkedIn"}
    statistics = owner.get(url("analytics-sessions"), asked).json()
    assert (statistics["totals"]["sessions"], [row["name"] for row in statistics["sources"]]) == (1, ["LinkedIn"])
    assert owner.get(url("analytics-engagement"), asked).json()["totals"]["sessions"] == 1
    pages = owner.get(url("analytics-popular-pages"), asked).json()["results"]
    assert {row["path"] for row in pages} == {"/", "/cv/"}
    ways = owner.get(url("analytics-behavior"), asked).json()["ways"]
    assert [(row["entry"], row["exit"]) for row in ways] == [("/", "/cv/")]
    assert owner.get(url("recruiters"), asked).json()["count"] == 0
    assert owner.get(url("recruiters"), {"filter": "source:is:Google"}).json()["count"] == 1


@pytest.mark.parametrize("name", ["analytics-sessions", "analytics-engagement"])
def test_an_older_report_is_compared_as_asked(owner, name):
    a_session(NOON - timedelta(days=365))
    asked = {"period": "today", "compare": "year_over_year"}
    assert owner.get(url(name), asked).json()["previous"]["sessions"] == 1
    assert owner.get(url(name), {"period": "today"}).json()["previous"]["sessions"] == 0
