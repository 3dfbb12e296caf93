"""The settings of the database that holds the facts; `conf.py` adds them to all others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.conf import settings


class StoreSettings:
    """Reads `settings.VISITORS`."""

    @property
    def _given(self) -> Mapping[str, Any]:
        given: Mapping[str, Any] = getattr(settings, "VISITORS", {})
        return given

    @cached_property
    def CITUS(self) -> bool:
        """Whether the facts are distributed by visitor: their keys are then visitor and id together."""
        return bool(self._given.get("CITUS", False))
