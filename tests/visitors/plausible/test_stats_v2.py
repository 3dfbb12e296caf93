"""`POST /api/v2/query` answers in Plausible's words from the project's own figures."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from django.test import Client

from tests.visitors.builders import NOON, a_session
from visitors.models import TokenScope

from .builders import DOWNLOADED, a_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("visits")]


def asked(**body: Any) -> Any:
    question = {"site_id": "testserver", "metrics": ["visitors"], "date_range": "7d"} | body
    headers = {"Authorization": f"Bearer {a_token(TokenScope.READ)}"}
    given = {name: value for name, value in question.items() if value is not ...}
    return Client(headers=headers).post("/api/v2/query", given, content_type="application/json")


def rows(**body: Any) -> list[Any]:
    answer = asked(**body)
    assert answer.status_code == 200, answer.content
    return [(*row["dimensions"], *row["metrics"]) for row in answer.json()["results"]]


def test_the_figures_of_a_period() -> None:
    metrics = ["visitors", "visits", "pageviews", "events", "views_per_visit", "bounce_rate", "visit_duration"]
    assert rows(metrics=metrics) == [(3, 3, 6, 8, 2.0, 33.3, 50)]


@pytest.mark.parametrize(
    ("body", "queries"),
    [
        ({}, 3),
        ({"dimensions": ["visit:source"]}, 3),
        ({"dimensions": ["event:page"], "metrics": ["visitors", "pageviews"]}, 3),
        ({"filters": [["is", "visit:country", ["DE"]]]}, 3),
        ({"dimensions": ["visit:browser", "visit:os"], "metrics": ["visitors", "percentage"]}, 5),
    ],
)
def test_a_question_costs_so_many_queries_however_many_visits(
    body: dict[str, Any], queries: int, django_assert_num_queries: Any
) -> None:
    client = Client(headers={"Authorization": f"Bearer {a_token(TokenScope.READ)}"})
    given = {"site_id": "testserver", "metrics": ["visitors"], "date_range": "7d", **body}
    for _ in range(2):
        client.post("/api/v2/query", given, content_type="application/json")
        with django_assert_num_queries(queries):
            assert client.post("/api/v2/query", given, content_type="application/json").status_code == 200
        for _ in range(10):
            a_session(NOON)


def test_the_question_is_told_back_with_absolute_days() -> None:
    filters = [["is", "visit:country", ["DE"]]]
    answer = asked(dimensions=["visit:source"], filters=filters, include={"total_rows": True, "imports": True}).json()
    assert answer == {
        "results": [{"metrics": [2], "dimensions": ["Direct / None"]}],
        "meta": {"total_rows": 1, "imports_included": False, "imports_skip_reason": "no_imported_data"},
        "query": {
            "site_id": "testserver",
            "metrics": ["visitors"],
            "date_range": ["2026-11-14T00:00:00+00:00", "2026-11-20T23:59:59+00:00"],
            "dimensions": ["visit:source"],
            "filters": filters,
            "order_by": [["visitors", "desc"]],
            "include": {"total_rows": True, "imports": True},
            "pagination": {"limit": 10000, "offset": 0},
        },
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"dimensions": ["visit:source"]}, [("Direct / None", 2), ("LinkedIn", 1)]),
        ({"dimensions": ["visit:device"]}, [("Desktop", 2), ("Mobile", 1)]),
        ({"dimensions": ["visit:country_name"]}, [("Germany", 2), ("Poland", 1)]),
        (
            {"dimensions": ["visit:country", "visit:device"]},
            [("DE", "Desktop", 1), ("DE", "Mobile", 1), ("PL", "Desktop", 1)],
        ),
        ({"dimensions": ["visit:utm_source"]}, []),
        ({"dimensions": ["event:props:plan"]}, [("(none)", 1), ("pro", 1)]),
        ({"dimensions": ["event:props:plan"], "metrics": ["events"]}, [("(none)", 1), ("pro", 1)]),
        ({"dimensions": ["visit:source"], "metrics": ["percentage"]}, [("Direct / None", 66.7), ("LinkedIn", 33.3)]),
        ({"dimensions": ["time:day"]}, [("2026-11-19", 1), ("2026-11-20", 2)]),
        ({"dimensions": ["time"]}, [("2026-11-19", 1), ("2026-11-20", 2)]),
        ({"dimensions": ["time:hour"], "date_range": "day"}, [("2026-11-20 12:00:00", 1), ("2026-11-20 13:00:00", 1)]),
        ({"dimensions": ["time:month"], "date_range": "12mo"}, [("2026-11-01", 3)]),
        ({"date_range": ["2026-11-19", "2026-11-19"]}, [(1,)]),
        ({"date_range": ["2026-10-01", "2026-10-02"]}, [(0,)]),
        ({"date_range": ["2026-11-20T12:00:00+00:00", "2026-11-20T12:59:59+00:00"]}, [(1,)]),
        ({"date_range": ["2026-11-20T14:30:00+02:00", "2026-11-20T23:00:00+02:00"]}, [(1,)]),
        ({"date_range": ["2026-11-19T12:00:00", "2026-11-20T12:00:00Z"]}, [(2,)]),
        ({"date_range": ["2026-11-19T13:00:00Z", "2026-11-21T12:00:00Z"], "dimensions": ["time"]}, [("2026-11-20", 2)]),
        (
            {"dimensions": ["visit:source"], "order_by": [["visit:source", "desc"]]},
            [("LinkedIn", 1), ("Direct / None", 2)],
        ),
        ({"dimensions": ["visit:source"], "pagination": {"limit": 1, "offset": 1}}, [("LinkedIn", 1)]),
        (
            {
                "dimensions": ["event:page"],
                "metrics": ["pageviews", "time_on_page", "scroll_depth"],
                "filters": [["is", "event:page", ["/resume/"]]],
            },
            [("/resume/", 1, 20, 80.0)],
        ),
        ({"metrics": ["conversion_rate"], "filters": [["is", "event:goal", [DOWNLOADED]]]}, [(33.3,)]),
        ({"dimensions": ["event:goal"], "metrics": ["visitors", "conversion_rate"]}, [(DOWNLOADED, 1, 33.3)]),
        (
            {
                "dimensions": ["visit:country"],
                "metrics": ["visitors", "conversion_rate", "group_conversion_rate"],
                "filters": [["is", "event:goal", [DOWNLOADED]]],
            },
            [("PL", 1, 33.3, 100.0)],
        ),
        (
            {
                "dimensions": ["time:day"],
                "metrics": ["conversion_rate"],
                "filters": [["is", "event:goal", [DOWNLOADED]]],
            },
            [("2026-11-19", 100.0)],
        ),
        (
            {"dimensions": ["visit:source"], "metrics": ["events"]},
            [("Direct / None", 4), ("LinkedIn", 4)],
        ),
        (
            {
                "dimensions": ["visit:source"],
                "metrics": ["events", "visits"],
                "order_by": [["events", "asc"], ["visits", "desc"]],
                "pagination": {"limit": 1},
            },
            [("Direct / None", 4, 2)],
        ),
        ({"filters": [["has_not_done", ["is", "event:goal", [DOWNLOADED]]]]}, [(2,)]),
    ],
)
def test_a_question_is_answered(body: dict[str, Any], expected: list[Any]) -> None:
    assert rows(**body) == expected


@pytest.mark.parametrize(
    "date_range", ["7d", "24h", "month", ["2026-11-19", "2026-11-20"], ["2026-11-20T12:30:00Z", "2026-11-20T14:00:00Z"]]
)
def test_the_answered_range_can_be_asked_again(date_range: Any) -> None:
    first = asked(date_range=date_range).json()
    again = asked(date_range=first["query"]["date_range"]).json()
    assert (again["results"], again["query"]) == (first["results"], first["query"])


NOT_HOME = ["is_not", "event:page", ["/"]]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([NOT_HOME], (2, 2, 3, 0.0)),
        ([["not", ["is", "event:page", ["/"]]]], (2, 2, 3, 0.0)),
        ([NOT_HOME, ["contains", "event:page", ["o"]]], (2, 2, 2, 0.0)),
        ([["is", "event:page", ["/projects/"]], ["is", "event:page", ["/resume/"]]], (0, 0, 0, None)),
        ([["has_done", ["is", "event:page", ["/projects/"]]], ["is", "event:page", ["/resume/"]]], (1, 1, 1, 0.0)),
        ([["has_not_done", ["is", "event:page", ["/projects/"]]]], (2, 2, 3, 50.0)),
        ([["or", [NOT_HOME, ["is", "event:page", ["/"]]]]], (3, 3, 6, 33.3)),
        ([["is_not", "event:props:plan", ["pro"]]], (1, 1, 3, 0.0)),
        ([["is_not", "event:props:plan", ["pro"]], ["is", "event:page", ["/about/"]]], (0, 0, 0, None)),
    ],
)
def test_what_is_asked_of_pages_and_properties_is_asked_of_one_event(filters: list[Any], expected: Any) -> None:
    assert rows(metrics=["visitors", "visits", "pageviews", "bounce_rate"], filters=filters) == [expected]


def test_pages_that_are_not_asked_for_are_no_rows() -> None:
    found = rows(metrics=["visitors"], dimensions=["event:page"], filters=[NOT_HOME])
    assert found == [("/about/", 1), ("/projects/", 1), ("/resume/", 1)]


def test_time_labels_name_every_bucket_and_rows_only_those_with_visits() -> None:
    answer = asked(dimensions=["time:day"], include={"time_labels": True}).json()
    assert len(answer["results"]) == 2
    assert answer["meta"]["time_labels"] == [f"2026-11-{day}" for day in range(14, 21)]


REFUSED = [
    ({"site_id": ...}, "`site_id` must be given"),
    ({"site_id": "elsewhere.example"}, "`site_id` must be a host of this site"),
    ({"site_id": 7}, "`site_id` must be a host of this site"),
    ({"metrics": ...}, "`metrics` must be given"),
    ({"metrics": []}, "`metrics` must be a list of 1 to 20 names"),
    ({"metrics": "visitors"}, "`metrics` must be a list of names"),
    ({"metrics": ["visitors", "visitors"]}, "`metrics` must be different names"),
    ({"metrics": ["hits"]}, "`metrics` must be names out of visitors, visits"),
    ({"metrics": ["scroll_depth"]}, "`metrics` must be without scroll_depth unless event:page"),
    ({"metrics": ["time_on_page"]}, "`metrics` must be without time_on_page unless event:page"),
    ({"metrics": ["percentage"]}, "`metrics` must be without percentage unless there are dimensions"),
    ({"metrics": ["conversion_rate"]}, "`metrics` must be without conversion_rate unless event:goal"),
    (
        {"metrics": ["group_conversion_rate"], "filters": [["is", "event:goal", [DOWNLOADED]]]},
        "`metrics` must be without group_conversion_rate unless there are dimensions",
    ),
    (
        {"metrics": ["bounce_rate"], "dimensions": ["event:goal"]},
        "`metrics` must be of events when event:goal is a dimension",
    ),
    ({"date_range": ...}, "`date_range` must be given"),
    ({"date_range": "7 days"}, "`date_range` must be one of day, 24h"),
    ({"date_range": ["2026-11-20", "2026-11-01"]}, "`date_range.1` must be a day on or after"),
    (
        {"date_range": ["2026-11-01T10:00:00Z", "2026-11-20"]},
        "`date_range.1` must be a day such as",
    ),
    ({"date_range": ["2026-11-01T25:00:00Z", "2026-11-20T10:00:00Z"]}, "`date_range.0` must be a day such as"),
    ({"date_range": ["0001-01-01T00:00:00+14:00", "2026-11-20T10:00:00Z"]}, "`date_range.0` must be a day such as"),
    ({"date_range": ["2026-11-20T10:00:00Z", "2026-11-20T09:00:00Z"]}, "`date_range.1` must be a moment at or after"),
    ({"metrics": ["time_on_page"], "dimensions": ["event:hostname"]}, "`metrics` must be without time_on_page unless"),
    ({"dimensions": ["event:hostname", "visit:browser"]}, "`dimensions` must be those that a page view carries"),
    ({"dimensions": ["event:hostname", "event:goal"]}, "`dimensions` must be those that a page view carries"),
    ({"dimensions": ["visit:planet"]}, "`dimensions` must be of dimensions out of"),
    ({"dimensions": ["visit:country", "visit:country_name"]}, "`dimensions` must be different dimensions"),
    ({"dimensions": ["time:day", "time:hour"]}, "`dimensions` must be with one time at most"),
    ({"filters": [["is", "time:day", ["x"]]]}, "`filters` must be of anything but time"),
    ({"order_by": [["pageviews", "desc"]]}, "`order_by` must be by visitors"),
    ({"order_by": [["visitors", "down"]]}, "`order_by` must be a list of pairs"),
    ({"include": {"time_labels": True}}, "`include.time_labels` must be left out without a time dimension"),
    ({"include": {"imports": 1}}, "`include.imports` must be true or false"),
    ({"include": {"comparisons": {}}}, "`comparisons` must be left out: the keys of include are"),
    ({"pagination": {"limit": 10_001}}, "`pagination.limit` must be a whole number between 1 and 10000"),
    ({"pagination": []}, "`pagination` must be an object"),
    ({"timezone": "UTC"}, "`timezone` must be left out: the keys of the body are site_id"),
]


@pytest.mark.parametrize(("body", "message"), REFUSED)
def test_a_question_that_breaks_a_rule_is_answered_with_it(body: dict[str, Any], message: str) -> None:
    answer = asked(**body)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert answer.json()["error"].startswith(message)


def test_the_schema_is_public_and_draws_the_same_line() -> None:
    answer = Client().get("/api/docs/query/schema.json")
    assert answer.headers["Content-Type"] == "application/json"
    schema = answer.json()
    jsonschema.Draft7Validator.check_schema(schema)
    known = jsonschema.Draft7Validator(schema)
    good = {
        "site_id": "example.com",
        "metrics": ["visitors", "bounce_rate"],
        "date_range": ["2026-01-01", "2026-01-31"],
        "dimensions": ["time:day", "event:props:plan"],
        "filters": [
            [
                "and",
                [
                    ["is", "visit:os", ["Linux"], {"case_sensitive": False}],
                    ["not", ["has_done", ["is", "event:page", ["/"]]]],
                ],
            ]
        ],
        "order_by": [["visitors", "desc"]],
        "include": {"total_rows": True},
        "pagination": {"limit": 5},
    }
    known.validate(good)
    assert known.is_valid(good | {"date_range": "24h"})
    assert known.is_valid(good | {"date_range": ["2026-01-01T12:00:00+02:00", "2026-01-02T12:00:00Z"]})
    for fault in (
        {"timezone": "UTC"},
        {"metrics": ["hits"]},
        {"metrics": []},
        {"date_range": "2 days"},
        {"dimensions": ["visit:planet"]},
        {"filters": [["is", "time:day", ["x"]]]},
        {"filters": [["is", "visit:os", []]]},
        {"order_by": [["visitors"]]},
        {"pagination": {"limit": 0}},
        {"include": {"comparisons": True}},
    ):
        assert not known.is_valid(good | fault), fault


@pytest.mark.parametrize(
    ("scope", "status"), [(None, 401), ("wrong", 401), ("events", 403), ("read", 200), ("admin", 200)]
)
def test_who_may_ask(scope: str | None, status: int) -> None:
    token = a_token(TokenScope(scope)) if scope in set(TokenScope) else scope
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"site_id": "testserver", "metrics": ["visitors"], "date_range": "7d"}
    answer = Client(headers=headers).post("/api/v2/query", body, content_type="application/json")
    assert (answer.status_code, "error" in answer.json()) == (status, status != 200)
    assert answer.headers["Cache-Control"] == "no-store"
