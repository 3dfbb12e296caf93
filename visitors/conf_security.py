"""The settings of limits and floods; `conf.py` adds them to all others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.conf import settings

SHARED: Final = "shared"
MEMORY: Final = "memory"
LIMIT_STORES: Final = (SHARED, MEMORY)
SECONDS: Final = {"s": 1, "min": 60, "h": 3600, "day": 86_400}
RULE: Final = re.compile(r"([1-9][0-9]{0,6})/([1-9][0-9]{0,3})?(s|min|h|day)")
DEFAULT_LIMITS: Final[Mapping[str, str]] = {
    "events": "60/3s",  # 20 a second, and 60 at once
    "visitor": "60/min",
    "chat": "5/min, 30/h",
    "job-analysis": "10/h",
    "contact": "5/h",
    "login": "5/15min",
    "owner": "120/min",
    "export": "6/h",
    "links": "20/h",  # application links that nobody gave out
    "guest": "120/min",
    "share": "5/15min",
    "share-link": "50/15min",
}


class Rule(NamedTuple):
    """At most `most` within `seconds` of the first."""

    most: int
    seconds: int


class SecuritySettings:
    """Reads `settings.VISITORS`; raises `ValueError` for a limit that is none, which the system checks report."""

    @property
    def _given(self) -> Mapping[str, Any]:
        given: Mapping[str, Any] = getattr(settings, "VISITORS", {})
        return given

    @cached_property
    def LIMITS(self) -> Mapping[str, tuple[Rule, ...]]:
        """Name -> rules that all hold; none = no limit. What is not given keeps its default."""
        given = {**DEFAULT_LIMITS, **self._given.get("LIMITS", {})}
        return {name: rules_of(str(text)) for name, text in given.items()}

    @cached_property
    def LIMIT_STORE(self) -> str:
        return str(self._given.get("LIMIT_STORE", SHARED))

    @cached_property
    def MAX_NEW_SESSIONS_PER_MINUTE(self) -> int:
        """0 = no bound."""
        return int(self._given.get("MAX_NEW_SESSIONS_PER_MINUTE", 1000))


def rules_of(text: str) -> tuple[Rule, ...]:
    """The rules of "5/min, 30/h"; "" has none. Raises `ValueError`."""
    return tuple(sorted((_rule(part) for part in text.split(",") if text.strip()), key=lambda rule: rule.seconds))


def _rule(text: str) -> Rule:
    found = RULE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"a limit such as 5/min or 5/15min, not {text.strip()!r}")
    return Rule(int(found[1]), int(found[2] or 1) * SECONDS[found[3]])


def limit_store(value: str) -> str:
    if value not in LIMIT_STORES:
        raise ValueError(f"one of {', '.join(LIMIT_STORES)}")
    return value
