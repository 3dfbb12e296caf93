"""Build observations from requests: what was seen, who came, what they did."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase

from . import recording
from .conf import conf
from .details import DETAIL_LIMIT, DETAIL_NAME_LIMIT, MAX_DETAIL_BYTES, MAX_DETAILS, within
from .detection.bots import classify_user_agent
from .detection.networks import NOWHERE, Place
from .detection.recruiters import company_address, match_typed_text
from .detection.referrers import reduce_referrer
from .identity import RequestVisitor, client_of, local_day, now_ms
from .observation import (
    NOBODY,
    OPENING,
    OWNER_KNOWN,
    PAGE,
    PROBE,
    DropReason,
    Observation,
    Scalar,
    clean,
    page_kind,
    purpose_of,
    seen_in_request,
    title_of,
)
from .ownership import is_newly_known, is_owners, is_owners_device, is_staff, remember_owner
from .privacy.profiles import follow_consent
from .privacy.wishes import SPOKEN_IN, wish_of

KIND_LIMIT: Final = 40
TARGET_LIMIT: Final = 300
MAX_NUMBER: Final = (1 << 63) - 1
# Of these details only what can be said of anybody is kept.
TYPED: Final = frozenset({"typed", "email_domain"})

# What `response.headers` keeps by lower-case name is read directly below: `response.get` costs four calls a header,
# and an exception for one that is not there.
NOT_TOLD: Final = ("", "")

Act = dict[str, Any]


def observe_exchange(request: HttpRequest, response: HttpResponseBase, acts: list[Act]) -> None:
    """Record the page view of this request, if it is one, and its acts, if it succeeded."""
    # Without a cookie nobody is logged in, and most visitors bring none.
    is_owner = bool(request.COOKIES) and is_staff(request)
    if is_owner:
        remember_owner(request, response)
    if request.COOKIES and (is_owner or is_owners_device(request)):
        _tell_owner(request)
    if not acts and request.path.startswith(conf.unobserved_paths):
        return  # nor is it looked at
    seen, told = seen_in_request(request), response.headers._store
    kind = page_kind(
        method=request.method or "",
        path=request.path,
        status=response.status_code,
        content_type=told.get("content-type", NOT_TOLD)[1],
        is_streaming=response.streaming,
        is_attachment=told.get("content-disposition", NOT_TOLD)[1].startswith("attachment"),
        destination=seen["sec_fetch_dest"],
        purpose=seen.get("purpose", ""),
        requested_with=seen["requested_with"],
        excluded=conf.unobserved_paths,
    )
    is_dropped = isinstance(kind, DropReason)
    # An excluded path was never to be observed: counting it would make each report change what the next one stores.
    if is_dropped and kind is not DropReason.EXCLUDED_PATH:
        recording.count_drop(DropReason(kind))
    kept = _kept(acts, kind, status=response.status_code) if acts else acts
    if is_dropped and not kept:
        return
    if conf.is_profiling:
        follow_consent(request, response, is_page=kind == PAGE and response.status_code < 400 and not is_owner)
    # Most requests say nothing that could be a wish.
    if not SPOKEN_IN.isdisjoint(request.META) and wish_of(request):
        recording.count_drop(DropReason.OPT_OUT)
        _count_opening(request, kept)
        return
    seen["at_ms"] = now_ms()
    _put_who(seen, request, is_owner=is_owner or is_owners(request))
    done = [{**seen, **act} for act in kept] if kept else kept
    if not is_dropped:
        _put_page(seen, kind, response)
        recording.record_new(seen)
    for act in done:
        recording.record_new(act)


def _tell_owner(request: HttpRequest) -> None:
    """Once a day and browser, on whatever path: what it visited before it was known was the owner's too."""
    if wishes_no_record(request):
        return
    who: dict[str, Any] = {}
    _put_who(who, request, is_owner=True)
    if is_newly_known(who["visitor_id"]):
        recording.record_new(who | {"at_ms": now_ms(), "kind": OWNER_KNOWN, "referrer": ""})


def _kept(acts: list[Act], kind: str | DropReason, *, status: int) -> list[Act]:
    """Neither a failed request nor one that a browser made ahead of its user is an act of his.

    The opening of an application link is kept even then: it is judged by what fetched it.
    """
    if status >= 400:
        return []
    return [act for act in acts if act["kind"] == OPENING] if kind is DropReason.PREFETCH else acts


def opening_of(slug: str) -> Act:
    """The fields of an `Observation` for the opening of an application link."""
    return {"kind": OPENING, "application": slug}


def _count_opening(request: HttpRequest, acts: list[Act]) -> None:
    """The link that this visitor chose is counted, and nothing of him: no id, no origin, no place, no browser.

    Here, where the request is still known, it is left out what is no visitor's choice.
    """
    opened = [act for act in acts if act["kind"] == OPENING]
    if not opened or not _is_chosen(request) or _is_owner(request):
        return
    at_ms = now_ms()
    day = local_day(at_ms).isoformat()
    for act in opened:
        recording.record_new({"at_ms": at_ms, "day": day, "visitor_id": NOBODY, **act})


def _is_chosen(request: HttpRequest) -> bool:
    """Whether a browser asked, for somebody who looks at the answer now."""
    is_ahead = bool(purpose_of(request.META))
    is_bot = classify_user_agent(str(request.META.get("HTTP_USER_AGENT", ""))).is_bot
    return request.method == "GET" and not is_ahead and not is_bot


def observe_event(request: HttpRequest, *, kind: str, path: str, **fields: Any) -> bool:
    """Record what the tracker reported of the page at `path`; whether the visitor's wishes allow it."""
    if wishes_no_record(request):
        recording.count_drop(DropReason.OPT_OUT)
        return False
    seen = seen_in_request(request)
    _put_who(seen, request, is_owner=_is_owner(request))
    seen |= {"at_ms": now_ms(), "kind": kind, "path": path, "referrer": ""} | fields
    if "id" in seen:
        recording.record(Observation(**seen))
    else:
        recording.record_new(seen)
    return True


def act_of(kind: str, *, target: str, details: Mapping[str, Any]) -> Act:
    """The fields of an `Observation` for an act, with scalars cut and typed text replaced by what it matched.

    Of `email_domain`, which may be a person's own, it stays whether it is an organisation's.
    """
    typed, domain = (str(details.get(name, "")) for name in ("typed", "email_domain"))
    kept: dict[str, Scalar] = {
        clean(str(name), limit=DETAIL_NAME_LIMIT): _scalar(value)
        for name, value in list(details.items())[:MAX_DETAILS]
        if name not in TYPED
    }
    if domain:
        kept["from_organisation"] = company_address(domain)
    if typed:
        kept |= match_typed_text(kind, typed)
    return {
        "kind": clean(str(kind), limit=KIND_LIMIT),
        "target": clean(str(target), limit=TARGET_LIMIT),
        "details": within(kept, most=MAX_DETAIL_BYTES),
    }


def _scalar(value: Any) -> Scalar:
    """What a JSON column of every store takes; a number without end or beyond 64 bits becomes `None`."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if -MAX_NUMBER <= value <= MAX_NUMBER else None
    return clean(str(value), limit=DETAIL_LIMIT)


def wishes_no_record(request: HttpRequest) -> bool:
    """Do Not Track, Global Privacy Control, or the opt-out cookie, which holds no id."""
    return bool(wish_of(request))


def _put_who(seen: dict[str, Any], request: HttpRequest, *, is_owner: bool) -> None:
    visitor: RequestVisitor | None = getattr(request, "visitor", None)
    client = visitor.client if visitor else client_of(request.META)
    if "HTTP_REFERER" in request.META:
        seen["referrer"] = referrer_of(request.META)
    seen["day"] = client.day
    seen["visitor_id"] = client.visitor_id
    seen["previous_visitor_id"] = client.previous_visitor_id
    if client.crawler:
        seen["crawler"] = client.crawler
    if is_owner:
        seen["is_owner"] = is_owner
    if client.place is not NOWHERE:
        seen |= _where(client.place)


def _where(place: Place) -> dict[str, str]:
    return {
        "country": place.country,
        "region": place.region,
        "city": place.city,
        "network": place.network,
        "network_kind": place.network_kind,
    }


def referrer_of(meta: Mapping[str, Any]) -> str:
    """The page before, reduced; a page of this site is no referrer, and most requests come from one."""
    raw, host = meta.get("HTTP_REFERER", ""), meta.get("HTTP_HOST", "")
    if not raw or (host and raw.startswith((f"https://{host}/", f"http://{host}/"))):
        return ""
    return reduce_referrer(raw)


def _is_owner(request: HttpRequest) -> bool:
    """Staff of the site, or a device or network of theirs."""
    return is_staff(request) or is_owners(request)


def _put_page(seen: dict[str, Any], kind: str, response: HttpResponseBase) -> None:
    told = response.headers._store
    content_type = told.get("content-type", NOT_TOLD)[1]
    seen["kind"], seen["status"], seen["content_type"] = kind, response.status_code, _content_type_of(content_type)
    if kind == PROBE:
        seen["target"] = seen.get("method", seen["path"])
    elif kind == PAGE and not told.get("content-encoding", NOT_TOLD)[1]:
        # The header says UTF-8 nearly always; reading the charset property runs a regular expression.
        is_utf8 = "utf-8" in content_type.lower()
        seen["title"] = title_of(getattr(response, "content", b""), "utf-8" if is_utf8 else response.charset or "utf-8")


@lru_cache(maxsize=64)
def _content_type_of(header: str) -> str:
    return clean(header, limit=100)
