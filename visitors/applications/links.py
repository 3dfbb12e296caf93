"""Answer `/r/<slug>/`: send the visitor to the target, say nothing of the application, slow down who guesses."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from visitors.identity import client_ip, local_day, now_ms, pseudonym, secret_of
from visitors.middleware import collect_opening

from .desk import Link, find_link

GUESSES: Final = 20
GUESSES_SECONDS: Final = 3600
HEADERS: Final = {
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}


@require_safe
def open_link(request: HttpRequest, slug: str) -> HttpResponse:
    """302 to the target without a query; 404 for a slug that nobody gave out; 429 after 20 of those in an hour."""
    guesses = f"visitors:guesses:{_client_key(request)}"
    if cache.get(guesses, 0) >= GUESSES:
        return _refused()
    link = _find(slug)
    if link is None:
        _count(guesses)
        raise Http404
    if link.is_live:
        collect_opening(request, link.slug)
    return HttpResponseRedirect(link.target, headers=HEADERS)


def _find(slug: str) -> Link | None:
    """Without the database nobody can tell whether the slug exists: the visitor sees the site, the recorder checks."""
    try:
        return find_link(slug, now=timezone.now())
    except (OperationalError, InterfaceError):
        return Link(slug, "/", is_live=True)


def _client_key(request: HttpRequest) -> str:
    """A pseudonym of the address alone: another user agent is no other client. Forgotten with the day's salt."""
    day = local_day(now_ms())
    return f"{pseudonym(client_ip(request.META), '', secret=secret_of(day, create=True)):x}"


def _count(guesses: str) -> None:
    cache.add(guesses, 0, GUESSES_SECONDS)
    try:
        cache.incr(guesses)
    except ValueError:  # the cache is out of reach, or has just let go of it
        cache.set(guesses, 1, GUESSES_SECONDS)


def _refused() -> HttpResponse:
    return HttpResponse(
        "Too many links that do not exist. Try again later.",
        status=429,
        content_type="text/plain; charset=utf-8",
        headers={**HEADERS, "Retry-After": str(GUESSES_SECONDS)},
    )
