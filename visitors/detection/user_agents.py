"""Name the device, browser, system and in-app browser of a user agent; client hints sharpen what it says.

Pure. The string is parsed by ua-parser's native matcher and read through the attributes of `user_agents`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

import ua_parser
from user_agents import parsers

from .bot_names import USER_AGENT_LENGTH, Matcher, compile_patterns, read_rows
from .bots import classify_user_agent

if TYPE_CHECKING:
    from visitors.observation import Observation

CACHED_DEVICES: Final = 8_192

DESKTOP_SYSTEMS: Final = frozenset(
    {"Windows", "macOS", "Linux", "Chrome OS", "FreeBSD", "OpenBSD", "NetBSD", "Solaris", "Haiku", "BeOS", "AmigaOS"}
)

HINTED_BRAND = re.compile(r'"([^"]+)";\s*v="(\d{1,4})')
HINTED_BROWSERS: Final = {
    "Google Chrome": "Chrome",
    "Microsoft Edge": "Edge",
    "Opera": "Opera",
    "Opera GX": "Opera",
    "Brave": "Brave",
    "Vivaldi": "Vivaldi",
    "YaBrowser": "Yandex Browser",
    "Samsung Internet": "Samsung Internet",
    "DuckDuckGo": "DuckDuckGo",
}
HINTED_SYSTEMS: Final = {
    "Windows": "Windows",
    "macOS": "macOS",
    "Linux": "Linux",
    "Android": "Android",
    "Chrome OS": "Chrome OS",
    "Chromium OS": "Chrome OS",
}


@dataclass(frozen=True, slots=True)
class Device:
    """`device_type` is desktop, mobile, tablet, tv, console, bot or "" (unknown); versions are majors; "" is unknown.

    `app` names the application whose in-app browser showed the page.
    """

    device_type: str
    browser: str
    browser_version: str
    os: str
    os_version: str
    app: str


UNKNOWN: Final = Device("", "", "", "", "", "")


def parse_user_agent(user_agent: str) -> Device:
    """What the string alone says."""
    return _parse(user_agent[:USER_AGENT_LENGTH])


def parse_device(observation: Observation) -> Device:
    """What the string says, sharpened by client hints and by the app that `X-Requested-With` names.

    The hints win where both speak: the string of Chromium is frozen, and Brave shows itself in the hints alone.
    """
    device = parse_user_agent(observation.user_agent)
    if device.device_type in ("", "bot"):
        return device
    app = device.app or _apps_by_package().get(observation.requested_with, "")
    browser, version = _hinted_browser(observation.sec_ch_ua) or (device.browser, device.browser_version)
    system = HINTED_SYSTEMS.get(observation.sec_ch_ua_platform.strip('"'), device.os)
    os_version = device.os_version if system == device.os else ""
    device_type = _hinted_type(device.device_type, mobile=observation.sec_ch_ua_mobile, system=system)
    return replace(
        device,
        device_type=device_type,
        browser=browser,
        browser_version=version,
        os=system,
        os_version=os_version,
        app=app,
    )


def _hinted_browser(sec_ch_ua: str) -> tuple[str, str] | None:
    brands = dict(HINTED_BRAND.findall(sec_ch_ua[:USER_AGENT_LENGTH]))
    return next(((HINTED_BROWSERS[brand], brands[brand]) for brand in brands if brand in HINTED_BROWSERS), None)


def _hinted_type(device_type: str, *, mobile: str, system: str) -> str:
    if mobile == "?1" and device_type == "desktop":
        return "mobile"
    if mobile == "?0" and device_type == "desktop" and system == "Android":
        return "tablet"
    return device_type


@lru_cache(maxsize=CACHED_DEVICES)
def _parse(user_agent: str) -> Device:
    text = user_agent.encode("ascii", "replace").decode("ascii").strip()
    if not text:
        return UNKNOWN
    read = _read(text)
    app = _app(text)
    system = _system(read.os.family)
    return Device(
        device_type=_device_type(text, read=read),
        browser=_browser(read.browser.family, system=system, app=app),
        browser_version=str(read.browser.version[0]) if read.browser.version else "",
        os=system,
        os_version=_os_version(read.os),
        app=app,
    )


def _read(text: str) -> Any:
    """A `user_agents` object filled from ua-parser's current API: its own parser takes the slow legacy one."""
    found = ua_parser.parse(text).with_defaults()
    read: Any = parsers.UserAgent.__new__(parsers.UserAgent)
    read.ua_string = text
    agent, system, device = found.user_agent, found.os, found.device
    read.browser = parsers.parse_browser(agent.family, agent.major, agent.minor, agent.patch)
    read.os = parsers.parse_operating_system(system.family, system.major, system.minor, system.patch)
    read.device = parsers.parse_device(device.family, device.brand, device.model)
    return read


def _device_type(text: str, *, read: Any) -> str:
    if read.is_bot or classify_user_agent(text).is_bot:
        return "bot"
    index = _device_matcher().first(text)
    if index is not None:
        return _device_rules()[index][0]
    if read.is_tablet and not text.startswith("Dalvik/"):  # which never says Mobile, whatever it runs on
        return "tablet"
    if read.is_mobile or read.is_tablet:
        return "mobile"
    return "desktop" if read.is_pc or _system(read.os.family) in DESKTOP_SYSTEMS else ""


def _system(family: str) -> str:
    return _names("devices_systems.tsv").get(family, "" if family == "Other" else family)


def _os_version(system: Any) -> str:
    return str(system.version[0]) if system.version else ""


def _browser(family: str, *, system: str, app: str) -> str:
    if app and family not in _names("devices_browsers.tsv"):
        return "Safari" if system == "iOS" else "Chrome"
    return _names("devices_browsers.tsv").get(family, "" if family == "Other" else family)


def _app(text: str) -> str:
    index = _app_matcher().first(text)
    return "" if index is None else _app_rules()[index][0]


@cache
def _names(filename: str) -> dict[str, str]:
    return {row[0]: row[1] for row in read_rows(filename)}


@cache
def _device_rules() -> tuple[list[str], ...]:
    return tuple(read_rows("devices_types.tsv"))


@cache
def _device_matcher() -> Matcher:
    return compile_patterns(pattern for _, pattern in _device_rules())


@cache
def _app_rules() -> tuple[list[str], ...]:
    return tuple(read_rows("devices_apps.tsv"))


@cache
def _app_matcher() -> Matcher:
    return compile_patterns(pattern for _, pattern, _ in _app_rules())


@cache
def _apps_by_package() -> dict[str, str]:
    return {package: app for app, _, packages in _app_rules() for package in packages.split()}
