"""Know and keep what a visitor wishes: the browser's signals, and his own word in a cookie that holds no id."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from visitors.conf import conf

COOKIE: Final = "va_optout"
COOKIE_SECONDS: Final = 400 * 24 * 3600  # the most that browsers keep
SPOKEN_IN: Final = frozenset({"HTTP_COOKIE", "HTTP_DNT", "HTTP_SEC_GPC"})  # a request without them wishes nothing


class Wish(StrEnum):
    """Why a request is not recorded."""

    NONE = ""
    COOKIE = "cookie"
    SIGNAL = "signal"


def wish_of(request: HttpRequest) -> Wish:
    """The visitor's own word is honoured always, the browser's signals as `HONOR_OPT_OUT_SIGNALS` says."""
    meta = request.META
    if "HTTP_COOKIE" in meta and request.COOKIES.get(COOKIE) == "1":
        return Wish.COOKIE
    return signal_of(request) if "HTTP_DNT" in meta or "HTTP_SEC_GPC" in meta else Wish.NONE


def signal_of(request: HttpRequest) -> Wish:
    meta = request.META
    if (meta.get("HTTP_DNT") == "1" or meta.get("HTTP_SEC_GPC") == "1") and conf.HONOR_OPT_OUT_SIGNALS:
        return Wish.SIGNAL
    return Wish.NONE


def opt_out(response: HttpResponseBase) -> None:
    """From the next request on nothing is recorded. The cookie is the same for everybody."""
    response.set_cookie(
        COOKIE,
        "1",
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def opt_in(response: HttpResponseBase) -> None:
    """Take the cookie back; a browser's signal goes on to speak for itself."""
    response.delete_cookie(COOKIE, samesite="Lax")
