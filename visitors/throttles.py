"""Limit what clients do, by the view's `throttle_scope`: a name of `VISITORS["LIMITS"]`.

The owner's own questions and exports are counted by account, everything else by the client's network alone, so that
neither a login, nor a cookie, nor an invented header makes a new client. Who asks not to be recorded is counted in a
cell that others share.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from .limits import Counted, client_key, in_a_cell, seconds_left, take, user_key
from .privacy.wishes import wish_of

BY_ACCOUNT: Final = frozenset({"owner", "export"})

View = Callable[..., HttpResponseBase]


class ClientThrottle(BaseThrottle):
    """A view without a scope is not limited."""

    _wait = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "throttle_scope", None)
        self._wait = seconds_to_wait(request, scope) if scope else 0
        return not self._wait

    def wait(self) -> float:
        return self._wait


def seconds_to_wait(request: HttpRequest | Request, scope: str) -> int:
    """Count this request; 0 when it may go on, else the seconds until the next one may."""
    client = _client(request, scope)
    return take(scope, client.key, own=client.own)


def seconds_until_free(request: HttpRequest | Request, scope: str) -> int:
    """The same without counting."""
    client = _client(request, scope)
    return seconds_left(scope, client.key, own=client.own)


def counted_as(request: HttpRequest | Request) -> Counted:
    """The client's network, or its cell when it asks not to be recorded: a key of its own would be a record of it."""
    key = client_key(request.META)
    return in_a_cell(key) if wish_of(request) else Counted(key)


def limited(scope: str) -> Callable[[View], View]:
    """Counts the POSTs of a page; too many are answered 429 with `Retry-After`."""

    def wrap(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            wait = seconds_to_wait(request, scope) if request.method == "POST" else 0
            return too_many(wait) if wait else view(request, *args, **kwargs)

        return counted

    return wrap


def too_many(wait: int, text: str = "Too many attempts.") -> HttpResponse:
    return HttpResponse(
        f"{text} Try again in {wait} seconds.",
        status=429,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(wait), "Cache-Control": "no-store"},
    )


def _client(request: HttpRequest | Request, scope: str) -> Counted:
    if scope in BY_ACCOUNT:
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            return Counted(user_key(user))
    return counted_as(request)
