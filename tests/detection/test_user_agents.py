"""Which device, browser, system and app a user agent and its client hints name."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visitors.detection.user_agents import UNKNOWN, Device, parse_device, parse_user_agent
from visitors.observation import Observation

CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
MOBILE = "Mozilla/5.0 (Linux; Android {}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
WEBVIEW = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 {} Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) {}"
WINDOWS = "Windows NT 10.0; Win64; x64"
MAC = "Macintosh; Intel Mac OS X 10_15_7"

# Strings as the makers document them.
DEVICES = [
    (CHROME.format(WINDOWS), Device("desktop", "Chrome", "142", "Windows", "10", "")),
    (CHROME.format(WINDOWS) + " Edg/142.0.0.0", Device("desktop", "Edge", "142", "Windows", "10", "")),
    (CHROME.format(WINDOWS) + " OPR/120.0.0.0", Device("desktop", "Opera", "120", "Windows", "10", "")),
    (CHROME.format(MAC), Device("desktop", "Chrome", "142", "macOS", "10", "")),
    (
        f"Mozilla/5.0 ({MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
        Device("desktop", "Safari", "18", "macOS", "10", ""),
    ),
    (
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
        Device("desktop", "Firefox", "142", "Linux", "", ""),
    ),
    (CHROME.format("X11; CrOS x86_64 14541.0.0"), Device("desktop", "Chrome", "142", "Chrome OS", "14541", "")),
    (MOBILE.format("10; K"), Device("mobile", "Chrome", "142", "Android", "10", "")),
    (
        MOBILE.format("14; SAMSUNG SM-S918B").replace("Chrome/", "SamsungBrowser/27.0 Chrome/"),
        Device("mobile", "Samsung Internet", "27", "Android", "14", ""),
    ),
    (MOBILE.format("9; CUBOT X19 Build/PPR1"), Device("mobile", "Chrome", "142", "Android", "9", "")),
    (CHROME.format("Linux; Android 14; SM-X710"), Device("tablet", "Chrome", "142", "Android", "14", "")),
    (MOBILE.format("13; Redmi Pad SE"), Device("tablet", "Chrome", "142", "Android", "13", "")),
    (MOBILE.format("11; Lenovo TB-X606F"), Device("tablet", "Chrome", "142", "Android", "11", "")),
    (
        "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
        "Mobile/15E148 Safari/604.1",
        Device("tablet", "Safari", "17", "iOS", "17", ""),
    ),
    (
        IPHONE.format("Version/18.5 Mobile/15E148 Safari/604.1"),
        Device("mobile", "Safari", "18", "iOS", "18", ""),
    ),
    (IPHONE.format("CriOS/142.0.0.0 Mobile/15E148 Safari/604.1"), Device("mobile", "Chrome", "142", "iOS", "18", "")),
    (
        "Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/7.0 TV Safari/537.36",
        Device("tv", "Safari", "7", "Tizen", "7", ""),
    ),
    (CHROME.format("Web0S; Linux/SmartTV"), Device("tv", "Chrome", "142", "webOS", "", "")),
    (
        "Mozilla/5.0 (PlayStation; PlayStation 5/8.20) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/6",
        Device("console", "Safari", "13", "", "", ""),
    ),
    (
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        Device("bot", "Googlebot", "2", "", "", ""),
    ),
    ("", UNKNOWN),
]


@pytest.mark.parametrize(("user_agent", "device"), DEVICES)
def test_a_user_agent_names_device_browser_and_system(user_agent: str, device: Device) -> None:
    assert parse_user_agent(user_agent) == device


@pytest.mark.parametrize(
    ("user_agent", "app"),
    [
        (WEBVIEW.format("Chrome/138.0.0.0 Mobile") + " [LinkedInApp]", "LinkedIn"),
        (IPHONE.format("Mobile/15E148 [LinkedInApp]/9.31.2"), "LinkedIn"),
        (IPHONE.format("Mobile/15E148 Instagram 390.0.0.28.85 (iPhone15,2; iOS 18_5; en_US)"), "Instagram"),
        (IPHONE.format("Mobile/15E148 [FBAN/FBIOS;FBAV/520.0.0.38.101]"), "Facebook"),
        (WEBVIEW.format("Chrome/138.0.0.0 Mobile") + " [FB_IAB/FB4A;FBAV/520.0.0.43.99;]", "Facebook"),
        (
            f"Mozilla/5.0 ({MAC}) AppleWebKit/537.36 (KHTML, like Gecko) Slack/4.43.51 Chrome/134.0 Safari/537.36",
            "Slack",
        ),
        (IPHONE.format("Mobile/15E148 Twitter for iPhone/11.5"), "X"),
        (IPHONE.format("Mobile/15E148 Safari/604.1"), ""),
    ],
)
def test_an_in_app_browser_is_named(user_agent: str, app: str) -> None:
    assert parse_user_agent(user_agent).app == app


def test_an_in_app_browser_is_still_a_phone_with_its_engine() -> None:
    device = parse_user_agent(WEBVIEW.format("Chrome/138.0.0.0 Mobile") + " [LinkedInApp]")
    assert device == Device("mobile", "Chrome", "138", "Android", "14", "LinkedIn")


def seen(user_agent: str, **fields: Any) -> Observation:
    return Observation(id=1, at_ms=0, day="2026-11-22", visitor_id=1, user_agent=user_agent, **fields)


@pytest.mark.parametrize(
    ("observation", "device"),
    [
        (
            seen(CHROME.format(WINDOWS), sec_ch_ua='"Brave";v="142", "Chromium";v="142", "Not A(Brand";v="24"'),
            Device("desktop", "Brave", "142", "Windows", "10", ""),
        ),
        (
            seen(CHROME.format(WINDOWS), sec_ch_ua='"Microsoft Edge";v="142", "Chromium";v="142"'),
            Device("desktop", "Edge", "142", "Windows", "10", ""),
        ),
        (
            seen(CHROME.format("X11; Linux x86_64"), sec_ch_ua_platform='"Chrome OS"'),
            Device("desktop", "Chrome", "142", "Chrome OS", "", ""),
        ),
        (
            seen(CHROME.format("X11; Linux x86_64"), sec_ch_ua_platform='"Android"', sec_ch_ua_mobile="?0"),
            Device("tablet", "Chrome", "142", "Android", "", ""),
        ),
        (
            seen(CHROME.format("X11; Linux x86_64"), sec_ch_ua_platform='"Android"', sec_ch_ua_mobile="?1"),
            Device("mobile", "Chrome", "142", "Android", "", ""),
        ),
        (
            seen(WEBVIEW.format("Chrome/138.0.0.0 Mobile"), requested_with="com.linkedin.android"),
            Device("mobile", "Chrome", "138", "Android", "14", "LinkedIn"),
        ),
        (
            seen("curl/8.7.1", sec_ch_ua='"Google Chrome";v="142"'),
            Device("bot", "curl", "8", "", "", ""),
        ),
    ],
)
def test_client_hints_sharpen_what_the_string_says(observation: Observation, device: Device) -> None:
    assert parse_device(observation) == device


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet=st.characters(), max_size=2_000), st.text(max_size=200))
def test_no_text_breaks_the_device(user_agent: str, hints: str) -> None:
    observation = seen(user_agent, sec_ch_ua=hints, sec_ch_ua_platform=hints, sec_ch_ua_mobile=hints)
    assert parse_device(observation).device_type in {"desktop", "mobile", "tablet", "tv", "console", "bot", ""}


@pytest.mark.parametrize(
    "piece", ["(", "a", "\ud800", "\x00", "Android 1;", "iPhone OS ", "Mozilla/5.0 ", "Silk/", "tv "]
)
def test_64_kb_of_nonsense_are_parsed_within_10_ms(piece: str) -> None:
    parse_user_agent("warm up")
    user_agent = (piece * 65_536)[:65_536]
    started = time.thread_time()
    parse_user_agent(user_agent)
    assert time.thread_time() - started < 0.010
