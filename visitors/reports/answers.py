"""The shapes that several reports answer with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

UNKNOWN: Final = "(unknown)"
OTHER: Final = "(other)"


@dataclass(frozen=True, slots=True)
class PeriodShown:
    """The local days of a report, first and last inclusive. `asked_from` is the first day that was asked for, where the
    single visits that the answer needs are kept only since `from`; otherwise `None`."""

    first_day: date = field(metadata={"name": "from"})
    last_day: date = field(metadata={"name": "to"})
    days: int
    timezone: str
    is_running: bool
    asked_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What every report says of itself; `compare` is the period that its figures stand beside, `None` where there is
    none, `definitions` holds metric name -> what it means."""

    period: PeriodShown
    compare: PeriodShown | None = None
    definitions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Answer):
    """`query` is the question as it was understood: absolute days, filters as lists, options with their defaults."""

    query: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A row of a breakdown; `share` in percent of the whole, `None` when the whole is empty."""

    name: str
    sessions: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Counted:
    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedAnswer(Asked):
    """One page of a list that grows, in `results`; pages count from 1, and one past the last is empty."""

    count: int
    page: int
    page_size: int
    pages: int


def in_order(details: Mapping[str, Any]) -> dict[str, Any]:
    """By name: PostgreSQL keeps the keys of a JSON object in an order of its own."""
    return dict(sorted(details.items()))
