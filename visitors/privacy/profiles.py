"""Know a visitor again who agreed to it: a random id in a cookie of this site, and nothing without his consent.

Only with `VISITORS["PRIVACY"] = "profiling"`. The database keeps a hash of the cookie's value, so that nobody can pass
for the visitor by what it holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.module_loading import import_string

from visitors.conf import conf
from visitors.cookies import cookie_name, cookie_options
from visitors.identity import Client, RequestVisitor, client_of
from visitors.observation import PROFILE_BIT

from .wishes import wish_of

COOKIE: Final = "va_visitor"
RANDOM_BYTES: Final = 16

_signer = signing.TimestampSigner(salt="visitors.profile")


@dataclass(frozen=True, slots=True)
class Profile:
    """Who a cookie says it is, and until when it does."""

    visitor_id: int
    ends_at: datetime


class ProfiledVisitor(RequestVisitor, kw_only=True, eq=False):
    """`request.visitor` where visitors may agree to be known again; the pseudonym of the day becomes the earlier id,
    so that a visit goes on when its visitor agrees."""

    request: HttpRequest

    @property
    def client(self) -> Client:
        if self.known is None:
            profile = profile_in(self.request) if may_profile(self.request) else None
            client = client_of(self.meta)
            self.known = _known_as(client, profile.visitor_id) if profile else client
        return self.known

    def adopt(self, visitor_id: int) -> None:
        """Be known by this id from now on."""
        self.known = _known_as(client_of(self.meta), visitor_id)


def _known_as(client: Client, visitor_id: int) -> Client:
    return Client(client.day, visitor_id, client.visitor_id, client.place, client.crawler)


def visitor_of(request: HttpRequest) -> RequestVisitor:
    return ProfiledVisitor(request.META, request=request) if conf.is_profiling else RequestVisitor(request.META)


def may_profile(request: HttpRequest) -> bool:
    """Whether this visitor agreed and does not wish otherwise; an opt-out wins over a consent."""
    if not conf.is_profiling or not conf.CONSENT_HOOK or wish_of(request):
        return False
    return bool(_hook(conf.CONSENT_HOOK)(request))


@lru_cache(maxsize=4)
def _hook(path: str) -> Callable[[HttpRequest], object]:
    hook: Callable[[HttpRequest], object] = import_string(path)
    return hook


def profile_in(request: HttpRequest) -> Profile | None:
    """The profile of this request's cookie, agreed to or not; `None` for one that was made up or has ended."""
    value = request.COOKIES.get(cookie_name(COOKIE))
    if not value:
        return None
    life = timedelta(days=conf.PROFILING_COOKIE_DAYS)
    try:
        random = _signer.unsign(value, max_age=life)
        issued_at = signing.b62_decode(value.rsplit(":", 2)[1])
    except (signing.BadSignature, ValueError, IndexError):
        return None
    return Profile(_id_of(random), datetime.fromtimestamp(issued_at, tz=UTC) + life)


def _id_of(random: str) -> int:
    digest = blake2b(random.encode(), digest_size=8, person=b"va_profile").digest()
    return int.from_bytes(digest, "big") & (PROFILE_BIT - 1) | PROFILE_BIT


def follow_consent(request: HttpRequest, response: HttpResponseBase, *, is_page: bool) -> None:
    """Give the cookie with the first page that a visitor who agreed is shown; take it from one who no longer does.

    A client that sends no cookie at all would not keep this one: its consent cannot be kept either. The cookie is never
    renewed, so that it ends `PROFILING_COOKIE_DAYS` after it was given.
    """
    if not may_profile(request):
        if cookie_name(COOKIE) in request.COOKIES:
            forget_profile(response)
    elif is_page and request.COOKIES and profile_in(request) is None:
        random = secrets.token_urlsafe(RANDOM_BYTES)
        _give(response, _signer.sign(random))
        visitor = getattr(request, "visitor", None)
        if isinstance(visitor, ProfiledVisitor):
            visitor.adopt(_id_of(random))


def _give(response: HttpResponseBase, value: str) -> None:
    days = timedelta(days=conf.PROFILING_COOKIE_DAYS)
    response.set_cookie(cookie_name(COOKIE), value, max_age=days, **cookie_options())
    # No cache between may hand one visitor's cookie to another.
    patch_vary_headers(response, ("Cookie",))
    patch_cache_control(response, private=True)


def forget_profile(response: HttpResponseBase) -> None:
    options = cookie_options()
    # `delete_cookie` makes a name with the prefix `__Host-` secure, as browsers demand.
    response.delete_cookie(cookie_name(COOKIE), path=options["path"], samesite=options["samesite"])
