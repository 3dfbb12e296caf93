"""Properties of events are kept whole within their bounds, and nothing beyond them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.visitors.plausible.builders import a_body, send, visit
from visitors import analytics_service as service
from visitors.details import MAX_DETAIL_BYTES, within
from visitors.models import VisitorInteraction
from visitors.observation import Scalar
from visitors.observer import act_of
from visitors.recording import store
from visitors.recording.journal import encode
from visitors.recording.reading import MAX_LINE_BYTES
from visitors.recording.writer import FULL_ACTS, LATER_DETAIL_BYTES
from visitors.reports.conditions import Filter
from visitors.reports.periods import Period
from visitors.reports.query import Query

from .builders import local_day
from .recording.builders import NOON_MS, an_observation

LONG_NAME, LONG_TEXT = "é" * 150, "日本" * 333 + "ab"  # of 300 and 2,000 bytes
ALL = {f"{number:02}{LONG_NAME[1:]}": LONG_TEXT for number in range(27)} | {
    f"small {number}": number for number in range(3)
}


def kept() -> dict[str, Any]:
    details: dict[str, Any] = VisitorInteraction.objects.latest("id").details
    return details


@pytest.mark.django_db
def test_an_event_of_a_client_keeps_all_that_it_may_bring() -> None:
    body = json.dumps(
        json.loads(a_body("Order", path="/")) | {"p": ALL, "$": {"currency": "EUR", "amount": 5}}, ensure_ascii=False
    )
    assert send(body.encode()).status_code == 202
    assert kept() == ALL | {"from": "events", "revenue": 5.0, "currency": "EUR"}


@pytest.mark.django_db
def test_an_event_of_the_tracker_keeps_as_much() -> None:
    body = json.dumps({"n": "Order", "u": "http://testserver/about/", "p": ALL}, ensure_ascii=False)
    assert visit().post("/api/visitors/events/", body.encode(), content_type="text/plain").status_code == 202
    assert kept() == ALL | {"from": "tracker"}


def test_an_act_of_the_site_is_cut_to_the_same_bounds() -> None:
    given = {"n" * 400: "x" * 3000, **{f"name {number}": number for number in range(40)}}
    details = act_of("order", target="", details=given)["details"]
    assert (len(details), details["n" * 300]) == (30, "x" * 2000)


@pytest.mark.parametrize("letter", ["x", '"', "é", "日", "😀"])
def test_the_largest_act_fits_into_a_line_of_the_journal(letter: str) -> None:
    details = {f"{number:02}" + letter * 298: letter * 2000 for number in range(30)}
    act = act_of(letter * 99, target=letter * 999, details=details)
    texts = dict.fromkeys(("user_agent", "accept", "accept_language", "sec_ch_ua", "requested_with"), letter * 1024)
    assert sum(len(f"{name}{value}".encode()) for name, value in act["details"].items()) <= MAX_DETAIL_BYTES
    assert act["details"]
    assert len(encode(an_observation(path=letter * 500, referrer=letter * 500, **texts, **act))) < MAX_LINE_BYTES


def test_what_is_too_much_goes_by_length() -> None:
    details: dict[str, Scalar] = {"long": "x" * 100, "short": 1, "from": "events", "longer": "x" * 200}
    assert within(details, most=10_000) == details
    assert within(details, most=130) == {"long": "x" * 100, "short": 1, "from": "events"}
    assert within(details, most=20) == {"short": 1, "from": "events"}


@pytest.mark.django_db
def test_a_visit_that_goes_on_without_end_keeps_less() -> None:
    details: dict[str, Scalar] = {"a": "x" * 2000, "b": "x" * 2000, "c": "x" * 2000, "from": "events"}
    acts = [an_observation(at_ms=NOON_MS + number, kind="order", details=details) for number in range(FULL_ACTS + 2)]
    store(acts)
    store(acts)
    sizes = [len(json.dumps(act.details)) for act in VisitorInteraction.objects.order_by("id")]
    assert min(sizes[:FULL_ACTS]) > 6000
    assert max(sizes[FULL_ACTS:]) < LATER_DETAIL_BYTES + 100
    assert kept()["from"] == "events"


@pytest.mark.django_db
def test_the_longest_name_and_value_can_be_asked_for() -> None:
    send(a_body("Order", p={LONG_NAME: LONG_TEXT, "n" * 300: "x" * 2000}))
    day = local_day(VisitorInteraction.objects.get().occurred_at)
    for name, value in ((LONG_NAME, LONG_TEXT), ("n" * 300, "x" * 2000)):
        query = Query(
            metrics=("interactions",),
            dimensions=(f"detail:{name}",),
            period=Period(day, day.fromordinal(day.toordinal() + 1)),
            filters=(Filter(f"detail:{name}", value),),
        )
        (row,) = service.query(query).results
        assert (*row.dimensions.values(), row.metrics["interactions"]) == (value, 1)
