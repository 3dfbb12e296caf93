"""The visitor's own page: what is kept of him, erasing it, opting out and back in. It is never recorded itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portfolio.content import load_masthead
from portfolio.throttles import seconds_to_wait
from visitors.privacy import service

LIMIT: Final = "visitor"

Choice = Callable[[HttpRequest, HttpResponse], object]


def erase(request: HttpRequest, response: HttpResponse) -> None:
    service.erase_mine(request, response)


def erase_and_opt_out(request: HttpRequest, response: HttpResponse) -> None:
    service.erase_mine(request, response)
    service.choose_opt_out(request, response)


CHOICES: Final[dict[str, Choice]] = {
    "erase": erase,
    "erase-and-opt-out": erase_and_opt_out,
    "opt-out": service.choose_opt_out,
    "opt-in": service.choose_opt_in,
}
DONE: Final = {
    "erase": "Everything that was kept of you is erased.",
    "erase-and-opt-out": "Everything that was kept of you is erased, and nothing more will be recorded.",
    "opt-out": "Nothing more will be recorded of this browser.",
    "opt-in": "This browser no longer opts out.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def privacy(request: HttpRequest) -> HttpResponse:
    if wait := seconds_to_wait(request, LIMIT):
        return _refused(wait)
    return _chosen(request) if request.method == "POST" else _shown(request)


def _chosen(request: HttpRequest) -> HttpResponse:
    """The answer is a redirect, so that reloading the page chooses nothing again."""
    name = request.POST.get("choice", "")
    if name not in CHOICES:
        return _shown(request, status=400, refusal=f"`choice` must be one of {', '.join(CHOICES)}.")
    response = HttpResponseRedirect(f"{reverse('portfolio:privacy')}?{urlencode({'done': name})}")
    CHOICES[name](request, response)
    return response


def _shown(request: HttpRequest, *, status: int = 200, refusal: str = "") -> HttpResponse:
    shown = {
        "profile": load_masthead(),
        "section": "privacy",
        "held": service.held_of(request),
        "honours_signals": service.honours_signals(),
        "done": DONE.get(request.GET.get("done", ""), ""),
        "refusal": refusal,
    }
    return render(request, "portfolio/privacy.html", shown, status=status)


def _refused(wait: int) -> HttpResponse:
    return HttpResponse(
        f"That was a lot at once. Please try again in {wait} seconds.",
        status=429,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(wait)},
    )
