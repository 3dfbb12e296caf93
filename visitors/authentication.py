"""Decide which account a program speaks for: a token in the Authorization header, and nowhere else."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from .tokens import ApiToken, TokenScope, fault_of, find, note_use

WORDS: Final = frozenset({"bearer", "token"})
MAX_LENGTH: Final = 200


class ApiTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>` or `Token <token>`; `request.auth` is the token, `request.user` its account."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        token = token_of(request)
        return None if token is None else (token.user, token)

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return "Bearer"


def token_of(request: HttpRequest | Request) -> ApiToken | None:
    """The token that came with the request, `None` when it brought none.

    Raises `AuthenticationFailed` (401) for one that is malformed, unknown, revoked, expired, or of a closed account.
    """
    text = _text_of(str(request.META.get("HTTP_AUTHORIZATION", "")))
    if text is None:
        return None
    now = timezone.now()
    token = find(text)
    fault = fault_of(token, now=now)
    if fault or token is None:
        raise AuthenticationFailed(fault)
    note_use(token, now=now)
    return token


def may_send_events(request: HttpRequest | Request) -> bool:
    """Whether the request brought a token that lets a program send events: of scope `events` or `admin`.

    Raises `AuthenticationFailed` like `token_of`.
    """
    token = token_of(request)
    return token is not None and token.scope in {TokenScope.EVENTS, TokenScope.ADMIN}


def _text_of(header: str) -> str | None:
    """What stands after `Bearer` or `Token`; `None` for other schemes, which are not ours to judge."""
    word, _, text = header.strip().partition(" ")
    if word.lower() not in WORDS:
        return None
    text = text.strip()
    if not text or len(text) > MAX_LENGTH or not text.isascii() or " " in text:
        raise AuthenticationFailed("The Authorization header must read `Bearer <token>`.")
    return text
