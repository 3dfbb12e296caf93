"""Plausible's dimensions of hosts, from the event or the page to the answers of both Stats APIs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.visitors.builders import NOON
from tests.visitors.recording.builders import CHROME
from visitors.models import PageView, TokenScope
from visitors.recording import drain

from .builders import BROWSER, a_body, a_token, send

pytestmark = pytest.mark.django_db

BARE, WWW = "example.com", "www.example.com"


def at(host: str, name: str = "pageview", path: str = "/", **fields: Any) -> None:
    assert send(a_body(name, u=f"https://{host}{path}", d=BARE, **fields)).status_code == 202


@pytest.fixture
def visits(settings: Any, time_machine: Any) -> None:
    """A visit from one name of the site on to the other, where it signs up; and one of a single page."""
    settings.ALLOWED_HOSTS = [".example.com", "testserver"]
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    time_machine.move_to(NOON, tick=False)
    at(BARE)
    time_machine.move_to(NOON.replace(minute=1), tick=False)
    at(WWW)
    at(WWW, "engagement", e=4000)
    time_machine.move_to(NOON.replace(minute=2), tick=False)
    at(WWW, "Sign up", p={"plan": "pro"})
    Client(headers=BROWSER | {"User-Agent": f"{CHROME} other", "Accept": "text/html", "Host": f"{WWW}:443"}).get("/")
    time_machine.move_to(NOON.replace(hour=18), tick=False)
    drain()


def test_each_view_and_its_time_is_on_its_host(visits: None) -> None:
    found = PageView.objects.order_by("viewed_at", "id").values_list("host", "path", "engaged_ms")
    assert list(found) == [(BARE, "/", 0), (WWW, "/", 4000), (WWW, "/", 0)]


def asked(**body: Any) -> list[Any]:
    question = {"site_id": BARE, "metrics": ["visitors"], "date_range": "7d"} | body
    headers = {"Authorization": f"Bearer {a_token(TokenScope.READ)}"}
    answer = Client(headers=headers).post("/api/v2/query", question, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return [(*row["dimensions"], *row["metrics"]) for row in answer.json()["results"]]


@pytest.mark.usefixtures("visits")
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"dimensions": ["event:hostname"], "metrics": ["visitors", "pageviews", "events"]},
            [(WWW, 2, 2, 3), (BARE, 1, 1, 1)],
        ),
        (
            {
                "dimensions": ["event:hostname"],
                "metrics": ["visits", "bounce_rate", "visit_duration", "views_per_visit"],
            },
            [(WWW, 2, 100.0, 0, 1.0), (BARE, 1, 0.0, 120, 2.0)],
        ),
        (
            {"dimensions": ["event:page", "event:hostname"], "metrics": ["pageviews", "time_on_page"]},
            [("/", WWW, 2, 4), ("/", BARE, 1, 60)],
        ),
        ({"dimensions": ["time:day", "event:hostname"]}, [("2026-11-20", BARE, 1), ("2026-11-20", WWW, 2)]),
        ({"dimensions": ["visit:entry_page_hostname"], "metrics": ["visits"]}, [(BARE, 1), (WWW, 1)]),
        ({"dimensions": ["visit:exit_page_hostname"], "metrics": ["visits"]}, [(WWW, 2)]),
        (
            {
                "filters": [["is", "event:hostname", [BARE]]],
                "metrics": ["visits", "pageviews", "events", "bounce_rate"],
            },
            [(1, 1, 1, 0.0)],
        ),
        ({"filters": [["is", "visit:entry_page_hostname", [WWW]]], "metrics": ["visits", "pageviews"]}, [(1, 1)]),
        ({"filters": [["is_not", "visit:exit_page_hostname", [WWW]]], "metrics": ["visits"]}, [(0,)]),
        ({"filters": [["contains", "event:hostname", ["www."]]], "metrics": ["pageviews"]}, [(2,)]),
        ({"filters": [["has_not_done", ["is", "event:hostname", [BARE]]]], "metrics": ["visits"]}, [(1,)]),
        (
            {"dimensions": ["event:props:plan"], "filters": [["is", "event:hostname", [WWW]]], "metrics": ["events"]},
            [("pro", 1)],
        ),
        (
            {"filters": [["is", "event:hostname", [BARE]], ["is", "event:props:plan", ["pro"]]], "metrics": ["visits"]},
            [(0,)],
        ),
        (
            {
                "dimensions": ["event:props:plan", "event:hostname"],
                "filters": [["is", "event:page", ["/"]]],
                "metrics": ["events", "visitors"],
            },
            [("pro", WWW, 1, 1)],
        ),
    ],
)
def test_the_second_api_divides_and_filters_by_host(body: dict[str, Any], expected: list[Any]) -> None:
    assert asked(**body) == expected


@pytest.mark.usefixtures("visits")
def test_the_first_api_divides_and_filters_by_host() -> None:
    def results(name: str, **query: str) -> Any:
        headers = {"Authorization": f"Bearer {a_token(TokenScope.READ)}"}
        given = {"site_id": BARE, "period": "7d", **query}
        return Client(headers=headers).get(f"/api/v1/stats/{name}", given).json()["results"]

    assert results("breakdown", property="event:hostname", metrics="visitors,pageviews") == [
        {"hostname": WWW, "visitors": 2, "pageviews": 2},
        {"hostname": BARE, "visitors": 1, "pageviews": 1},
    ]
    assert results("breakdown", property="visit:exit_page_hostname", metrics="visits") == [
        {"exit_page_hostname": WWW, "visits": 2}
    ]
    assert results("aggregate", metrics="pageviews", filters=f"event:hostname=={BARE}") == {"pageviews": {"value": 1}}
    assert results("aggregate", metrics="visits", filters=f"visit:entry_page_hostname!={BARE}") == {
        "visits": {"value": 1}
    }
