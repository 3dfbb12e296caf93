"""Repeat a question in its answer as it was understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .answers import Answer
from .query.written import written
from .scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Answer):
    """`query` is the question as it was understood: absolute days, filters as lists, options with their defaults."""

    query: Mapping[str, Any]


def asked_of(scope: Scope, **options: Any) -> dict[str, Any]:
    return {
        "from": scope.period.start.isoformat(),
        "to": scope.period.last_day.isoformat(),
        "filters": [written(condition) for condition in scope.filters],
        **options,
    }
