"""The settings of reports; `conf.py` adds them to all others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from django.conf import settings


class ReportSettings:
    """Reads `settings.VISITORS`; what cannot be used is reported by the system checks."""

    @property
    def _given(self) -> Mapping[str, Any]:
        given: Mapping[str, Any] = getattr(settings, "VISITORS", {})
        return given

    @cached_property
    def FUNNELS(self) -> Mapping[str, Any]:
        """Name -> `{"steps": [...], "window_minutes": n}`; the first one is the dashboard's."""
        return dict(self._given.get("FUNNELS", DEFAULT_FUNNELS))

    @cached_property
    def REPORT_CACHE(self) -> str:
        """The cache of `settings.CACHES` that keeps answers until something is stored; "" keeps none."""
        return str(self._given.get("REPORT_CACHE", "default"))


DEFAULT_FUNNELS: Final[Mapping[str, Any]] = {
    "From landing to contact": {
        "steps": (
            {"name": "Landed"},
            {"name": "Viewed a project", "page": "/projects/*", "interaction": "project_view"},
            {"name": "Opened résumé", "page": "/resume*", "interaction": "download"},
            {"name": "Opened contact", "page": "/contact*", "interaction": "contact"},
            {"name": "Sent message", "interaction": "contact"},
        )
    }
}
