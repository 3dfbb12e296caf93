"""Weigh what a request's headers and a session's course say against a browser's name.

Pure. Every rule rests on what browsers always send or visitors never do, so that silence (an access log without
headers, plain HTTP, a browser older than a header) is never evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

import msgspec

from .bot_names import USER_AGENT_LENGTH, Matcher, compile_patterns, read_rows
from .bot_verdicts import BotKind, BotVerdict, declared, suspected

if TYPE_CHECKING:
    from visitors.observation import Observation

# First versions that send Sec-Fetch-Site, -Mode and -Dest on every secure request (MDN browser compatibility tables).
CHROMIUM_WITH_SEC_FETCH: Final = 80
FIREFOX_WITH_SEC_FETCH: Final = 90
WEBKIT_WITH_SEC_FETCH: Final = (16, 4)

CHROMIUM = re.compile(r"(?:Chrome|Chromium)/(\d{1,4})")
FIREFOX = re.compile(r"\bFirefox/(\d{1,4})")
IOS = re.compile(r"(?:iPhone|iPad|iPod).*? OS (\d{1,3})[_.](\d{1,3})")
MAC_SAFARI = re.compile(r"Macintosh.* Version/(\d{1,3})\.(\d{1,3})\S* Safari/")
HINTED_CHROMIUM = re.compile(r'"(?:Chromium|Google Chrome)";\s*v="(\d{1,4})')
LOCAL_HOST = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?|[\w.-]+\.localhost)(?::\d+)?$")

# `Sec-CH-UA-Platform` -> what the user agent then says of its system. "Linux" also comes from Android in desktop mode.
PLATFORM_MARKS: Final = {
    "windows": ("Windows",),
    "macos": ("Macintosh", "Mac OS X"),
    "linux": ("Linux", "X11"),
    "android": ("Android", "Linux"),
    "chrome os": ("CrOS",),
    "chromium os": ("CrOS",),
}

FAST_GAP_MS: Final = 2_000
VERY_FAST_GAP_MS: Final = 1_000
VERY_FAST_PAGES: Final = 10
FAST_POST_MS: Final = 5_000  # nobody fills in a contact form faster
MANY_ERRORS: Final = 10
SCANNED_PATH_LENGTH: Final = 512


class SessionEvidence(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The course of one session. Leave out what is not known: a default never speaks against the visitor.

    `paths` are all paths asked for, in order, errors and robots.txt included, and `statuses` their HTTP statuses
    (same length, or empty). `has_tracker_sign` is true once the tracker reported anything, and counts only where
    `pages_carry_tracker`. `first_post_ms` is the time from the first page view to the first form sent, -1 for none.
    """

    paths: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    page_views: int = 0
    duration_ms: int = 0
    engaged_ms: int = 0
    has_tracker_sign: bool = False
    pages_carry_tracker: bool = False
    first_post_ms: int = -1
    network_kind: str = ""


def header_suspicion(observation: Observation) -> BotVerdict | None:
    """The first contradiction between this request's headers and its user agent's name, if any."""
    if "Headless" in observation.sec_ch_ua:
        return declared(BotKind.HEADLESS, name="HeadlessChrome", reason="Sec-CH-UA names a headless browser")
    if observation.method == "HEAD":
        return suspected(BotKind.MONITORING, reason="asked by HEAD, which no page navigation uses")
    browser = modern_browser(observation.user_agent[:USER_AGENT_LENGTH])
    reason = next(filter(None, (rule(observation, browser) for rule in HEADER_RULES)), "") or _app_client(observation)
    if reason:
        return suspected(BotKind.HTTP_LIBRARY, reason=reason)
    reason = _navigation_without_html(observation) or _hint_contradiction(observation)
    return suspected(BotKind.HEADLESS, reason=reason) if reason else None


def modern_browser(user_agent: str) -> str:
    """Name and version of a browser that sends Sec-Fetch headers on secure requests; "" for older and unknown ones.

    Every browser on iOS is WebKit, whatever its name, so there the system's version decides.
    """
    if ios := IOS.search(user_agent):
        version = int(ios[1]), int(ios[2])
        return f"WebKit of iOS {version[0]}.{version[1]}" if version >= WEBKIT_WITH_SEC_FETCH else ""
    if chromium := CHROMIUM.search(user_agent):
        return f"Chromium {chromium[1]}" if int(chromium[1]) >= CHROMIUM_WITH_SEC_FETCH else ""
    if firefox := FIREFOX.search(user_agent):
        return f"Firefox {firefox[1]}" if int(firefox[1]) >= FIREFOX_WITH_SEC_FETCH else ""
    if safari := MAC_SAFARI.search(user_agent):
        version = int(safari[1]), int(safari[2])
        return f"Safari {version[0]}.{version[1]}" if version >= WEBKIT_WITH_SEC_FETCH else ""
    return ""


def is_trustworthy(observation: Observation) -> bool:
    """Whether browsers send Sec-Fetch and client hints here: HTTPS, or a loopback host (W3C Secure Contexts)."""
    return observation.is_secure or LOCAL_HOST.match(observation.host) is not None


def _fetch_metadata_gap(observation: Observation, browser: str) -> str:
    sent = (observation.sec_fetch_site, observation.sec_fetch_mode, observation.sec_fetch_dest)
    if not browser or all(sent):
        return ""
    if any(sent):
        return f"only part of the Sec-Fetch headers that {browser} sends together"
    return f"no Sec-Fetch headers under the name of {browser}" if is_trustworthy(observation) else ""


def _language_gap(observation: Observation, browser: str) -> str:
    if not browser or observation.accept_language not in ("", "*"):
        return ""
    if observation.accept_language == "*":
        return f"Accept-Language is *, which {browser} never sends"
    return f"no Accept-Language under the name of {browser}" if is_trustworthy(observation) else ""


def _bare_accept(observation: Observation, browser: str) -> str:
    """On plain HTTP one odd header is too little; a page asked for with neither HTML nor a language is not."""
    if not browser or not observation.accept or "html" in observation.accept or observation.accept_language:
        return ""
    return f"neither HTML in Accept nor an Accept-Language under the name of {browser}"


HEADER_RULES: Final[tuple[Callable[[Observation, str], str], ...]] = (
    _fetch_metadata_gap,
    _language_gap,
    _bare_accept,
)


def _app_client(observation: Observation) -> str:
    """Android's own HTTP client names the phone like a browser; published lists take it for one."""
    if not observation.user_agent.startswith("Dalvik/") or observation.accept_language:
        return ""
    sent_headers = observation.accept or is_trustworthy(observation)
    return "Dalvik, the HTTP client of an Android app, without an Accept-Language" if sent_headers else ""


def _navigation_without_html(observation: Observation) -> str:
    navigates = observation.sec_fetch_mode == "navigate" and observation.sec_fetch_dest == "document"
    if not navigates or not observation.accept or "text/html" in observation.accept:
        return ""
    return "a navigation that does not accept HTML"


def _hint_contradiction(observation: Observation) -> str:
    user_agent = observation.user_agent[:USER_AGENT_LENGTH]
    named = CHROMIUM.search(user_agent)
    hinted = HINTED_CHROMIUM.search(observation.sec_ch_ua[:USER_AGENT_LENGTH])
    if hinted and not named and (FIREFOX.search(user_agent) or MAC_SAFARI.search(user_agent)):
        return "Chromium's client hints under another browser's name"
    if hinted and named and hinted[1] != named[1]:
        return f"Sec-CH-UA says Chromium {hinted[1]}, the user agent {named[1]}"
    platform = observation.sec_ch_ua_platform.strip('"')
    marks = PLATFORM_MARKS.get(platform.lower())
    if marks and user_agent and not any(mark in user_agent for mark in marks):
        return f"Sec-CH-UA-Platform says {platform}, the user agent does not"
    return ""


def session_suspicion(evidence: SessionEvidence) -> BotVerdict | None:
    """The first thing in the course of this session that visitors do not do, if any."""
    if reason := _probing(evidence):
        return suspected(BotKind.SCANNER, reason=reason)
    if evidence.paths and evidence.paths[0] == "/robots.txt":
        return suspected(BotKind.OTHER, reason="asked for /robots.txt first")
    lifeless = evidence.pages_carry_tracker and not evidence.has_tracker_sign
    if lifeless and 0 <= evidence.first_post_ms < FAST_POST_MS:
        return suspected(
            BotKind.SPAM, reason=f"sent a form {evidence.first_post_ms} ms after its page, without the tracker"
        )
    if reason := _haste(evidence, lifeless=lifeless):
        return suspected(BotKind.HEADLESS, reason=reason)
    if lifeless and evidence.page_views and evidence.network_kind == "hosting":
        return suspected(BotKind.HEADLESS, reason="from a hosting network, no sign of life from the tracker")
    return None


def _probing(evidence: SessionEvidence) -> str:
    for index, path in enumerate(evidence.paths):
        status = evidence.statuses[index] if index < len(evidence.statuses) else 404
        if status >= 400 and is_scanner_path(path):
            return f"asked for {path[:80]}, which only scanners look for"
    errors = sum(400 <= status < 500 for status in evidence.statuses)
    if errors >= MANY_ERRORS and errors * 2 > len(evidence.statuses):
        return f"{errors} of {len(evidence.statuses)} requests failed"
    return ""


def is_scanner_path(path: str) -> bool:
    """Whether only scanners look for `path`; ask about paths that the site does not serve. `data/` holds the list."""
    text = path[:SCANNED_PATH_LENGTH].encode("ascii", "replace").decode("ascii")
    return _scanner_matcher().first(text) is not None


@cache
def _scanner_matcher() -> Matcher:
    return compile_patterns((row[0] for row in read_rows("bots_scanner_paths.tsv")), ignore_case=True)


def _haste(evidence: SessionEvidence, *, lifeless: bool) -> str:
    if evidence.page_views < 2:
        return ""
    gap_ms = evidence.duration_ms // (evidence.page_views - 1)
    if lifeless and gap_ms <= FAST_GAP_MS:
        return f"{evidence.page_views} pages, one each {gap_ms} ms, no sign of life from the tracker"
    if evidence.page_views >= VERY_FAST_PAGES and gap_ms < VERY_FAST_GAP_MS:
        return f"{evidence.page_views} pages, one each {gap_ms} ms"
    return ""
