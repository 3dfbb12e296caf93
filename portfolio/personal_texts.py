"""What visitors typed for the site, from the visitors app's point of view: count, hand out, erase, end in time.

The visitors app knows none of these tables; it asks by its signals. Letters to the owner are his to delete.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from portfolio.chat.conversations import conversation_of
from portfolio.models import Conversation, JobAnalysis, Message
from visitors.privacy.hooks import texts_expired, visitor_asked, visitor_erased, visitor_exported

MESSAGES = "chat messages"
JOBS = "job descriptions"


def connect() -> None:
    visitor_asked.connect(count_texts)
    visitor_erased.connect(erase_texts)
    visitor_exported.connect(export_texts)
    texts_expired.connect(expire_texts)


def _owned(keys: Collection[str], request: HttpRequest | None) -> tuple[QuerySet[Message], QuerySet[JobAnalysis]]:
    """By the visitor's erasure keys, and by the cookie with which his browser proves a conversation."""
    mine = Q(conversation__erasure_key__in=keys)
    conversation = conversation_of(request) if request is not None else None
    if conversation is not None:
        mine |= Q(conversation=conversation)
    return Message.objects.filter(mine), JobAnalysis.objects.filter(erasure_key__in=keys)


def count_texts(*, keys: Collection[str], request: HttpRequest | None, **_: Any) -> dict[str, int]:
    messages, jobs = _owned(keys, request)
    return {MESSAGES: messages.count(), JOBS: jobs.count()}


def erase_texts(*, keys: Collection[str], request: HttpRequest | None, **_: Any) -> dict[str, int]:
    messages, jobs = _owned(keys, request)
    conversations = set(messages.values_list("conversation", flat=True))
    erased = {MESSAGES: messages.delete()[0], JOBS: jobs.delete()[0]}
    Conversation.objects.filter(pk__in=conversations).delete()
    return erased


def export_texts(*, keys: Collection[str], **_: Any) -> dict[str, list[dict[str, Any]]]:
    messages, jobs = _owned(keys, None)
    return {
        MESSAGES: [dict(row) for row in messages.order_by("id").values("asked_at", "question", "answer")],
        JOBS: [dict(row) for row in jobs.order_by("id").values("analysed_at", "job_requirements", "result")],
    }


def expire_texts(*, before: datetime, is_dry: bool, **_: Any) -> dict[str, int]:
    """Messages one by one; a conversation goes with its last."""
    messages = Message.objects.filter(asked_at__lt=before)
    jobs = JobAnalysis.objects.filter(analysed_at__lt=before)
    if is_dry:
        return {MESSAGES: messages.count(), JOBS: jobs.count()}
    expired = {MESSAGES: messages.delete()[0], JOBS: jobs.delete()[0]}
    Conversation.objects.filter(started_at__lt=before, messages=None).delete()
    return expired
