"""Give out, find and withdraw the tokens of programs. A token's text is known for one moment and kept nowhere."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from visitors.models import ApiToken, TokenScope

__all__ = ("ApiToken", "TokenScope", "fault_of", "find", "issue", "keep_new", "note_use", "revoke", "revoke_named")

logger = logging.getLogger(__name__)

PREFIX: Final = "va_"  # so that a scan for secrets knows one that was published by mistake
SECRET_BYTES: Final = 32
HINT_LENGTH: Final = 4


def issue(*, name: str, user: Any, scope: TokenScope, expires_at: datetime | None = None) -> tuple[ApiToken, str]:
    """A new token of `user` and its text, which nobody can ask for again."""
    token = ApiToken(name=name, user=user, scope=scope, expires_at=expires_at)
    text = keep_new(token)
    return token, text


def keep_new(token: ApiToken) -> str:
    """Store a token that was filled in; its text."""
    text = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token.digest, token.hint = digest_of(text), text[-HINT_LENGTH:]
    token.created_at = timezone.now()
    token.save(force_insert=True)
    return text


def digest_of(text: str) -> str:
    """SHA-256: no slow hash is needed, since a token is 256 bits that nobody can guess."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def find(text: str) -> ApiToken | None:
    """The token with this text, withdrawn and expired ones too. One hash and one query, whatever the text.

    What is compared is a hash, so that the time of the comparison tells nothing of the text.
    """
    return ApiToken.objects.select_related("user").filter(digest=digest_of(text)).first()


def fault_of(token: ApiToken | None, *, now: datetime) -> str:
    """Why the token opens nothing; "" for one that does."""
    if token is None:
        return "The token is not known."
    if token.revoked_at is not None:
        return "The token is revoked."
    if token.expires_at is not None and token.expires_at <= now:
        return "The token has expired."
    if not token.user.is_active:
        return "The token's account is closed."
    return ""


def note_use(token: ApiToken, *, now: datetime) -> None:
    """The local day of the last use, written once a day. A database that cannot write refuses no reader."""
    today = timezone.localtime(now, timezone.get_default_timezone()).date()
    if token.last_used_on == today:
        return
    try:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
    except (OperationalError, InterfaceError) as error:
        logger.warning("The use of a token was not noted: %s", type(error).__name__)


def revoke(token: ApiToken) -> None:
    """From now on; a token that is revoked stays so, with the time of the first word."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def revoke_named(name: str, *, user: Any) -> None:
    ApiToken.objects.filter(name=name, user=user, revoked_at=None).update(revoked_at=timezone.now())
