"""Take events from clients made for Plausible: pages that this server did not show, engaged time, acts.

Decides what is left out at once; what belongs to which visit is the recorder's matter.
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from visitors import recording
from visitors.addresses import MAX_HOPS, client_ip, parse_ip
from visitors.authentication import may_send_events, token_of
from visitors.conf import conf
from visitors.detection.referrers import reduce_referrer, referrer_host
from visitors.events import SIGNS_OF_LIFE, AnyTypeParser, faults_in, is_own_host, named_act
from visitors.exceptions import Rule
from visitors.identity import RequestVisitor
from visitors.observation import EVENTS, KEY, MAX_PARAMETERS, PING, DropReason, campaign_of
from visitors.observer import observe_event
from visitors.schema_rules import WISHES, broken_by
from visitors.throttles import ClientThrottle

from .event_body import Event, read_event
from .faces import PlausibleView, is_own_site
from .schema import ERROR, RULE, TOKEN, ClientEventSerializer

DROPPED: Final = {"x-plausible-dropped": "1"}
# Any page may report, as from a front end on another host; no cookie is ever asked for.
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Authorization, X-Debug-Request",
    "Access-Control-Expose-Headers": "x-plausible-dropped",
    "Access-Control-Max-Age": "86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
ENGAGEMENT: Final = "engagement"
PAGE_VIEW: Final = {"n": "pageview", "u": "https://example.com/about/", "d": "example.com", "r": None}


def _told(description: str, text: str) -> OpenApiResponse:
    """An answer in plain text."""
    example = OpenApiExample("Text", value=text, media_type="text/plain")
    return OpenApiResponse(OpenApiTypes.STR, description=description, examples=[example])


class EventView(PlausibleView):
    """Open to everyone; a program with a token of scope `events` may speak for its visitors."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (AnyTypeParser,)
    throttle_classes = (ClientThrottle,)
    throttle_scope = "events"

    @extend_schema(
        operation_id="plausible_event",
        tags=["plausible"],
        description="A page view, engaged time or an act, as clients made for Plausible report it.",
        extensions=broken_by(Rule.LANGUAGE),
        parameters=[RULE, WISHES],
        request={"application/json": ClientEventSerializer, "text/plain": OpenApiTypes.STR},
        responses={
            (200, "text/plain"): _told("The address used, for `X-Debug-Request: true`.", "198.51.100.7"),
            (202, "text/plain"): _told("Taken; left out when the header `x-plausible-dropped: 1` says so.", "ok"),
            **{status: ERROR[status] for status in (400, 401, 403, 429)},
        },
        examples=[
            OpenApiExample("Page view", value=PAGE_VIEW, request_only=True),
            OpenApiExample("As text", value=json.dumps(PAGE_VIEW), media_type="text/plain", request_only=True),
        ],
        auth=[{}, TOKEN],  # type: ignore[list-item]
    )
    def post(self, request: Request) -> HttpResponse:
        body: Any = request.data  # bytes of `AnyTypeParser`, or something empty when there was no body
        with faults_in(request):
            event = read_event(bytes(body))
        is_keyed = _is_keyed(request)
        if is_keyed:
            _speak_for_visitor(request._request)
        is_taken = observe_client_event(request._request, event, via=KEY if is_keyed else EVENTS)
        headers = {} if is_taken else DROPPED
        if request.headers.get("X-Debug-Request") == "true":
            return HttpResponse(client_ip(request.META), content_type="text/plain", headers=headers)
        return HttpResponse("ok", status=202, content_type="text/plain", headers=headers)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002
        """What a browser asks before it sends JSON from another origin."""
        return Response(status=204)

    def get_authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        """What makes a bad token's answer a 401."""
        return "Bearer"

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answered: Response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in (CORS | {"Cache-Control": "no-store"}).items():
            answered[name] = value
        return answered


def _is_keyed(request: Request) -> bool:
    """Raises for a token that opens nothing: whoever sends one wants to be told."""
    if token_of(request) is None:
        return False
    if not may_send_events(request):
        raise PermissionDenied("Sending events needs a token of scope `events`.")
    return True


def _speak_for_visitor(request: HttpRequest) -> None:
    """A program relays for somebody else: the first address that it names is his, and from here on the request's."""
    hops = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",", MAX_HOPS)
    named = next(filter(None, (parse_ip(hop) for hop in hops)), "")
    if named:
        request.META.update({"REMOTE_ADDR": named, "HTTP_X_FORWARDED_FOR": ""})
        request.visitor = RequestVisitor(request.META)  # type: ignore[attr-defined]


def observe_client_event(request: HttpRequest, event: Event, *, via: str) -> bool:
    """Record the event; whether it was taken. Another site's, an excluded page's and an unwilling visitor's are not."""
    if not any(is_own_site(name, request) for name in event.sites):
        recording.count_drop(DropReason.OTHER_SITE)
        return False
    is_own_page = event.scheme in {"http", "https"} and is_own_host(event.host, request)
    if is_own_page and event.path.startswith(conf.unobserved_paths):
        return False
    seen = {"host": event.host, "route": _route(event.path) if is_own_page else "", "tz": event.tz, "via": via}
    if event.name == ENGAGEMENT:
        told = {"target": ENGAGEMENT, "engaged_ms": event.engaged_ms, "scroll_depth": event.scroll_depth}
        return observe_event(request, kind=PING, path=event.path, **seen, **told)
    seen |= _campaign(event.query) | {"referrer": _referrer(event.referrer, request)}
    act = {"kind": PING, "target": event.name} if event.name in SIGNS_OF_LIFE else _act(event)
    return observe_event(request, path=event.path, **seen, **act)


def _act(event: Event) -> dict[str, Any]:
    act = named_act(event.name, event.props, reported_by=EVENTS)
    if event.revenue:
        act["details"] |= {"revenue": event.revenue[0], "currency": event.revenue[1]}
    if not event.is_interactive:
        act["details"] |= {"interactive": False}
    return act


def _route(path: str) -> str:
    """The name of the page's route, when it is a page of this server."""
    try:
        return resolve(path.partition("#")[0]).view_name[:100]
    except Resolver404:
        return ""


def _campaign(query: str) -> dict[str, str]:
    return campaign_of(QueryDict(query)) if query.count("&") < MAX_PARAMETERS else {}


def _referrer(raw: str, request: HttpRequest) -> str:
    """Reduced; a page of this site is no referrer."""
    return "" if is_own_site(referrer_host(raw), request) else reduce_referrer(raw)
