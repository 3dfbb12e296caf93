"""Sums outlive visits: no figure of an answer is set against another one of days whose visits are gone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from tests.visitors.builders import NOON, a_session
from visitors import analytics_service as service
from visitors.exceptions import InvalidParameter
from visitors.reports.kept import as_kept, kept_whole
from visitors.reports.periods import Period
from visitors.reports.scope import Scope
from visitors.reports.visits import VisitOrder, Visits

pytestmark = pytest.mark.django_db

DAYS = 8
KEPT = 4  # today and the three days before
FIRST_KEPT = (NOON - timedelta(days=KEPT - 1)).date()


@pytest.fixture(autouse=True)
def _pruned(settings: Any, time_machine: TimeMachineFixture) -> None:
    """A visit a day, half of which are kept as sums alone."""
    settings.VISITORS = {**settings.VISITORS, "RETENTION_EVENT_DAYS": KEPT, "REPORT_CACHE": ""}
    time_machine.move_to(NOON + timedelta(hours=1), tick=False)
    for ago in range(DAYS):
        pages = ("/", "/cv/") if ago % 2 else ("/",)
        a_session(NOON - timedelta(days=ago), visitor_id=ago + 1, pages=pages, device_type="desktop", browser="Firefox")
    call_command("prune_visitors", verbosity=0)


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("owner"))
    return client


def ask(owner: Client, name: str, *arguments: str, **parameters: Any) -> Any:
    answer = owner.get(reverse(f"visitors:{name}", args=arguments), {"period": "30d", **parameters})
    assert answer.status_code == 200, answer.content
    return answer.json()


def query(owner: Client, **body: Any) -> Any:
    question = {"period": "30d", **body}
    answer = owner.post(reverse("visitors:query"), question, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_sums_of_days_answer_for_all_of_them(owner: Client) -> None:
    found = query(owner, metrics=["sessions"])
    assert (found["results"][0]["metrics"]["sessions"], found["period"]["asked_from"]) == (DAYS, None)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"metrics": ["sessions", "percentage"], "dimensions": ["browser", "os"]}, {"browser": "Firefox"}),
        ({"metrics": ["sessions"], "filters": [["is", "device", ["desktop"]]]}, {}),
        ({"metrics": ["sessions", "page_views"], "dimensions": ["page"]}, {"page": "/"}),
    ],
)
def test_what_needs_single_visits_is_asked_of_the_days_that_have_them(owner: Client, body: Any, key: Any) -> None:
    found = query(owner, **body, include={"totals": True})
    (row,) = (row for row in found["results"] if key.items() <= row["dimensions"].items())
    assert row["metrics"]["sessions"] == found["totals"]["metrics"]["sessions"] == KEPT
    assert row["metrics"].get("percentage", 100) == 100
    assert found["period"]["from"] == found["query"]["from"] == FIRST_KEPT.isoformat()
    assert found["period"]["asked_from"] == (NOON - timedelta(days=29)).date().isoformat()


@pytest.mark.parametrize("name", ["conversions", "analytics-sessions", "analytics-engagement"])
def test_a_filter_reaches_as_far_as_visits_do(owner: Client, name: str) -> None:
    period = ask(owner, name, filter="device:is:desktop")["period"]
    assert (period["from"], period["days"]) == (FIRST_KEPT.isoformat(), KEPT)


@pytest.mark.parametrize("name", ["journeys", "retention", "sessions"])
def test_reports_that_read_visits_say_from_when(owner: Client, name: str) -> None:
    period = ask(owner, name)["period"]
    assert (period["from"], period["asked_from"] is not None) == (FIRST_KEPT.isoformat(), True)


def test_a_funnel_of_the_settings_has_its_sums_and_an_own_one_has_not(owner: Client, settings: Any) -> None:
    steps = {"steps": [{}, {"page": "/cv/"}]}
    asked = owner.post(reverse("visitors:funnels") + "?period=30d", steps, content_type="application/json").json()
    assert (asked["steps"][0]["sessions"], asked["period"]["from"]) == (KEPT, FIRST_KEPT.isoformat())
    settings.VISITORS = {**settings.VISITORS, "FUNNELS": {"read": steps}}
    assert ask(owner, "funnels")["period"]["asked_from"] is None


def test_nothing_is_compared_with_half_a_period(owner: Client) -> None:
    filters = [["is", "device", ["desktop"]]]
    for period, is_compared in [("7d", False), ("today", True)]:
        found = query(owner, metrics=["sessions"], filters=filters, period=period, compare="previous_period")
        assert (found["compare"] is not None) == (found["results"][0]["comparison"] is not None) == is_compared
    narrowed = ask(owner, "conversions", period="7d", compare="previous_period", filter="device:is:desktop")
    assert narrowed["compare"] is None
    assert query(owner, metrics=["sessions"], period="7d", compare="previous_period")["compare"] is not None


def test_a_period_without_any_kept_visit_is_refused(owner: Client) -> None:
    gone = Period(NOON.date() - timedelta(days=DAYS - 1), NOON.date() - timedelta(days=KEPT - 1))
    with pytest.raises(InvalidParameter, match=f"reaches {FIRST_KEPT} or later: single visits are kept since then"):
        as_kept(gone)
    answer = owner.get(
        reverse("visitors:conversions"),
        {"from": gone.start.isoformat(), "to": gone.last_day.isoformat(), "filter": "device:is:desktop"},
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "period"


def test_the_dashboard_says_how_far_filters_reach(owner: Client) -> None:
    told = []
    for asked in ({"period": "30d"}, {"period": "30d", "device": "desktop"}):
        page: Any = owner.get(reverse("visitors_dashboard:page"), asked)
        told.append("Single visits are kept since" in page.getvalue().decode())
    assert told == [False, True]


def test_a_period_keeps_what_was_asked_for() -> None:
    kept = as_kept(Period(date(2026, 1, 1), NOON.date() + timedelta(days=1), NOON))
    assert (kept.start, kept.asked_start, as_kept(kept)) == (FIRST_KEPT, date(2026, 1, 1), kept)
    assert kept_whole(kept) == kept
    assert kept_whole(None) is None
    assert kept_whole(Period(date(2026, 1, 1), NOON.date())) is None


def test_a_list_counts_the_visits_that_it_can_show() -> None:
    today = NOON.date()
    found = service.visits(
        Scope(Period(today - timedelta(days=29), today + timedelta(days=1))), order=VisitOrder.EVERYONE
    )
    assert (found.count, len(found.rows)) == (KEPT, KEPT)
    gone = Scope(Period(today - timedelta(days=29), today - timedelta(days=KEPT - 1)))
    assert [service.visits(gone, order=order) for order in (VisitOrder.EVERYONE, VisitOrder.SCORE)] == [
        Visits(0, (), None),
        Visits(0, (), 0),
    ]


def test_the_dashboard_of_days_without_visits_shows_their_sums(owner: Client) -> None:
    asked = {
        "from": (NOON - timedelta(days=DAYS - 1)).date().isoformat(),
        "to": (NOON - timedelta(days=KEPT)).date().isoformat(),
    }
    page: Any = owner.get(reverse("visitors_dashboard:page"), asked)
    assert (page.status_code, b"Firefox" in page.getvalue()) == (200, True)
    narrowed = owner.get(reverse("visitors_dashboard:page"), {**asked, "device": "desktop"})
    assert (narrowed.status_code, b"single visits are kept since then" in narrowed.content) == (400, True)
