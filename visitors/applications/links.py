"""Answer `/r/<slug>/`: send the visitor to the target, say nothing of the application, slow down who guesses."""

from __future__ import annotations

from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from visitors.middleware import collect_opening
from visitors.throttles import seconds_to_wait, seconds_until_free, too_many

from .desk import Link, find_link

GUESSES: Final = "links"
HEADERS: Final = {
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}


@require_safe
def open_link(request: HttpRequest, slug: str) -> HttpResponse:
    """302 to the target without a query; 404 for a slug that nobody gave out; 429 after 20 of those in an hour."""
    if wait := seconds_until_free(request, GUESSES):
        return _refused(wait)
    link = _find(slug)
    if link is None:
        seconds_to_wait(request, GUESSES)
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


def _refused(wait: int) -> HttpResponse:
    refusal = too_many(wait, "Too many links that do not exist.")
    for name, value in HEADERS.items():
        refusal[name] = value
    return refusal
