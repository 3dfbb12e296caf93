"""Plausible's names beside this project's: the tables that its faces translate by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# The short key of an event's field -> its longer names.
EVENT_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "n": ("name",),
    "u": ("url",),
    "d": ("domain",),
    "r": ("referrer",),
    "p": ("props", "m", "meta"),
    "h": ("hashMode",),
    "i": ("interactive",),
    "$": ("revenue",),
    "sd": (),
    "e": (),
    "tz": (),
}

# Metric -> the metrics of this project that it is read from; several are added up.
METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    "visitors": ("visitors",),
    "visits": ("sessions",),
    "pageviews": ("page_views",),
    "views_per_visit": ("views_per_session",),
    "bounce_rate": ("bounce_rate",),
    "visit_duration": ("session_duration",),
    "events": ("page_views", "interactions"),
    "scroll_depth": ("scroll_depth",),
    "percentage": ("percentage",),
    "conversion_rate": ("visitors",),
    "group_conversion_rate": ("visitors",),
    "time_on_page": ("time_on_page",),
    "average_revenue": ("visitors",),
    "total_revenue": ("visitors",),
}
IN_SECONDS: Final = frozenset({"visit_duration", "time_on_page"})  # kept in milliseconds
OF_CONVERSIONS: Final = frozenset({"conversion_rate", "group_conversion_rate"})
OF_VISITS: Final = frozenset({"visits", "views_per_visit", "bounce_rate", "visit_duration"})
OF_PAGES: Final = frozenset({"scroll_depth", "time_on_page"})
OF_MONEY: Final = frozenset({"average_revenue", "total_revenue"})

GOAL: Final = "event:goal"
PAGE: Final = "event:page"
HOSTNAME: Final = "event:hostname"
PROPS: Final = "event:props:"
DETAIL: Final = "detail:"
TIMES: Final = ("time", "time:minute", "time:hour", "time:day", "time:week", "time:month")
# Dimension -> this project's. Properties of events come on top.
DIMENSIONS: Final[Mapping[str, str]] = {
    GOAL: "goal",
    PAGE: "page",
    HOSTNAME: "hostname",
    "visit:entry_page": "entry",
    "visit:exit_page": "exit",
    "visit:entry_page_hostname": "entry_hostname",
    "visit:exit_page_hostname": "exit_hostname",
    "visit:source": "source",
    "visit:referrer": "referrer",
    "visit:channel": "channel",
    "visit:utm_medium": "utm_medium",
    "visit:utm_source": "utm_source",
    "visit:utm_campaign": "campaign",
    "visit:utm_content": "utm_content",
    "visit:utm_term": "utm_term",
    "visit:device": "device",
    "visit:browser": "browser",
    "visit:browser_version": "browser_version",
    "visit:os": "os",
    "visit:os_version": "os_version",
    "visit:country": "country",
    "visit:country_name": "country",
    "visit:region": "region",
    "visit:region_name": "region",
    "visit:city": "city",
    "visit:city_name": "city",
}
# The address of a link or file is what an interaction is about.
PROPERTIES: Final[Mapping[str, str]] = {f"{PROPS}url": "target"}
# What older clients and tools call them.
OLDER_DIMENSIONS: Final[Mapping[str, str]] = {
    "event:entry_page": "visit:entry_page",
    "event:exit_page": "visit:exit_page",
    "visit:medium": "visit:utm_medium",
    "visit:campaign": "visit:utm_campaign",
}

OPERATORS: Final[Mapping[str, str]] = {
    "is": "is",
    "is_not": "is_not",
    "contains": "contains",
    "contains_not": "not_contains",
    "matches": "matches",
    "matches_not": "not_matches",
}

# Period -> this project's word.
PERIODS: Final[Mapping[str, str]] = {
    "day": "today",
    "24h": "24h",
    "7d": "7d",
    "28d": "28d",
    "30d": "30d",
    "91d": "91d",
    "month": "month",
    "6mo": "6mo",
    "12mo": "12mo",
    "year": "year",
    "all": "all",
}

NOBODY_SAID: Final = "(none)"
DIRECT: Final = "Direct / None"


def is_event_dimension(name: str) -> bool:
    """What only an event has, and no visit as a whole."""
    return name == GOAL or name.startswith(PROPS)
