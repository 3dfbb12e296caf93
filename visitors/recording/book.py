"""The visits that a batch touches with all their rows: loaded as a whole, changed in memory, stored as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, Final, TypeVar

from visitors.identity import local_day, now_ms
from visitors.marks import mark_write
from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.observation import PROFILE_BIT, is_profile
from visitors.rollups.dirt import mark_closed

from .bulk import insert_new, upsert

KEY: Final = frozenset({"id", "visitor_id"})
SESSION_FIELDS: Final = tuple(
    field.name for field in VisitorSession._meta.concrete_fields if field.name not in KEY | {"session_id"}
)
PAGE_FIELDS: Final = tuple(field.name for field in PageView._meta.concrete_fields if field.name not in KEY)
ACT_FIELDS: Final = ("session_id", "is_human")
_page_state = attrgetter("visitor_id", *PAGE_FIELDS)
_act_state = attrgetter("visitor_id", *ACT_FIELDS)

Row = TypeVar("Row", PageView, VisitorInteraction)


@dataclass(slots=True)
class Book:
    """What is stored of some visits, and how the rows were when loaded (the visitor first)."""

    sessions: dict[int, VisitorSession] = field(default_factory=dict)
    pages: defaultdict[int, dict[int, PageView]] = field(default_factory=lambda: defaultdict(dict))
    acts: defaultdict[int, dict[int, VisitorInteraction]] = field(default_factory=lambda: defaultdict(dict))
    page_states: dict[int, Any] = field(default_factory=dict)
    act_states: dict[int, Any] = field(default_factory=dict)
    stale: dict[int, int] = field(default_factory=dict)  # visits that others took in, and whose they were
    days: set[date] = field(default_factory=set)  # on which stored visits began, before and after


def load_rows(book: Book) -> None:
    """All rows of the visits; the visitor is in the filter because rows are distributed by it."""
    if not book.sessions:
        return
    book.days = {session.day for session in book.sessions.values()}
    visitors = {session.visitor_id for session in book.sessions.values()}
    for page in PageView.objects.filter(visitor_id__in=visitors, session_id__in=book.sessions):
        book.pages[page.session_id][page.id] = page
        book.page_states[page.id] = _page_state(page)
    for act in VisitorInteraction.objects.filter(visitor_id__in=visitors, session_id__in=book.sessions):
        book.acts[act.session_id][act.id] = act
        book.act_states[act.id] = _act_state(act)


def save(book: Book) -> None:
    """A constant number of statements, few when little changed."""
    _make_way_for_profiles(book)
    upsert(list(book.sessions.values()), update_fields=SESSION_FIELDS)
    pages = [page for rows in book.pages.values() for page in rows.values()]
    insert_new([page for page in pages if page.id not in book.page_states])
    changed_pages = _changed(pages, {page.id: _page_state(page) for page in pages}, book.page_states)
    upsert(changed_pages, update_fields=PAGE_FIELDS)
    acts = [act for rows in book.acts.values() for act in rows.values()]
    insert_new([act for act in acts if act.id not in book.act_states])
    changed_acts = _changed(acts, {act.id: _act_state(act) for act in acts}, book.act_states)
    upsert(changed_acts, update_fields=ACT_FIELDS)
    if book.stale:
        VisitorSession.objects.filter(visitor_id__in=set(book.stale.values()), id__in=book.stale).delete()
    mark_closed(_days(book), today=local_day(now_ms()))
    mark_write()


def _changed(rows: Iterable[Row], now: Mapping[int, Any], loaded: Mapping[int, Any]) -> list[Row]:
    """Rows that differ from how they were loaded. One whose visitor is another now leaves its old place at once: rows
    are distributed by visitor, so none can move."""
    changed = [row for row in rows if row.id in loaded and loaded[row.id] != now[row.id]]
    moved = {row.id: loaded[row.id][0] for row in changed if loaded[row.id][0] != row.visitor_id}
    if moved:
        type(changed[0])._default_manager.filter(visitor_id__in=set(moved.values()), id__in=moved).delete()
    return changed


def _make_way_for_profiles(book: Book) -> None:
    """The same for a visit whose visitor agreed on the way to be known again."""
    profiled = [session.id for session in book.sessions.values() if is_profile(session.visitor_id)]
    if profiled:
        VisitorSession.objects.filter(id__in=profiled, visitor_id__lt=PROFILE_BIT).delete()


def _days(book: Book) -> set[date]:
    """Whose sums may differ now."""
    days = book.days | {session.day for session in book.sessions.values()}
    days.update(page.day for rows in book.pages.values() for page in rows.values())
    days.update(act.day for rows in book.acts.values() for act in rows.values())
    return days
