"""What the middleware or the tracker saw of one request, as primitives. The IP address never gets in here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from django.http import HttpRequest

PAGE: Final = "page"
PING: Final = "ping"
PROBE: Final = "probe"  # what browsers do not ask for: HEAD, robots.txt; `target` names it
OPENING: Final = "application_open"  # a request of an application link; `application` is its slug
OWNER_KNOWN: Final = "owner_known"  # by login or by the mark of a device: this visitor is the owner; no visit
TRACKER: Final = "tracker"
EVENTS: Final = "events"  # the events API: clients made for Plausible
KEY: Final = "key"  # the same, by a program with a token
NOBODY: Final = 0  # the visitor of an opening that asks not to be recorded
PROFILE_BIT: Final = 1 << 62  # of a visitor's id: one who agreed to be known again, not the pseudonym of a day

SPACES: Final = "\t\n "

Scalar = str | int | float | bool | None


class Observation(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One request or act, ready for the journal. A struct, since one is made, written and read for each request.
    Fields that it does not know, of a later version beside this one, are left out.
    It holds nothing that could hold it, so that the garbage collector need not look at thousands of them in a batch.

    `kind` is `PAGE`, `PING` (engagement reported by the tracker) or an interaction kind such as `download`.
    Text is already cut, free of NUL and lone surrogates, and without query strings except the campaign fields.
    """

    id: int
    at_ms: int  # Unix time, milliseconds
    day: str  # local day of the site, ISO 8601
    visitor_id: int
    previous_visitor_id: int = 0  # same client under yesterday's salt; 0 once that salt is forgotten
    kind: str = PAGE
    method: str = "GET"
    is_secure: bool = False
    host: str = ""  # of the page: lower case, without port
    path: str = "/"
    route: str = ""
    status: int = 200
    content_type: str = ""
    title: str = ""
    referrer: str = ""  # scheme://host/path, no credentials, no query
    utm_source: str = ""  # the first of utm_source, source, ref
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    click_id: str = ""  # the parameter's name ("gclid"), never its value
    application: str = ""  # slug of the application link this visit began with
    user_agent: str = ""
    accept: str = ""
    accept_language: str = ""
    sec_fetch_site: str = ""
    sec_fetch_mode: str = ""
    sec_fetch_dest: str = ""
    sec_ch_ua: str = ""
    sec_ch_ua_mobile: str = ""
    sec_ch_ua_platform: str = ""
    purpose: str = ""  # the first of Sec-Purpose, Purpose, X-Purpose, X-Moz
    requested_with: str = ""  # X-Requested-With: names the app of an Android web view
    is_owner: bool = False
    crawler: str = ""  # "verified" or "forged", by the crawler's published address ranges
    country: str = ""  # ISO 3166-1 alpha-2
    region: str = ""
    city: str = ""
    network: str = ""
    network_kind: str = ""  # isp, mobile, business, education, hosting, vpn
    tz: str = ""  # IANA name, or minutes east of UTC from older trackers ("-300")
    engaged_ms: int = 0
    scroll_depth: int = -1  # percent, -1 = not reported
    target: str = ""
    via: str = ""  # who reported it: TRACKER, EVENTS or KEY; "" = this server saw it
    details: dict[str, Scalar] = {}


class DropReason(StrEnum):
    """Why an observation is no page view. The order is the layout of the drop counters: only append."""

    METHOD = "method"
    PREFETCH = "prefetch"
    EXCLUDED_PATH = "excluded path"
    REDIRECT = "redirect"
    STATUS = "status"
    STREAMING = "file or stream"
    NOT_HTML = "not HTML"
    EMBEDDED = "embedded"
    BACKGROUND = "background request"
    OPT_OUT = "opt-out"
    JOURNAL_FULL = "journal full"
    JOURNAL_ERROR = "journal not writable"
    SPAM = "spam referrer"
    NO_PAGE_VIEW = "no page view to belong to"
    MALFORMED = "malformed"
    OVER_CAP = "over the cap"
    OTHER_SITE = "event of another site"
    ERASED = "erased"


# Navigations by Sec-Fetch-Dest; an absent header says nothing, since plain HTTP and old browsers do not send it.
DOCUMENT_DESTINATIONS: Final = frozenset({"", "document"})
EMBEDDED_DESTINATIONS: Final = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})


def is_profile(visitor_id: int) -> bool:
    """Whether this id stands for somebody who agreed to be known again on other days."""
    return visitor_id >= PROFILE_BIT


def page_kind(
    *,
    method: str,
    path: str,
    status: int,
    content_type: str,
    is_streaming: bool = False,
    is_attachment: bool = False,
    destination: str = "",
    purpose: str = "",
    requested_with: str = "",
    excluded: tuple[str, ...] = (),
) -> str | DropReason:
    """`PAGE` for an HTML document shown or not found, `PROBE` for a robot's question, else why it is neither.

    A page view is GET, 2xx, `text/html`, a navigation, whole in memory. 404 counts as "not found" and keeps its
    status. `purpose` is any of the prefetch headers: every value of them means "nobody looks at this yet".
    """
    if path.startswith(excluded):
        return DropReason.EXCLUDED_PATH
    if purpose:
        return DropReason.PREFETCH
    if path == "/robots.txt" and method == "GET":
        return PROBE
    if status >= 300 and status != 404:
        return DropReason.REDIRECT if status < 400 else DropReason.STATUS
    if is_streaming or is_attachment:
        return DropReason.STREAMING
    if method not in {"GET", "HEAD"}:
        return DropReason.METHOD
    if status < 200 or status == 204:
        return DropReason.STATUS
    if not content_type.lower().startswith(("text/html", "application/xhtml+xml")):
        return DropReason.NOT_HTML
    if destination not in DOCUMENT_DESTINATIONS:
        return DropReason.EMBEDDED if destination in EMBEDDED_DESTINATIONS else DropReason.BACKGROUND
    if requested_with == "XMLHttpRequest":
        return DropReason.BACKGROUND
    return PAGE if method == "GET" else PROBE


def clean(text: str, *, limit: int) -> str:
    """`text` that every store accepts: no NUL, control character or lone surrogate, at most `limit` characters."""
    text = text[:limit]
    if text.isprintable():
        return text
    return (
        "".join(character for character in text if character.isprintable() or character in SPACES)
        .encode("utf-8", "ignore")
        .decode("utf-8")
    )


TEXT_LIMIT: Final = 200
PATH_LIMIT: Final = 500
HOST_LIMIT: Final = 255
HEADER_LIMIT: Final = 1024
MAX_PARAMETERS: Final = 100
TITLE_WITHIN: Final = 4096  # bytes of the document searched for its title

CLICK_IDS: Final = ("gclid", "wbraid", "gbraid", "msclkid", "fbclid", "ttclid", "twclid", "li_fat_id", "dclid")
PURPOSE_HEADERS: Final = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
_HEADERS: Final = {
    "user_agent": "HTTP_USER_AGENT",
    "accept": "HTTP_ACCEPT",
    "accept_language": "HTTP_ACCEPT_LANGUAGE",
    "sec_fetch_site": "HTTP_SEC_FETCH_SITE",
    "sec_fetch_mode": "HTTP_SEC_FETCH_MODE",
    "sec_fetch_dest": "HTTP_SEC_FETCH_DEST",
    "sec_ch_ua": "HTTP_SEC_CH_UA",
    "sec_ch_ua_mobile": "HTTP_SEC_CH_UA_MOBILE",
    "sec_ch_ua_platform": "HTTP_SEC_CH_UA_PLATFORM",
    "requested_with": "HTTP_X_REQUESTED_WITH",
}
# Mail programs encode what was encoded: `%2540` of an address line is `%40` by now.
_AT: Final = re.compile(r"@|%(?:25){0,8}40")
_PORT: Final = re.compile(r":[0-9]*$")
_FIELDS: Final = tuple(_HEADERS)
_NAMES: Final = tuple(_HEADERS.values())
_ABSENT: Final = ("",) * len(_HEADERS)


def seen_in_request(request: HttpRequest) -> dict[str, Any]:
    """The fields of an `Observation` that one request tells, cleaned and cut. No address, no cookie, no query.

    The referrer is left to the caller, which reduces it by the rules of detection.
    """
    meta = request.META
    # Without a step of Python for each header; one look at all of them finds that a browser's need no cleaning.
    seen: dict[str, Any] = dict(zip(_FIELDS, map(meta.get, _NAMES, _ABSENT), strict=True))
    together = "".join(seen.values())
    if len(together) > HEADER_LIMIT or not together.isprintable():
        seen = {field: clean(value, limit=HEADER_LIMIT) for field, value in seen.items()}
    if not meta.keys().isdisjoint(PURPOSE_HEADERS):
        seen["purpose"] = purpose_of(meta)
    if meta.get("QUERY_STRING"):
        seen |= _campaign_in(request)
    match, method = request.resolver_match, request.method
    if method != "GET":
        seen["method"] = clean(method or "", limit=20)
    seen["is_secure"] = request.scheme == "https"
    seen["host"] = host_of(meta.get("HTTP_HOST") or meta.get("SERVER_NAME", ""))
    path = request.path
    is_plain = len(path) <= PATH_LIMIT and path.isprintable() and "@" not in path and "%" not in path
    seen["path"] = path if is_plain else own_path(path)
    seen["route"] = match.view_name[:100] if match else ""
    return seen


# A site has few names, but a client may send any.
@lru_cache(maxsize=64)
def host_of(header: str) -> str:
    """A `Host` header as the host of a page is kept: lower case, without port, brackets and the dot at its end."""
    return clean_host(_PORT.sub("", header).strip("[]"))


def clean_host(text: str) -> str:
    """One that comes without a port and brackets, as out of a URL."""
    return "".join(clean(text, limit=HOST_LIMIT).lower().split())[:HOST_LIMIT].removesuffix(".")


def purpose_of(meta: Mapping[str, Any]) -> str:
    """What a browser says about a request that nobody made on purpose; "" for an ordinary one."""
    for header in PURPOSE_HEADERS:
        if header in meta:
            return clean(str(meta[header]), limit=40)
    return ""


def _campaign_in(request: HttpRequest) -> dict[str, str]:
    # Django refuses to read a query of very many parameters; the page that did not read it is a page view.
    return campaign_of(request.GET) if request.META["QUERY_STRING"].count("&") < MAX_PARAMETERS else {}


def campaign_of(query: Mapping[str, str]) -> dict[str, str]:
    """The allow-list of query parameters: campaign fields, and the name of a click id. All else is forgotten here."""
    fields = {
        "utm_source": next((query[name] for name in ("utm_source", "source", "ref") if query.get(name)), ""),
        **{name: query.get(name, "") for name in ("utm_medium", "utm_campaign", "utm_term", "utm_content")},
    }
    kept = {name: without_address(clean(value, limit=TEXT_LIMIT)) for name, value in fields.items() if value}
    click_id = next((name for name in CLICK_IDS if query.get(name)), "")
    return kept | {"click_id": click_id} if click_id else kept


def own_path(path: str) -> str:
    """A path of this site as it is kept: of a segment that holds an e-mail address only `***`."""
    path = clean(path, limit=PATH_LIMIT) or "/"
    if not _AT.search(path):
        return path
    return "/".join("***" if _AT.search(segment, 1) else segment for segment in path.split("/"))


def without_address(text: str) -> str:
    """A campaign field that holds an e-mail address says who came; that is not for us to know.

    Of an address with a query of its own (`ref=https://host/?token=...`) the query goes.
    """
    return "" if _AT.search(text) else text.partition("?")[0]


def title_of(content: bytes, charset: str) -> str:
    """The document's title, when it stands within the first `TITLE_WITHIN` bytes; "" otherwise."""
    start = content.find(b"<title", 0, TITLE_WITHIN)
    begin = content.find(b">", start, TITLE_WITHIN) + 1 if start >= 0 else 0
    end = content.find(b"</title", begin, begin + TITLE_WITHIN) if begin else -1
    return _title_text(content[begin:end], charset or "utf-8") if end >= 0 else ""


# A site has few pages beside those who read them.
@lru_cache(maxsize=256)
def _title_text(raw: bytes, charset: str) -> str:
    try:
        text = raw.decode(charset, "replace")
    except LookupError:
        text = raw.decode("utf-8", "replace")
    return clean(unescape(" ".join(text.split())), limit=TEXT_LIMIT)
