"""The dashboard for whoever holds a shared link: figures only, after the password if there is one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from visitors import sharing
from visitors.cookies import cookie_name, cookie_options
from visitors.observer import wishes_no_record
from visitors.sharing import Shared
from visitors.throttles import counted_as, seconds_to_wait, too_many

from .answers import answer_export, answer_page, answer_panel
from .compression import compressed
from .guard import closed
from .viewer import guest_of

GUEST: Final = "guest"
REFERRER: Final = "no-referrer"  # the address is the key
Opened = Callable[..., HttpResponseBase]


def for_guest(view: Opened) -> Opened:
    """404 for a secret that nobody has or has any more; the form of the password until it is given; 429 for a guest who
    would keep the database busy."""

    @wraps(view)
    def guarded(request: HttpRequest, secret: str, **kwargs: str) -> HttpResponseBase:
        shared = sharing.find_shared(secret)
        if shared is None:
            answer: HttpResponseBase = render(request, "visitors/dashboard/gone.html", status=404)
        elif request.method != "POST" and not _is_unlocked(request, shared):
            answer = _ask(request)
        elif wait := seconds_to_wait(request, GUEST):
            answer = too_many(wait, "That was a lot at once.")
        else:
            answer = view(request, secret, shared, **kwargs)
        return closed(compressed(request, answer), referrer=REFERRER)

    return guarded


# No authority but the secret in the address and the password is used, which a foreign page has not. And without a
# referrer, browsers send the form with `Origin: null`, which the check of that header would refuse.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@for_guest
def page(request: HttpRequest, secret: str, shared: Shared) -> HttpResponseBase:
    if request.method == "POST":
        return _unlock(request, secret, shared)
    if not request.GET:
        sharing.note_opening(shared, is_timed=not wishes_no_record(request))
    return answer_page(request, guest_of(secret))


@require_GET
@for_guest
def panel(request: HttpRequest, secret: str, shared: Shared, *, name: str) -> HttpResponseBase:  # noqa: ARG001
    return answer_panel(request, name, guest_of(secret))


@require_GET
@for_guest
def export(request: HttpRequest, secret: str, shared: Shared, *, name: str) -> HttpResponseBase:  # noqa: ARG001
    return answer_export(request, name, guest_of(secret))


def _is_unlocked(request: HttpRequest, shared: Shared) -> bool:
    return not shared.has_password or sharing.is_pass(shared, request.COOKIES.get(_cookie(shared), ""))


def _cookie(shared: Shared) -> str:
    return cookie_name(f"visitors_shared_{shared.pk}")


def _ask(request: HttpRequest, *, fault: str = "", status: int = 401) -> HttpResponse:
    return render(request, "visitors/dashboard/locked.html", {"fault": fault}, status=status)


def _refuse(request: HttpRequest, wait: int) -> HttpResponse:
    minutes = ceil(wait / 60)
    response = _ask(request, fault=f"Too many attempts. Wait {minutes} minute{'s' if minutes > 1 else ''}.", status=429)
    response["Retry-After"] = str(wait)
    return response


def _unlock(request: HttpRequest, secret: str, shared: Shared) -> HttpResponse:
    wait = sharing.seconds_to_wait(shared, counted_as(request))
    if wait:
        return _refuse(request, wait)
    if shared.has_password and not sharing.is_password(shared, request.POST.get("password", "")):
        return _ask(request, fault="This is not the password.", status=403)
    response = redirect(guest_of(secret).base)
    response.set_cookie(
        _cookie(shared), sharing.make_pass(shared), max_age=sharing.UNLOCKED_SECONDS, **cookie_options()
    )
    return response
