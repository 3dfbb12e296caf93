"""The owner's verdict stands above every rule and survives what arrives later."""

from __future__ import annotations

import pytest

from visitors.exceptions import InvalidParameter
from visitors.models import Label, PageView, VisitorSession
from visitors.recording import apply_label
from visitors.recording.recorder import store

from .builders import MINUTE_MS, NOON_MS, an_observation

pytestmark = pytest.mark.django_db


def a_stored_visit(**given: object) -> VisitorSession:
    store([an_observation(**given)])
    return VisitorSession.objects.get()


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (Label.RECRUITER, {"is_human": True, "is_recruiter": True, "is_client": False, "is_bot": False}),
        (Label.CLIENT, {"is_human": True, "is_recruiter": False, "is_client": True, "is_bot": False}),
        (Label.PEER, {"is_human": True, "is_recruiter": False, "is_client": False, "is_bot": False}),
        (Label.ME, {"is_human": False, "is_recruiter": False, "is_client": False, "is_bot": False}),
        (Label.BOT, {"is_human": False, "is_recruiter": False, "is_client": False, "is_bot": True}),
        (Label.HUMAN, {"is_human": True, "is_recruiter": False, "is_client": False, "is_bot": False}),
    ],
)
def test_a_label_decides_what_the_visit_counts_as(label: Label, expected: dict[str, bool]) -> None:
    visit = a_stored_visit()
    apply_label(visit, label)
    assert {name: getattr(visit, name) for name in expected} == expected
    assert PageView.objects.get().is_human == expected["is_human"]


def test_taking_a_label_back_restores_the_rules_verdict() -> None:
    visit = a_stored_visit(user_agent="curl/8.5.0")
    assert visit.is_bot
    apply_label(visit, Label.HUMAN)
    assert not visit.is_bot
    apply_label(visit, "")
    assert (visit.is_bot, visit.is_human, visit.label) == (True, False, "")


def test_a_label_survives_later_and_earlier_arrivals() -> None:
    visit = a_stored_visit(at_ms=NOON_MS + 50 * MINUTE_MS)
    apply_label(visit, Label.RECRUITER)
    store([an_observation(at_ms=NOON_MS + 60 * MINUTE_MS)])
    store([an_observation(at_ms=NOON_MS), an_observation(at_ms=NOON_MS + 25 * MINUTE_MS)])
    fresh = VisitorSession.objects.get()
    assert (fresh.id, fresh.session_id, fresh.label, fresh.is_recruiter) == (
        visit.id,
        visit.session_id,
        "recruiter",
        True,
    )
    assert fresh.page_views_count == 4


def test_an_unknown_label_is_refused_by_name() -> None:
    with pytest.raises(InvalidParameter, match=r"`label` must be one of recruiter, .* or empty, not 'hero'"):
        apply_label(a_stored_visit(), "hero")
