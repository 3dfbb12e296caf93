"""Repeat a question in its answer as it was understood."""

from __future__ import annotations

from typing import Any

from .periods import Period
from .query.written import bounds, written
from .scope import Scope


def asked_of(scope: Scope, **options: Any) -> dict[str, Any]:
    return {
        **bounds(scope.period),
        "filters": [written(condition) for condition in scope.filters],
        **options,
    }


def compared_of(scope: Scope, against: Period | None, **options: Any) -> dict[str, Any]:
    """The question of a report that stands beside another period."""
    return asked_of(scope, compare=bounds(against) if against else None, **options)
