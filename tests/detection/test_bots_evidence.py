"""What headers and the course of a session say against a browser's name, and what acquits it."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import pytest

from visitors.detection.bots import (
    HUMAN,
    BotVerdict,
    Certainty,
    SessionEvidence,
    classify_observation,
    classify_session,
    is_scanner_path,
    prefetch_reason,
)
from visitors.observation import Observation

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
LINUX_CHROMIUM = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0"
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{} Safari/605.1"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS {} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
NAVIGATION = {"sec_fetch_site": "none", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
CLIENTS = Path(__file__).parents[1] / "data" / "ua_http_clients.tsv"


def seen(user_agent: str = CHROME, **fields: Any) -> Observation:
    return Observation(id=1, at_ms=0, day="2026-11-22", visitor_id=1, user_agent=user_agent, **fields)


def browser_request(user_agent: str = CHROME, **fields: Any) -> Observation:
    return seen(user_agent, **{"is_secure": True, "accept": HTML, "accept_language": "en", **NAVIGATION, **fields})


def captured_clients() -> list[list[str]]:
    lines = [line for line in CLIENTS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return list(csv.reader(lines, delimiter="\t"))


@pytest.mark.parametrize(
    ("client", "accept", "language", "site", "mode", "dest"), captured_clients(), ids=lambda value: value or "-"
)
def test_an_http_client_under_a_copied_chrome_name_is_suspected(
    client: str, accept: str, language: str, site: str, mode: str, dest: str
) -> None:
    observation = seen(
        is_secure=True,
        accept=accept,
        accept_language=language,
        sec_fetch_site=site,
        sec_fetch_mode=mode,
        sec_fetch_dest=dest,
    )
    verdict = classify_observation(observation)
    assert (verdict.is_bot, verdict.certainty, verdict.kind) == (True, Certainty.SUSPECTED, "http_library")


@pytest.mark.parametrize(
    "observation",
    [
        browser_request(),
        # Captured from Chromium 156 on Debian over http://localhost.
        browser_request(
            LINUX_CHROMIUM,
            is_secure=False,
            host="localhost:8493",
            sec_ch_ua='"Not:A-Brand";v="8", "Chromium";v="156"',
            sec_ch_ua_mobile="?0",
            sec_ch_ua_platform='"Linux"',
        ),
        browser_request(FIREFOX.format(142)),
        browser_request(SAFARI.format("18.5")),
        browser_request(IPHONE.format("18_5")),
        browser_request(
            LINUX_CHROMIUM.replace("X11; Linux x86_64", "Linux; Android 10; K"),
            sec_ch_ua='"Chromium";v="156", "Google Chrome";v="156"',
            sec_ch_ua_mobile="?1",
            sec_ch_ua_platform='"Android"',
        ),
    ],
    ids=["Chrome", "Chromium with hints", "Firefox", "Safari", "iPhone", "Chrome on Android"],
)
def test_a_browser_s_own_request_is_not_suspected(observation: Observation) -> None:
    assert classify_observation(observation) == HUMAN


@pytest.mark.parametrize(
    "observation",
    [
        seen(accept=HTML, accept_language="en"),
        seen(FIREFOX.format(89), is_secure=True, accept=HTML, accept_language="en"),
        seen(SAFARI.format("16.3"), is_secure=True, accept=HTML, accept_language="en"),
        seen(IPHONE.format("16_3"), is_secure=True, accept=HTML, accept_language="en"),
        seen(CHROME.replace("142", "79"), is_secure=True, accept=HTML, accept_language="en"),
        seen(),
        seen(method="GET", referrer="https://example.org/"),
    ],
    ids=["plain HTTP", "Firefox 89", "Safari 16.3", "iOS 16.3", "Chrome 79", "access log", "access log with referrer"],
)
def test_silence_is_no_evidence_where_the_browser_would_be_silent(observation: Observation) -> None:
    assert classify_observation(observation) == HUMAN


@pytest.mark.parametrize(
    ("observation", "reason"),
    [
        (
            browser_request(sec_fetch_site="", sec_fetch_mode="", sec_fetch_dest=""),
            "no Sec-Fetch headers under the name of Chromium 142",
        ),
        (
            browser_request(sec_fetch_dest=""),
            "only part of the Sec-Fetch headers that Chromium 142 sends together",
        ),
        (browser_request(accept_language=""), "no Accept-Language under the name of Chromium 142"),
        (
            seen(IPHONE.format("18_5"), is_secure=True, accept=HTML, accept_language="en"),
            "no Sec-Fetch headers under the name of WebKit of iOS 18.5",
        ),
        (seen(accept="*/*"), "neither HTML in Accept nor an Accept-Language under the name of Chromium 142"),
        (browser_request(accept="*/*"), "a navigation that does not accept HTML"),
        (browser_request(sec_ch_ua='"Chromium";v="120"'), "Sec-CH-UA says Chromium 120, the user agent 142"),
        (
            browser_request(FIREFOX.format(142), sec_ch_ua='"Chromium";v="142"'),
            "Chromium's client hints under another browser's name",
        ),
        (
            browser_request(sec_ch_ua_platform='"Linux"'),
            "Sec-CH-UA-Platform says Linux, the user agent does not",
        ),
        (seen(method="HEAD"), "asked by HEAD, which no page navigation uses"),
        (
            seen("Dalvik/2.1.0 (Linux; U; Android 10; SM-A716U Build/QP1A)", is_secure=True),
            "Dalvik, the HTTP client of an Android app, without an Accept-Language",
        ),
    ],
)
def test_a_contradiction_is_suspected_with_its_reason(observation: Observation, reason: str) -> None:
    verdict = classify_observation(observation)
    assert (verdict.certainty, verdict.reason) == (Certainty.SUSPECTED, reason)


def test_a_headless_brand_in_the_hints_declares_a_bot() -> None:
    verdict = classify_observation(browser_request(sec_ch_ua='"HeadlessChrome";v="142", "Chromium";v="142"'))
    assert (verdict.certainty, verdict.kind, verdict.name) == (Certainty.DECLARED, "headless", "HeadlessChrome")


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [
        ("", ""),
        ("prefetch", "prefetch"),
        ("prefetch;prerender", "prerender"),
        ("prefetch;anonymous-client-ip", "prefetch"),
        ("Prefetch", "prefetch"),
        ("preview", "preview"),
        ("instant", "instant"),
        ("navigate", ""),
    ],
)
def test_a_page_fetched_ahead_is_told_from_a_visit(purpose: str, reason: str) -> None:
    assert prefetch_reason(seen(purpose=purpose)) == reason


SUSPECTED = BotVerdict(True, Certainty.SUSPECTED, "http_library", "", "no Sec-Fetch headers")
DECLARED = BotVerdict(True, Certainty.DECLARED, "search", "Googlebot", "user agent names Googlebot (own rule)")


def test_engaged_time_acquits_a_suspected_session() -> None:
    verdict = classify_session(SUSPECTED, evidence=SessionEvidence(engaged_ms=12_400))
    reason = "12 s of engaged time, in spite of: no Sec-Fetch headers"
    assert verdict == BotVerdict(False, Certainty.NONE, "", "", reason)


def test_a_glance_acquits_nobody() -> None:
    assert classify_session(SUSPECTED, evidence=SessionEvidence(engaged_ms=900)) == SUSPECTED


def test_engaged_time_acquits_no_declared_bot() -> None:
    assert classify_session(DECLARED, evidence=SessionEvidence(engaged_ms=600_000)) == DECLARED


LIFELESS = {"pages_carry_tracker": True, "has_tracker_sign": False}


@pytest.mark.parametrize(
    ("evidence", "kind", "reason"),
    [
        (
            SessionEvidence(paths=("/", "/.env"), statuses=(200, 404)),
            "scanner",
            "asked for /.env, which only scanners look for",
        ),
        (
            SessionEvidence(paths=("/wp-login.php",), statuses=(404,)),
            "scanner",
            "asked for /wp-login.php, which only scanners look for",
        ),
        (
            SessionEvidence(paths=tuple(f"/old-{n}/" for n in range(12)), statuses=(404,) * 12),
            "scanner",
            "12 of 12 requests failed",
        ),
        (SessionEvidence(paths=("/robots.txt", "/"), statuses=(200, 200)), "other", "asked for /robots.txt first"),
        (
            SessionEvidence(page_views=3, duration_ms=1_400, **LIFELESS),
            "headless",
            "3 pages, one each 700 ms, no sign of life from the tracker",
        ),
        (SessionEvidence(page_views=12, duration_ms=9_900), "headless", "12 pages, one each 900 ms"),
        (
            SessionEvidence(page_views=1, network_kind="hosting", **LIFELESS),
            "headless",
            "from a hosting network, no sign of life from the tracker",
        ),
        (
            SessionEvidence(page_views=1, first_post_ms=1_200, **LIFELESS),
            "spam",
            "sent a form 1200 ms after its page, without the tracker",
        ),
    ],
)
def test_a_course_that_visitors_do_not_take_is_suspected(evidence: SessionEvidence, kind: str, reason: str) -> None:
    assert classify_session(HUMAN, evidence=evidence) == BotVerdict(True, Certainty.SUSPECTED, kind, "", reason)


@pytest.mark.parametrize(
    "evidence",
    [
        SessionEvidence(),
        SessionEvidence(page_views=1, **LIFELESS),
        SessionEvidence(page_views=4, duration_ms=90_000, **LIFELESS),
        SessionEvidence(page_views=3, duration_ms=1_400, pages_carry_tracker=True, has_tracker_sign=True),
        SessionEvidence(page_views=3, duration_ms=1_400),
        SessionEvidence(paths=("/wp-login.php",), statuses=(200,)),
        SessionEvidence(paths=("/", "/robots.txt"), statuses=(200, 200)),
        SessionEvidence(paths=("/", "/gone/"), statuses=(200, 404)),
        SessionEvidence(page_views=1, network_kind="hosting", pages_carry_tracker=True, has_tracker_sign=True),
        SessionEvidence(page_views=1, first_post_ms=40_000, **LIFELESS),
    ],
    ids=[
        "nothing known",
        "one page with scripts blocked",
        "a reader with scripts blocked",
        "tabs opened at once",
        "pages without tracker",
        "the site has that page",
        "robots.txt out of curiosity",
        "a dead link",
        "a person behind a VPN",
        "a form filled in by hand",
    ],
)
def test_a_course_that_visitors_do_take_is_left_alone(evidence: SessionEvidence) -> None:
    assert classify_session(HUMAN, evidence=evidence) == HUMAN


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/phpmyadmin/", "/vendor/phpunit/eval-stdin.php", "/cgi-bin/luci", "/actuator/health", "/a.sql"],
)
def test_well_known_scanner_paths_are_recognised(path: str) -> None:
    assert classify_session(HUMAN, evidence=SessionEvidence(paths=(path,), statuses=(404,))).kind == "scanner"


@pytest.mark.parametrize(
    "path", ["/", "/projects/php-parser/", "/blog/docker-compose/", "/resume.pdf", "/environment/"]
)
def test_ordinary_dead_links_are_not_scanner_paths(path: str) -> None:
    assert classify_session(HUMAN, evidence=SessionEvidence(paths=(path,), statuses=(404,))) == HUMAN


def test_a_path_may_be_judged_by_itself() -> None:
    assert (is_scanner_path("/.env"), is_scanner_path("/projects/")) == (True, False)


@pytest.mark.parametrize("piece", ["Macintosh Version/1", "iPhone OS ", '"Chromium";v=', "Firefox/", "\ud800"])
def test_64_kb_of_nonsense_headers_are_weighed_within_10_ms(piece: str) -> None:
    nonsense = (piece * 65_536)[:65_536]
    observation = browser_request(nonsense, sec_ch_ua=nonsense, host=nonsense, sec_ch_ua_platform=nonsense)
    classify_observation(browser_request())
    started = time.thread_time()
    classify_observation(observation)
    assert time.thread_time() - started < 0.010
