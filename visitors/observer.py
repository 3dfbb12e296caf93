"""Build observations from requests: what was seen, who came, what they did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase

from . import recording
from .conf import conf
from .detection.networks import NOWHERE, Place
from .detection.recruiters import match_typed_text
from .detection.referrers import reduce_referrer
from .identity import Client, RequestVisitor, client_of, local_day, now_ms
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
from .privacy.wishes import wish_of

KIND_LIMIT: Final = 40
TARGET_LIMIT: Final = 300
DETAIL_LIMIT: Final = 200
MAX_DETAILS: Final = 20
MAX_NUMBER: Final = (1 << 63) - 1

Act = Mapping[str, Any]


def observe_exchange(request: HttpRequest, response: HttpResponseBase, acts: list[Act]) -> None:
    """Record the page view of this request, if it is one, and its acts, if it succeeded."""
    is_owner = is_staff(request)
    if is_owner:
        remember_owner(request, response)
    if is_owner or is_owners_device(request):
        _tell_owner(request)
    content_type = response.get("Content-Type", "")
    kind = _kind_of(request, response, content_type)
    # An excluded path was never to be observed: counting it would make each report change what the next one stores.
    if isinstance(kind, DropReason) and kind is not DropReason.EXCLUDED_PATH:
        recording.count_drop(kind)
    kept = _kept(acts, kind, status=response.status_code) if acts else acts
    if isinstance(kind, DropReason) and not kept:
        return
    if conf.is_profiling:
        follow_consent(request, response, is_page=kind == PAGE and response.status_code < 400 and not is_owner)
    if wishes_no_record(request):
        recording.count_drop(DropReason.OPT_OUT)
        _count_opening(request, kept)
        return
    at_ms = now_ms()
    seen = seen_in_request(request) | _who(request, is_owner=is_owner or is_owners(request))
    if not isinstance(kind, DropReason):
        recording.record(_page(kind, seen, at_ms, response, content_type))
    for act in kept:
        recording.record(Observation(id=recording.next_id(at_ms), at_ms=at_ms, **seen, **act))


def _tell_owner(request: HttpRequest) -> None:
    """Once a day and browser, on whatever path: what it visited before it was known was the owner's too."""
    if wishes_no_record(request) or not is_newly_known(_client(request).visitor_id):
        return
    at_ms, who = now_ms(), _who(request, is_owner=True) | {"referrer": ""}
    recording.record(Observation(id=recording.next_id(at_ms), at_ms=at_ms, kind=OWNER_KNOWN, **who))


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
    """The link that this visitor chose is counted, and nothing of him: no id, no origin, no place."""
    at_ms = now_ms()
    for act in acts:
        if act["kind"] == OPENING:
            seen = seen_in_request(request) | {"day": local_day(at_ms).isoformat(), "is_owner": _is_owner(request)}
            identifier = recording.next_id(at_ms)
            recording.record(Observation(id=identifier, at_ms=at_ms, visitor_id=NOBODY, **seen, **act))


def observe_event(request: HttpRequest, *, kind: str, path: str, **fields: Any) -> bool:
    """Record what the tracker reported of the page at `path`; whether the visitor's wishes allow it."""
    if wishes_no_record(request):
        recording.count_drop(DropReason.OPT_OUT)
        return False
    at_ms = now_ms()
    who = _who(request, is_owner=_is_owner(request))
    seen = seen_in_request(request) | who | {"path": path, "referrer": ""} | fields
    recording.record(Observation(**{"id": recording.next_id(at_ms), "at_ms": at_ms, "kind": kind, **seen}))
    return True


def act_of(kind: str, *, target: str, details: Mapping[str, Any]) -> Act:
    """The fields of an `Observation` for an act, with scalars cut and typed text replaced by what it matched."""
    typed = str(details.get("typed", ""))
    kept: dict[str, Scalar] = {
        clean(str(name), limit=KIND_LIMIT): _scalar(value)
        for name, value in list(details.items())[:MAX_DETAILS]
        if name != "typed"
    }
    if typed:
        kept |= match_typed_text(kind, typed)
    return {
        "kind": clean(str(kind), limit=KIND_LIMIT),
        "target": clean(str(target), limit=TARGET_LIMIT),
        "details": kept,
    }


def _scalar(value: Any) -> Scalar:
    """What a JSON column of every store takes; a number without end or beyond 64 bits becomes `None`."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if -MAX_NUMBER <= value <= MAX_NUMBER else None
    return clean(str(value), limit=DETAIL_LIMIT)


def _kind_of(request: HttpRequest, response: HttpResponseBase, content_type: str) -> str | DropReason:
    meta = request.META
    return page_kind(
        method=request.method or "",
        path=request.path,
        status=response.status_code,
        content_type=content_type,
        is_streaming=response.streaming,
        is_attachment=response.get("Content-Disposition", "").startswith("attachment"),
        destination=meta.get("HTTP_SEC_FETCH_DEST", ""),
        purpose=purpose_of(meta),
        requested_with=meta.get("HTTP_X_REQUESTED_WITH", ""),
        excluded=conf.unobserved_paths,
    )


def wishes_no_record(request: HttpRequest) -> bool:
    """Do Not Track, Global Privacy Control, or the opt-out cookie, which holds no id."""
    return bool(wish_of(request))


def _who(request: HttpRequest, *, is_owner: bool) -> dict[str, Any]:
    client = _client(request)
    who = {
        "referrer": referrer_of(request.META),
        "day": client.day.isoformat(),
        "visitor_id": client.visitor_id,
        "previous_visitor_id": client.previous_visitor_id,
        "crawler": client.crawler,
        "is_owner": is_owner,
    }
    return who if client.place is NOWHERE else who | _where(client.place)


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


def _client(request: HttpRequest) -> Client:
    visitor: RequestVisitor | None = getattr(request, "visitor", None)
    return visitor.client if visitor else client_of(request.META)


def _is_owner(request: HttpRequest) -> bool:
    """Staff of the site, or a device or network of theirs."""
    return is_staff(request) or is_owners(request)


def _page(kind: str, seen: Mapping[str, Any], at_ms: int, response: HttpResponseBase, content_type: str) -> Observation:
    return Observation(
        id=recording.next_id(at_ms),
        at_ms=at_ms,
        kind=kind,
        status=response.status_code,
        content_type=clean(content_type, limit=100),
        title=_title(response, content_type) if kind == PAGE else "",
        target=(seen["path"] if seen["method"] == "GET" else seen["method"]) if kind == PROBE else "",
        **seen,
    )


def _title(response: HttpResponseBase, content_type: str) -> str:
    if response.get("Content-Encoding"):
        return ""
    # The header says UTF-8 nearly always; reading the charset property runs a regular expression.
    is_utf8 = "utf-8" in content_type.lower()
    return title_of(getattr(response, "content", b""), "utf-8" if is_utf8 else response.charset or "utf-8")
