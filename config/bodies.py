"""Refuse a body that no page of the site takes before anybody reads it: Django keeps files of any size on disk, and
reads a form whole to find its token against forgery.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

MAX_BODY_BYTES: Final = 10 * 1024 * 1024  # the largest that is asked for is a job description of 5 MB
MESSAGE: Final = f"The body must have at most {MAX_BODY_BYTES:,} bytes."

GetResponse = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class BodyLimitMiddleware:
    """By the length that the client declares: without one, servers hand on no body."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response: Any = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if not is_too_large(request):
            return self.get_response(request)
        return _refused(request) if not iscoroutinefunction(self) else _refused_later(request)


def is_too_large(request: HttpRequest) -> bool:
    declared = str(request.META.get("CONTENT_LENGTH") or "")
    return declared.isdecimal() and int(declared[:20]) > MAX_BODY_BYTES


async def _refused_later(request: HttpRequest) -> HttpResponse:
    return _refused(request)


def _refused(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        fault: dict[str, Any] = {"code": "too_large", "message": MESSAGE, "parameter": None, "errors": []}
        return JsonResponse({"error": fault}, status=413)
    return HttpResponse(MESSAGE, status=413, content_type="text/plain; charset=utf-8")
