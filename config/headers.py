"""Say in each answer what a browser may do with it: load from this site alone, run nothing written into the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# JSON, CSV, PDF and pictures are no place for anything else; a browser that is talked into showing them as a page
# runs nothing.
DATA_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
# Chromium's viewer is a plug-in, which a sandbox forbids.
PDF_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PERMISSIONS: Final = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi",
        "payment", "usb",
    )
)  # fmt: skip
NO_STORE: Final = "no-store"

GetResponse = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class HeadersMiddleware:
    """The outermost one, so that errors, redirects and static files carry the headers too.

    A view that has set a policy of its own keeps it. `SecurityMiddleware` adds HSTS, nosniff, the referrer policy and
    the opener policy.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response: Any = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if self.is_async:
            return self.__acall__(request)
        return _with_headers(request, self.get_response(request))

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        return _with_headers(request, await self.get_response(request))


def _with_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    headers = response.headers
    if not (settings.DEBUG and response.status_code >= 400):  # Django's own report of a fault is styled in the page
        headers.setdefault("Content-Security-Policy", policy_for(headers.get("Content-Type", "")))
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    # Redirects, files and refused host names are answered before Django's own middleware for these.
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
    headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
    if response.cookies or (_names_a_user(request) and not _is_file(request.path)):
        headers["Cache-Control"] = NO_STORE
    return response


def policy_for(content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    if kind in {"", "text/html", "application/xhtml+xml"}:
        return PAGE_POLICY
    return PDF_POLICY if kind == "application/pdf" else DATA_POLICY


def _names_a_user(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES or "HTTP_AUTHORIZATION" in request.META


def _is_file(path: str) -> bool:
    return path.startswith((settings.STATIC_URL, settings.MEDIA_URL))
