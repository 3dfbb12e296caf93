"""What the owner of the demo finds on his desk: notes on two days, and questions that the chat could not answer."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from portfolio.chat.answers import answer
from portfolio.demo.visits import SPIKE_DAYS_AGO
from portfolio.models import Conversation, Message
from visitors.identity import local_day
from visitors.models import Annotation, unix_ms

NOTES: Final = ((SPIKE_DAYS_AGO, "Raft KV on Hacker News"), (9, "New résumé online"))
# None of them is answered by the content of the demo; days and hours before now.
QUESTIONS: Final = (
    (1, 3, "Have you ever spoken at a conference?"),
    (4, 7, "Would you take part in an on-call rota?"),
    (6, 5, "Have you managed a budget?"),
    (11, 2, "Do you have experience with SAP ABAP?"),
)
KEY: Final = "demo"


def fill_desk(*, now: datetime) -> None:
    """Adds what is not there yet."""
    today = local_day(unix_ms(now))
    for days_ago, text in NOTES:
        Annotation.objects.get_or_create(day=today - timedelta(days=days_ago), text=text)
    conversation, is_new = Conversation.objects.get_or_create(
        key_digest=_digest(), defaults={"started_at": now - timedelta(days=11, hours=2)}
    )
    if is_new:
        for days, hours, question in QUESTIONS:
            _ask(conversation, question, at=now - timedelta(days=days, hours=hours))


def clear_desk() -> None:
    Annotation.objects.filter(text__in=[text for _, text in NOTES]).delete()
    Conversation.objects.filter(key_digest=_digest()).delete()


def _ask(conversation: Conversation, question: str, *, at: datetime) -> None:
    given = answer(question, project=None, today=at.date())
    Message.objects.create(
        conversation=conversation,
        question=question,
        answer=given.text,
        topic=given.topic,
        is_answered=given.is_answered,
        asked_at=at,
    )


def _digest() -> str:
    """Of a key that no browser holds."""
    return hashlib.sha256(KEY.encode()).hexdigest()
