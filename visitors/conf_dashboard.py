"""The settings of the dashboard and its digest; `conf.py` adds them to all others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.conf import settings


class DashboardSettings:
    """Reads `settings.VISITORS`; what cannot be used is reported by the system checks."""

    @property
    def _given(self) -> Mapping[str, Any]:
        given: Mapping[str, Any] = getattr(settings, "VISITORS", {})
        return given

    @cached_property
    def OWNER_PANELS(self) -> tuple[str, ...]:
        """Dotted paths of callables that take `start`, `end` and `limit`, and answer a `visitors.OwnerPanel`."""
        return tuple(self._given.get("OWNER_PANELS", ()))

    @cached_property
    def DIGEST_EMAIL(self) -> tuple[str, ...]:
        """Whom `send_digest` writes to; empty = the addresses of notices."""
        return tuple(self._given.get("DIGEST_EMAIL", ()))
