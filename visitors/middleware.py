"""Observe each request after its response is ready. Touches no database; recording may fail, the page may not."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from . import recording
from .conf import conf
from .observation import DropReason
from .observer import Act, act_of, observe_exchange, opening_of
from .privacy.profiles import visitor_of

logger = logging.getLogger(__name__)

MAX_ACTS: Final = 20

GetResponse = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class VisitorMiddleware:
    """Attach `request.visitor`, let the view answer, then record what was seen."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response: Any = get_response
        self.has_begun = False
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if not self.has_begun:
            self._begin()
        if self.is_async:
            return self.__acall__(request)
        request.visitor, request.visitor_acts = visitor_of(request), []  # type: ignore[attr-defined]
        response = self.get_response(request)
        observe(request, response)
        return response

    def _begin(self) -> None:
        """With the first request, not before: a server may load the site before it forks."""
        self.has_begun = True
        recording.begin()

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        request.visitor, request.visitor_acts = visitor_of(request), []  # type: ignore[attr-defined]
        response: HttpResponseBase = await self.get_response(request)
        if _may_query(request):
            await sync_to_async(observe)(request, response)
        else:
            observe(request, response)
        return response


def _may_query(request: HttpRequest) -> bool:
    """Only then is a thread needed: an append to the journal is shorter than the way to one."""
    return conf.RECORDING == "immediate" or settings.SESSION_COOKIE_NAME in request.COOKIES


def observe(request: HttpRequest, response: HttpResponseBase) -> None:
    """Record the page view and the acts of this request. Never raises: a failure is logged and counted."""
    try:
        observe_exchange(request, response, request.visitor_acts)  # type: ignore[attr-defined]
    except Exception as error:  # noqa: BLE001  (the only one: whatever recording meets, the page is served)
        # The type alone: the text of an error can hold what a visitor sent.
        logger.error("A request was not recorded: %s", type(error).__name__)
        recording.count_drop(DropReason.MALFORMED)


def collect_act(request: HttpRequest, kind: str, *, target: str, details: Mapping[str, Any]) -> None:
    """Keep an act until the response is known to have succeeded. Typed text goes no further than here."""
    acts = _acts_of(request, "An act")
    if acts is not None and len(acts) < MAX_ACTS:
        acts.append(act_of(kind, target=target, details=details))


def collect_opening(request: HttpRequest, slug: str) -> None:
    """Keep the opening of an application link until its response is ready."""
    acts = _acts_of(request, "An opening")
    if acts is not None:
        acts.append(opening_of(slug))


def _acts_of(request: HttpRequest, what: str) -> list[Act] | None:
    acts: list[Act] | None = getattr(request, "visitor_acts", None)
    if acts is None:
        logger.warning("%s was not recorded: VisitorMiddleware is not installed.", what)
    return acts
