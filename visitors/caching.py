"""Answer an unchanged question from a cache, and with 304 who holds the answer already.

An answer is kept by who asks, what is asked and what was stored last, and for the minute in which it was made: figures
of a running period are compared up to now. Whether the caller may ask is decided before, each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import blake2b
from typing import Any, Final

from django.core.cache import BaseCache, caches
from django.http import HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from . import analytics_service as service
from .conf import conf

SECONDS: Final = 60
MAX_BYTES: Final = 1024 * 1024
VARY: Final = ("Authorization", "Cookie", "Accept-Encoding")


@dataclass(frozen=True, slots=True)
class Kept:
    """`etag` is strong: it is made of the body."""

    etag: str
    body: bytes


def remembered(answer: Callable[..., Response]) -> Callable[..., HttpResponseBase]:
    """For the `get` of a view that answers with a report."""

    @wraps(answer)
    def from_cache(view: Any, request: Request, *arguments: Any, **named: Any) -> HttpResponseBase:
        cache, key = _cache(), ""
        kept = None
        if cache is not None:
            key = _key(view, request)
            kept = _read(cache, key)
        if kept is None:
            response = answer(view, request, *arguments, **named)
            if response.status_code != 200:
                return response
            kept = _kept(response)
            if cache is not None and len(kept.body) <= MAX_BYTES:
                cache.set(key, (kept.etag, kept.body), SECONDS)
        return _told(request, kept)

    return from_cache


def vary(response: HttpResponseBase) -> None:
    """Answers differ by who asks."""
    patch_vary_headers(response, VARY)


def _cache() -> BaseCache | None:
    return caches[conf.REPORT_CACHE] if conf.REPORT_CACHE else None


def _key(view: Any, request: Request) -> str:
    """Never shared between callers, so that no change of rights can leak an answer."""
    asked = (
        f"{type(view).__module__}.{type(view).__qualname__}",
        request.path,
        sorted(request.query_params.lists()),
        request.user.pk,
        str(getattr(request.auth, "pk", "")),
        service.last_write(),
        f"{service.clock():%Y-%m-%dT%H:%M}",
    )
    return "visitors.answer." + blake2b(json.dumps(asked).encode(), digest_size=20).hexdigest()


def _read(cache: BaseCache, key: str) -> Kept | None:
    found = cache.get(key)
    return Kept(*found) if found is not None else None


def _kept(response: Response) -> Kept:
    body = JSONRenderer().render(response.data)
    return Kept(f'"{blake2b(body, digest_size=16).hexdigest()}"', body)


def _told(request: Request, kept: Kept) -> HttpResponseBase:
    """Weak comparison: a compressed answer carries the same tag as a weak one."""
    held = parse_etags(request.headers.get("If-None-Match", ""))
    response: HttpResponse
    if "*" in held or kept.etag in {tag.removeprefix("W/") for tag in held}:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(kept.body, content_type="application/json")
    response["ETag"] = kept.etag
    return response
