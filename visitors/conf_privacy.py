"""The settings of privacy and retention; `conf.py` adds them to all others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from django.conf import settings

STRICT: Final = "strict"
PROFILING: Final = "profiling"
PRIVACY_MODES: Final = (STRICT, PROFILING)
# Article 6(1) of the GDPR, a to f.
LEGAL_BASES: Final = (
    "consent",
    "contract",
    "legal_obligation",
    "vital_interests",
    "public_task",
    "legitimate_interests",
)
MAX_RETENTION_MONTHS: Final = 25
MAX_RETENTION_DAYS: Final = 760  # 25 months, the shortest that they can be
MAX_COOKIE_DAYS: Final = 395  # 13 months


class PrivacySettings:
    """Reads `settings.VISITORS`; what is out of bounds is reported by the system checks."""

    @property
    def _given(self) -> Mapping[str, Any]:
        given: Mapping[str, Any] = getattr(settings, "VISITORS", {})
        return given

    @cached_property
    def PRIVACY(self) -> str:
        return str(self._given.get("PRIVACY", STRICT))

    @cached_property
    def is_profiling(self) -> bool:
        """Whether visitors who agree are known again: asked in every request."""
        return self.PRIVACY == PROFILING

    @cached_property
    def PRIVACY_NOTICE_URL(self) -> str:
        """Where visitors read what is done with their data."""
        return str(self._given.get("PRIVACY_NOTICE_URL", ""))

    @cached_property
    def PRIVACY_LEGAL_BASIS(self) -> str:
        """One of `LEGAL_BASES`, or "" while nothing is profiled."""
        return str(self._given.get("PRIVACY_LEGAL_BASIS", ""))

    @cached_property
    def CONSENT_HOOK(self) -> str:
        """Dotted path of a function that takes a request and says whether its visitor agreed; "" = nobody did."""
        return str(self._given.get("CONSENT_HOOK", ""))

    @cached_property
    def PROFILING_COOKIE_DAYS(self) -> int:
        return int(self._given.get("PROFILING_COOKIE_DAYS", 365))

    @cached_property
    def RETENTION_EVENT_DAYS(self) -> int:
        """Sessions, page views, interactions, shares, openings, notices of visits."""
        return int(self._given.get("RETENTION_EVENT_DAYS", 90))

    @cached_property
    def RETENTION_ROLLUP_MONTHS(self) -> int:
        """Daily sums and counts, which name nobody."""
        return int(self._given.get("RETENTION_ROLLUP_MONTHS", MAX_RETENTION_MONTHS))

    @cached_property
    def RETENTION_TEXT_DAYS(self) -> int:
        """What visitors typed for the site around the app, and lines that could not be stored."""
        return int(self._given.get("RETENTION_TEXT_DAYS", 30))


def privacy_mode(value: str) -> str:
    """The value itself if it is a mode; raises `ValueError`."""
    if value not in PRIVACY_MODES:
        raise ValueError(f"one of {', '.join(PRIVACY_MODES)}")
    return value


def legal_basis(value: str) -> str:
    if value not in LEGAL_BASES:
        raise ValueError(f"one of {', '.join(LEGAL_BASES)}")
    return value
