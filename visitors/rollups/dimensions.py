"""Name what days are divided by, and where sessions keep it. The names are those of filters where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Concat, Least

from .patterns import pattern_of_session

WHOLE: Final = ""
BETWEEN: Final = "\x1f"  # between the parts of a key

# Dimensions of page views and of acts; all others are of sessions.
PAGE: Final = "page"
PAGES: Final = "pages"  # all of them as one
NOT_FOUND: Final = "not_found"
ACT: Final = "act"
TARGET: Final = "target"  # kind and target
GOAL: Final = "goal"
FUNNEL: Final = "funnel"  # its fingerprint and how many steps were taken; 0 is all visits

ENTRY: Final = "entry"
EXIT: Final = "exit"
SOURCE_CHANNEL: Final = "source_channel"
WAY: Final = "way"  # entry and exit, of two pages or more
HOUR: Final = "hour"
DURATION: Final = "duration"
DEPTH: Final = "depth"
SCORE: Final = "score"
PATTERN: Final = "pattern"

DEEPEST: Final = 50  # page views of a session that are told apart


def _pair(first: str, second: str) -> Concat:
    return Concat(F(first), Value(BETWEEN), F(second), output_field=TextField())


def _duration_band() -> Case:
    """Milliseconds at which the band begins: 0 alone, seconds up to 5 min, then 10 s, from 15 min on minutes up to 2 h:
    fewer bands than keys are kept, and the bounds of every report among them."""
    length = F("duration_ms")
    return Case(
        When(duration_ms=0, then=Value(0)),
        When(duration_ms__lt=1000, then=Value(1)),
        When(duration_ms__lt=300_000, then=length - length % 1000),
        When(duration_ms__lt=900_000, then=length - length % 10_000),
        When(duration_ms__lt=7_200_000, then=length - length % 60_000),
        default=Value(7_200_000),
    )


SESSION_DIMENSIONS: Final[Mapping[str, Any]] = {
    WHOLE: None,
    "source": F("source"),
    "channel": F("channel"),
    SOURCE_CHANNEL: _pair("source", "channel"),
    "referrer_host": F("referrer_host"),
    "utm_source": F("utm_source"),
    "utm_medium": F("utm_medium"),
    "campaign": F("utm_campaign"),
    "utm_term": F("utm_term"),
    "utm_content": F("utm_content"),
    ENTRY: F("entry_path"),
    EXIT: F("exit_path"),
    "entry_hostname": F("entry_host"),
    "exit_hostname": F("exit_host"),
    WAY: Case(
        When(page_views_count__gte=2, then=_pair("entry_path", "exit_path")),
        default=Value(""),
        output_field=TextField(),
    ),
    "country": F("country"),
    "region": F("region"),
    "city": F("city"),
    "network": F("network"),
    "network_kind": F("network_kind"),
    "device": F("device_type"),
    "browser": F("browser"),
    "browser_version": F("browser_version"),
    "os": F("os"),
    "os_version": F("os_version"),
    "language": F("language"),
    HOUR: F("hour"),
    "recruiter": F("recruiter_band"),
    "bot_kind": F("bot_kind"),
    "bot_certainty": F("bot_certainty"),
    "bot_reason": F("bot_reason"),
    DURATION: _duration_band(),
    DEPTH: Least(F("page_views_count"), Value(DEEPEST)),
    SCORE: F("engagement_score"),
    PATTERN: pattern_of_session(),
}
PAGE_DIMENSIONS: Final = (PAGES, PAGE, NOT_FOUND)
ACT_DIMENSIONS: Final = (ACT, TARGET, GOAL)
ACT_KEYS: Final[Mapping[str, Any]] = {ACT: F("kind"), TARGET: _pair("kind", "target")}
