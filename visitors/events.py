"""Take what the tracker reports: engaged time, scroll depth, outbound links and custom interactions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .ahead import MAX_CHARACTERS, observe_shown
from .details import MAX_DETAILS
from .exceptions import InvalidParameter, Rule, breaking
from .observation import OPENING, OWNER_KNOWN, PAGE, PING, PROBE, TRACKER, clean, own_path
from .observer import act_of, observe_event
from .schema import fault
from .schema_rules import WISHES, broken_by, says
from .throttles import ClientThrottle

MAX_BODY_BYTES: Final = 64 * 1024
MAX_URL_BYTES: Final = 2000
MAX_NAME: Final = 120
MAX_PROPS: Final = MAX_DETAILS
MAX_DEPTH: Final = 1_000_000  # beyond the whole page, when it grew shorter meanwhile
MAX_ENGAGED_MS: Final = 30 * 24 * 60 * 60 * 1000
SIGNS_OF_LIFE: Final = frozenset({"engagement", "pageview"})
KINDS: Final[Mapping[str, str]] = {
    "Outbound Link: Click": "outbound",
    "File Download": "download",
    "Form: Submission": "form_submission",
}
OWN_KINDS: Final = frozenset({PAGE, PING, PROBE, OPENING, OWNER_KNOWN})
ENGAGED: Final = {"n": "engagement", "u": "https://example.com/about/", "e": 20400, "sd": 67, "tz": "Europe/Berlin"}
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")


class AnyTypeParser(BaseParser):
    """The body as it came: `sendBeacon` and `fetch` without a preflight can only send text/plain."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:  # noqa: ARG002
        return stream.read(MAX_BODY_BYTES + 1)


@dataclass(frozen=True, slots=True)
class Event:
    """One report of the tracker, checked; times in milliseconds, depth in percent or -1."""

    name: str
    path: str
    host: str
    engaged_ms: int = 0
    scroll_depth: int = -1
    tz: str = ""
    seen: str = ""  # the server's word for a page fetched ahead
    props: Mapping[str, Any] = field(default_factory=dict)


@says(
    {
        "required": ["n", "u"],
        "properties": {
            "n": {"oneOf": [{"type": "string", "minLength": 1, "maxLength": MAX_NAME}, {"type": "integer"}]},
            "u": {"type": "string", "minLength": 1, "description": "The page's URL."},
            "e": {"type": "number", "minimum": 0, "maximum": MAX_ENGAGED_MS, "nullable": True},
            "sd": {"type": "number", "minimum": 0, "maximum": MAX_DEPTH, "nullable": True},
            "s": {"type": "string", "maxLength": MAX_CHARACTERS, "nullable": True},
            "p": {"type": "object", "additionalProperties": {}, "maxProperties": MAX_PROPS, "nullable": True},
            "tz": {},
        },
    }
)
class TrackerEventSerializer(serializers.Serializer[Any]):
    """One report: `n` what, `u` of which page, `e` engaged milliseconds, `sd` percent of it seen, `s` the server's word
    for a page fetched ahead, `p` properties, `tz` the time zone."""


@extend_schema(
    extensions=broken_by(Rule.LANGUAGE, Rule.UNKNOWN),
    parameters=[WISHES],
    request={"application/json": TrackerEventSerializer, "text/plain": OpenApiTypes.STR},
    responses={
        202: OpenApiResponse(description="Taken. No body."),
        400: fault(400, message="`u` must be a URL of this site, not 'https://elsewhere.example/'."),
    },
    examples=[
        OpenApiExample("Engaged time", value=ENGAGED, request_only=True),
        OpenApiExample("As text", value=json.dumps(ENGAGED), media_type="text/plain", request_only=True),
    ],
    auth=[],
)
class EventsView(APIView):
    """What the tracker saw on a page that this site served. Nothing is kept without such a page view."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (AnyTypeParser,)
    throttle_classes = (ClientThrottle,)
    throttle_scope = "events"

    def post(self, request: Request) -> Response:
        _check_origin(request._request)
        body: Any = request.data  # bytes of `AnyTypeParser`, or something empty when there was no body
        with faults_in(request):
            event = parse_event(bytes(body), is_own_host=lambda host: is_own_host(host, request._request))
        if event.seen:
            observe_shown(request._request, word=event.seen, path=event.path)
        if event.name in SIGNS_OF_LIFE:
            observe_event(
                request._request,
                kind=PING,
                path=event.path,
                target=event.name,
                engaged_ms=event.engaged_ms,
                scroll_depth=event.scroll_depth,
                tz=event.tz,
            )
        else:
            observe_event(request._request, path=event.path, tz=event.tz, **_act_of(event))
        return Response(status=202)


def faults_in(request: Request) -> AbstractContextManager[None]:
    """To the schema, JSON that is sent as text is any text: what is wrong with it breaks the language of that text."""
    is_json = str(request.content_type).startswith("application/json")
    return nullcontext() if is_json else breaking(Rule.LANGUAGE)


def is_own_host(host: str, request: HttpRequest) -> bool:
    """Whether the site answers to this name (without port), by the request itself or by `ALLOWED_HOSTS`."""
    own = split_domain_port(request.get_host())[0]
    return host == own or (bool(settings.ALLOWED_HOSTS) and validate_host(host, settings.ALLOWED_HOSTS))


def _check_origin(request: HttpRequest) -> None:
    """A page of another site reports nothing here, though its reader's browser could. Raises `InvalidParameter`.

    A browser that hides where a request comes from says "null"; programs say nothing.
    """
    origin = request.headers.get("Origin", "null")
    if origin == "null":
        return
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        host = ""
    if not is_own_host(host, request):
        raise InvalidParameter("Origin", "a page of this site", origin)


def _act_of(event: Event) -> dict[str, Any]:
    return named_act(event.name, event.props, reported_by=TRACKER)


def named_act(name: str, props: Mapping[str, Any], *, reported_by: str) -> dict[str, Any]:
    """The fields of an `Observation` for an event: its kind by its name, its target by the property `url`."""
    url = props.get("url")
    details = {key: value for key, value in props.items() if key not in {"url", "typed"}}
    act = dict(act_of(kind_of(name), target=_address(url) if isinstance(url, str) else "", details=details))
    act["details"] |= {"from": reported_by}
    return act


def kind_of(name: str) -> str:
    """The kind of interaction that an event of this name is: "Sign Up!" becomes `sign_up`."""
    kind = KINDS.get(name) or _NOT_A_WORD.sub("_", name.lower()).strip("_") or "custom"
    # What this server alone may say is not to be had by a name.
    return f"{kind}_event" if kind in OWN_KINDS else kind


def _address(url: str) -> str:
    """Host and path of a link, as a path is kept; the query may hold anything. "" for what is no address in the web."""
    try:
        parts = urlsplit(clean(url, limit=MAX_URL_BYTES))
        if parts.scheme not in {"http", "https"}:
            return ""
        return f"{parts.hostname or ''}{own_path(parts.path) if parts.path else ''}"
    except ValueError:
        return ""


def parse_event(body: bytes, *, is_own_host: Any) -> Event:
    """The event in `body`; raises `InvalidParameter` that names the key, the rule and what came."""
    given = json_object(body)
    host, path = _page_address(given.get("u"), is_own_host)
    return Event(
        name=_name(given.get("n")),
        path=path,
        host=host,
        engaged_ms=_number(given, "e", high=MAX_ENGAGED_MS, default=0),
        scroll_depth=min(_number(given, "sd", high=MAX_DEPTH, default=-1), 100),
        tz=time_zone_of(given.get("tz")),
        seen=_word(given.get("s")),
        props=_props(given.get("p")),
    )


def json_object(body: bytes) -> dict[str, Any]:
    """The object in `body`; raises `InvalidParameter` for anything else."""
    if len(body) > MAX_BODY_BYTES:
        raise InvalidParameter("body", f"at most {MAX_BODY_BYTES} bytes", f"{len(body)} or more")
    try:
        given = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise InvalidParameter("body", "a JSON object in UTF-8", body[:40].decode("utf-8", "replace")) from None
    if not isinstance(given, dict):
        raise InvalidParameter("body", "a JSON object", type(given).__name__)
    return given


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def _name(value: Any) -> str:
    name = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
        raise InvalidParameter("n", f"an event name of 1 to {MAX_NAME} characters", value)
    return clean(name, limit=MAX_NAME)


def _page_address(value: Any, is_own_host: Any) -> tuple[str, str]:
    requirement = f"the page's URL, at most {MAX_URL_BYTES} bytes"
    if not isinstance(value, str) or not value:
        raise InvalidParameter("u", requirement, value)
    if len(value.encode("utf-8", "replace")) > MAX_URL_BYTES:
        raise InvalidParameter("u", requirement, value, rule=Rule.LANGUAGE)
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        raise InvalidParameter("u", "a URL", value, rule=Rule.LANGUAGE) from None
    if parts.scheme not in {"http", "https"} or not is_own_host(host):
        raise InvalidParameter("u", "a URL of this site", value, rule=Rule.UNKNOWN)
    return host, own_path(unquote(parts.path))


def _number(given: Mapping[str, Any], key: str, *, high: int, default: int) -> int:
    value = given.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidParameter(key, "a number", value)
    if not 0 <= value <= high:
        raise InvalidParameter(key, f"between 0 and {high}", value)
    return int(value)


def time_zone_of(value: Any) -> str:
    """An IANA name, or minutes east of UTC from older trackers; anything else counts as not reported."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return clean(str(value)[:64], limit=64)


def _word(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MAX_CHARACTERS:
        raise InvalidParameter("s", f"a text of at most {MAX_CHARACTERS} characters", value)
    return value


def _props(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MAX_PROPS:
        raise InvalidParameter("p", f"an object with at most {MAX_PROPS} properties", value)
    return {name: each for name, each in value.items() if isinstance(each, str | int | float | bool) and each != ""}
