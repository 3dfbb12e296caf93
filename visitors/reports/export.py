"""The stored facts of a scope, row by row, for the owner's own tools: without ids that tell visitors apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import QuerySet

from visitors.querysets import streamed

from .answers import in_order
from .scope import Scope, humans_in, interactions_in, page_views_in


class Dataset(StrEnum):
    SESSIONS = "sessions"
    PAGE_VIEWS = "page-views"
    INTERACTIONS = "interactions"


@dataclass(frozen=True, slots=True)
class Export:
    """Names and rows; the rows are read as they are taken, some thousand at a time, oldest first."""

    header: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


# Name -> column.
SESSION: Final[Mapping[str, str]] = {
    name: {"page_views": "page_views_count", "interactions": "interactions_count", "goals": "converted_goals"}.get(
        name, name
    )
    for name in (
        *("session_id", "day", "started_at", "last_activity_at", "duration_ms", "engaged_ms", "page_views"),
        *("interactions", "entry_host", "entry_path", "exit_host", "exit_path", "is_bounce", "is_engaged"),
        *("engagement_score", "goals"),
        *("referrer", "referrer_host", "source", "channel", "utm_source", "utm_medium", "utm_campaign", "utm_term"),
        *("utm_content", "application", "country", "region", "city", "network", "network_kind", "device_type"),
        *("browser", "browser_version", "os", "os_version", "app", "language", "tz", "recruiter_score"),
        *("recruiter_band", "is_recruiter", "is_client", "label"),
    )
}
PAGE_VIEW: Final[Mapping[str, str]] = {
    "page_view": "id",
    "visit": "session_id",
} | {
    name: name
    for name in (
        *("day", "viewed_at", "host", "path", "title", "sequence", "engaged_ms", "scroll_depth", "time_on_page_ms"),
        *("is_estimated", "source", "channel", "device_type", "country"),
    )
}
INTERACTION: Final[Mapping[str, str]] = {
    "interaction": "id",
    "visit": "session_id",
} | {name: name for name in ("day", "occurred_at", "kind", "target", "host", "path", "details")}

PREPARED: Final[Mapping[str, Callable[[Any], Any]]] = {"id": str, "session_id": str, "details": in_order}


def export(scope: Scope, dataset: Dataset) -> Export:
    """People only. One query, whose rows are never all in memory. Numbers past 53 bits are text, for spreadsheets and
    JavaScript."""
    rows, columns = _rows(scope, dataset)
    found = streamed(rows.order_by("id").values_list(*columns.values()))
    texts = {place: PREPARED[name] for place, name in enumerate(columns.values()) if name in PREPARED}
    return Export(tuple(columns), (_prepared(row, texts) for row in found))


def _rows(scope: Scope, dataset: Dataset) -> tuple[QuerySet[Any], Mapping[str, str]]:
    if dataset is Dataset.SESSIONS:
        return humans_in(scope), {"visit": "id", **SESSION}
    if dataset is Dataset.PAGE_VIEWS:
        return page_views_in(scope).shown(), PAGE_VIEW
    return interactions_in(scope), INTERACTION


def _prepared(row: tuple[Any, ...], texts: Mapping[int, Callable[[Any], Any]]) -> tuple[Any, ...]:
    values = list(row)
    for place, prepare in texts.items():
        values[place] = prepare(values[place])
    return tuple(values)
