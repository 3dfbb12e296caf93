"""One door for every question, from the page and from the API: answer it, keep it, tell the visitors app.

A conversation belongs to the browser that holds its key: 32 random bytes in a signed cookie, of which the database
keeps a digest. No key, no conversation; the cookie is set with the first question and never before.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from portfolio.chat.answers import answer
from portfolio.models import Conversation, Message, Project
from visitors import track
from visitors.privacy.keys import erasure_key_of

COOKIE: Final = "conversation"
KEPT_FOR: Final = timedelta(days=1)
SHOWN_MESSAGES: Final = 20

_signer = signing.TimestampSigner(salt="portfolio.chat.conversation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question with its answer, and the key that the browser must keep to go on."""

    message: Message
    key: str


def ask(request: HttpRequest, *, question: str, project: Project | None = None) -> Exchange:
    """Raises nothing of its own; when the database refuses, nothing is kept and nothing is tracked."""
    given = answer(question, project=project, today=timezone.localdate())
    with transaction.atomic():
        conversation, key, is_new = _conversation(request)
        message = Message.objects.create(
            conversation=conversation,
            question=question,
            answer=given.text,
            topic=given.topic,
            is_answered=given.is_answered,
            project=project,
            source_title=given.source_title,
            source_url=given.source_url,
        )
    _track(request, message, is_new=is_new)
    return Exchange(message=message, key=key)


def messages_of(request: HttpRequest) -> list[Message]:
    """The latest messages of this browser's own conversation, oldest first. No query without a key."""
    key = _key(request)
    if key is None:
        return []
    latest = Message.objects.filter(conversation__key_digest=_digest(key)).select_related("project")
    return list(latest.order_by("-id")[:SHOWN_MESSAGES])[::-1]


def conversation_of(request: HttpRequest) -> Conversation | None:
    """This browser's own conversation. No query without a key."""
    key = _key(request)
    return Conversation.objects.filter(key_digest=_digest(key)).first() if key else None


def remember(response: HttpResponseBase, key: str) -> None:
    response.set_cookie(
        _cookie_name(),
        _signer.sign(key),
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _cookie_name() -> str:
    """Browsers take a name that begins so over TLS only and from this very host."""
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


def _conversation(request: HttpRequest) -> tuple[Conversation, str, bool]:
    key = _key(request)
    known = Conversation.objects.filter(key_digest=_digest(key)).first() if key else None
    if known and key:
        return known, key, False
    key = secrets.token_urlsafe(32)
    made = Conversation.objects.create(key_digest=_digest(key), erasure_key=erasure_key_of(request))
    return made, key, True


def _key(request: HttpRequest) -> str | None:
    signed = request.COOKIES.get(_cookie_name())
    if not signed:
        return None
    try:
        return _signer.unsign(signed, max_age=KEPT_FOR)
    except signing.BadSignature:
        return None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _track(request: HttpRequest, message: Message, *, is_new: bool) -> None:
    """`typed` is matched by the visitors app and forgotten; the question itself is kept only here."""
    target = message.project.slug if message.project else ""
    if is_new:
        track(request, "chat_start", target=target)
    track(
        request,
        "chat_message",
        target=target,
        answered=message.is_answered,
        topic=message.topic,
        typed=message.question,
    )
