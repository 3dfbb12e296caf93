"""What the site adds to its owner's dashboard."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from portfolio.models import Conversation, Message
from portfolio.panels import unanswered_questions

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAYS = {"start": date(2026, 11, 14), "end": date(2026, 11, 21)}


def asked(question: str, *, at: datetime = NOON, is_answered: bool = False) -> None:
    conversation, _ = Conversation.objects.get_or_create(key_digest="x")
    Message.objects.create(
        conversation=conversation, question=question, answer="", topic="salary", is_answered=is_answered, asked_at=at
    )


def test_questions_without_an_answer_are_told_newest_first(django_assert_num_queries):
    asked("Do you juggle?", at=NOON - timedelta(hours=1))
    asked("What do you earn?")
    asked("Where do you live?", is_answered=True)
    asked("Last week?", at=NOON - timedelta(days=7))
    with django_assert_num_queries(2):
        panel = unanswered_questions(**DAYS, limit=20)
    assert panel.rows == (
        ("What do you earn?", "salary", "20 Nov, 12:00"),
        ("Do you juggle?", "salary", "20 Nov, 11:00"),
    )
    assert (panel.total, panel.more) == (2, "/admin/portfolio/unansweredquestion/")


def test_the_rest_is_counted():
    for number in range(5):
        asked(f"Question {number}?")
    panel = unanswered_questions(**DAYS, limit=3)
    assert (len(panel.rows), panel.total) == (3, 5)
