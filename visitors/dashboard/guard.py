"""Who sees the dashboard, and what its pages may load: the owner or who holds a link, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from visitors.permissions import may_read_reports

from .compression import compressed

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

View = Callable[..., HttpResponseBase]


def for_owner(view: View) -> View:
    """Staff that may read reports; others are led to the admin's login, or refused when they are logged in."""

    @staff_member_required
    def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_read_reports(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return closed(compressed(request, allowed(request, *args, **kwargs)), referrer="same-origin")

    return guarded


def closed(response: HttpResponseBase, *, referrer: str) -> HttpResponseBase:
    """Kept by no cache, found by no search engine, running nothing foreign."""
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = referrer
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
