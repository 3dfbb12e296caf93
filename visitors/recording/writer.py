"""Write one batch of observations: a constant number of queries, whatever the batch holds.

The caller holds the transaction and the recorder's database lock. Totals are recounted from rows, never added to, so
that writing an observation twice changes nothing.
"""

from __future__ import annotations

import secrets
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from django.db.models import F

from visitors.models import DroppedCount, PageView, Share, VisitorInteraction, VisitorSession, unix_ms
from visitors.observation import OPENING, PAGE, PING, PROBE, DropReason, Observation

from .bulk import insert_new, new_row, upsert
from .links import follow_links, follow_visits, write_shares
from .sessions import SESSION_GAP_MS, Arrival, Resolution, Span, resolve
from .steps import Classified, Draft, classify
from .summary import moment, note, open_with, summarise

PAGEVIEW: Final = "pageview"
SHARE_MEMORY: Final = timedelta(hours=2)

SESSION_FIELDS: Final = tuple(
    field.name for field in VisitorSession._meta.concrete_fields if field.name not in {"id", "session_id", "visitor_id"}
)
PAGE_FIELDS: Final = tuple(field.name for field in PageView._meta.concrete_fields if field.name != "id")
ACT_FIELDS: Final = ("session_id", "visitor_id", "is_human")
_page_state = attrgetter(*PAGE_FIELDS)
_act_state = attrgetter(*ACT_FIELDS)


@dataclass(slots=True)
class Book:
    """The visits that a batch touches, with all their rows, and how the rows were when loaded."""

    sessions: dict[int, VisitorSession] = field(default_factory=dict)
    pages: defaultdict[int, dict[int, PageView]] = field(default_factory=lambda: defaultdict(dict))
    acts: defaultdict[int, dict[int, VisitorInteraction]] = field(default_factory=lambda: defaultdict(dict))
    page_states: dict[int, Any] = field(default_factory=dict)
    act_states: dict[int, Any] = field(default_factory=dict)
    stale: set[int] = field(default_factory=set)  # visits that others took in


def write_batch(observations: Iterable[Observation]) -> Counter[tuple[str, DropReason]]:
    """Store the batch; returns what was left out, by day and reason, for the caller to count."""
    classified = classify(observations)
    write_shares(classified.drafts)
    drafts = [draft for draft in classified.drafts if draft.is_visit]
    book, resolution = _resolve(drafts) if drafts else (Book(), Resolution())
    if drafts:
        _fill(book, resolution, drafts, classified)
        _summarise_all(book)
        _save(book)
    follow_links(classified.drafts, resolution)
    follow_visits(book.sessions.values())
    return classified.dropped


def count_drops(dropped: Counter[tuple[str, DropReason]]) -> None:
    """Add to the counts of their days."""
    for (day, reason), count in sorted(dropped.items()):
        row, _ = DroppedCount.objects.get_or_create(day=date.fromisoformat(day), reason=reason)
        DroppedCount.objects.filter(pk=row.pk).update(count=F("count") + count)


def recount(sessions: Sequence[VisitorSession]) -> None:
    """Judge these visits again from their rows, as after an owner's correction."""
    book = Book(sessions={session.id: session for session in sessions})
    _load_rows(book)
    _summarise_all(book)
    _save(book)
    follow_visits(sessions)


def _resolve(drafts: Sequence[Draft]) -> tuple[Book, Resolution]:
    book = Book(sessions={session.id: session for session in _stored_near(drafts)})
    spans = [_span(session) for session in book.sessions.values()]
    resolution = resolve(spans, map(_arrival, drafts))
    touched = {span.id for span in resolution.span_of.values()} | set(resolution.merged)
    book.sessions = {key: session for key, session in book.sessions.items() if key in touched}
    _load_rows(book)
    for gone, span in resolution.merged.items():
        _take_in(book, gone=gone, into=span.id)
    return book, resolution


def _stored_near(drafts: Sequence[Draft]) -> Iterable[VisitorSession]:
    times = [draft.seen.at_ms for draft in drafts]
    visitors = {draft.seen.visitor_id for draft in drafts} | {draft.seen.previous_visitor_id for draft in drafts}
    return VisitorSession.objects.filter(
        visitor_id__in=visitors - {0},
        last_activity_at__gte=moment(min(times) - SESSION_GAP_MS),
        started_at__lte=moment(max(times) + SESSION_GAP_MS),
    )


def _span(session: VisitorSession) -> Span:
    return Span(
        id=session.id,
        visitor_id=session.visitor_id,
        start_ms=unix_ms(session.started_at),
        last_ms=unix_ms(session.last_activity_at),
        campaign=session.campaign,
        rows=session.page_views_count + session.not_found_count + session.interactions_count,
        is_stored=True,
    )


def _arrival(draft: Draft) -> Arrival:
    seen = draft.seen
    return Arrival(
        id=seen.id,
        at_ms=seen.at_ms,
        visitor_id=seen.visitor_id,
        previous_visitor_id=seen.previous_visitor_id,
        campaign=draft.campaign,
        # What the tracker reports belongs to a page that the server saw.
        can_open=seen.kind != PING and seen.details.get("from") != "tracker",
    )


def _load_rows(book: Book) -> None:
    """All rows of the visits; the visitor is in the filter because rows are distributed by it."""
    if not book.sessions:
        return
    visitors = {session.visitor_id for session in book.sessions.values()}
    for page in PageView.objects.filter(visitor_id__in=visitors, session_id__in=book.sessions):
        book.pages[page.session_id][page.id] = page
        book.page_states[page.id] = _page_state(page)
    for act in VisitorInteraction.objects.filter(visitor_id__in=visitors, session_id__in=book.sessions):
        book.acts[act.session_id][act.id] = act
        book.act_states[act.id] = _act_state(act)


def _take_in(book: Book, *, gone: int, into: int) -> None:
    session = book.sessions.pop(gone, None)
    if session is None:
        return  # it was opened by this very batch and holds nothing yet
    book.stale.add(gone)
    book.pages[into].update(book.pages.pop(gone, {}))
    book.acts[into].update(book.acts.pop(gone, {}))
    survivor = book.sessions.get(into)
    if survivor:
        survivor.is_owner = survivor.is_owner or session.is_owner
        survivor.tz = survivor.tz or session.tz
        survivor.label = survivor.label or session.label


def _fill(book: Book, resolution: Resolution, drafts: Sequence[Draft], classified: Classified) -> None:
    by_id = {draft.seen.id: draft for draft in drafts}
    for span in {span.id: span for span in resolution.span_of.values()}.values():
        _open_or_extend(book, span, by_id)
    pings = []
    for draft in sorted(drafts, key=lambda each: (each.seen.at_ms, each.seen.id)):
        owner = resolution.span_of.get(draft.seen.id)
        if owner is None:
            classified.dropped[draft.seen.day, DropReason.NO_PAGE_VIEW] += 1
            continue
        note(book.sessions[owner.id], draft)
        if draft.seen.kind == PING:
            pings.append((owner.id, draft.seen))
        else:
            _add_row(book, owner.id, draft.seen)
    # After the rows, since a ping may be read before the page view that it belongs to.
    for session_id, ping in pings:
        if not _confirm_page(book.pages[session_id], ping):
            classified.dropped[ping.day, DropReason.NO_PAGE_VIEW] += 1


def _open_or_extend(book: Book, span: Span, by_id: dict[int, Draft]) -> None:
    session = book.sessions.get(span.id)
    if session is None:
        session = new_row(
            VisitorSession, id=span.id, session_id=_time_ordered_uuid(span.start_ms), visitor_id=span.visitor_id
        )
        session.converted_goals, session.recruiter_signals = [], []
        book.sessions[span.id] = session
    if span.opened_by:
        opening = by_id[span.opened_by]
        session.day = date.fromisoformat(opening.seen.day)
        session.campaign = opening.campaign[:500]
        open_with(session, opening)
    session.started_at, session.last_activity_at = moment(span.start_ms), moment(span.last_ms)


def _time_ordered_uuid(at_ms: int) -> uuid.UUID:
    """UUID version 7 (RFC 9562): grows with time for the index, 74 random bits for the address bar."""
    random = secrets.randbits(74)
    return uuid.UUID(int=max(at_ms, 0) << 80 | 7 << 76 | (random >> 62) << 64 | 2 << 62 | random & ((1 << 62) - 1))


_date = lru_cache(maxsize=64)(date.fromisoformat)


def _add_row(book: Book, session_id: int, seen: Observation) -> None:
    if seen.kind == PAGE:
        book.pages[session_id].setdefault(seen.id, _page(seen))
    elif seen.kind not in {PROBE, OPENING}:
        book.acts[session_id].setdefault(seen.id, _act(seen))


def _page(seen: Observation) -> PageView:
    return new_row(
        PageView,
        id=seen.id,
        day=_date(seen.day),
        viewed_at=moment(seen.at_ms),
        path=seen.path,
        route=seen.route,
        title=seen.title,
        status=seen.status,
    )


def _act(seen: Observation) -> VisitorInteraction:
    return new_row(
        VisitorInteraction,
        id=seen.id,
        day=_date(seen.day),
        occurred_at=moment(seen.at_ms),
        kind=seen.kind,
        target=seen.target,
        path=seen.path,
        details=dict(seen.details),
    )


def _confirm_page(pages: dict[int, PageView], ping: Observation) -> bool:
    """Add engaged time to the latest view of that path; whether there was one.

    A "pageview" ping is the tracker's own word for a page that it began to show. The server saw that page too, and so
    the view is confirmed, not counted again, unless there was nothing to see: pages changed by script or restored
    from the browser's memory come without a request.
    """
    views = [page for page in pages.values() if page.path == ping.path and page.status < 400]
    page = max(views, key=lambda view: (view.viewed_at, view.id), default=None)
    if ping.target == PAGEVIEW and (page is None or page.is_confirmed) and pages:
        page = pages.setdefault(ping.id, _page(ping))
    if page is None:
        return False
    page.engaged_ms += ping.engaged_ms
    page.is_confirmed = True
    if ping.scroll_depth >= 0:
        page.scroll_depth = max(page.scroll_depth or 0, ping.scroll_depth)
    return True


def _summarise_all(book: Book) -> None:
    shared = _shared_paths(book)
    for session in book.sessions.values():
        pages, acts = book.pages[session.id].values(), list(book.acts[session.id].values())
        recently = {
            path for path, times in shared.items() if any(_just_before(session, shared_at) for shared_at in times)
        }
        summarise(session, pages, acts, shared_paths=recently)


def _shared_paths(book: Book) -> dict[str, list[Any]]:
    starts = [session.started_at for session in book.sessions.values()]
    found: defaultdict[str, list[Any]] = defaultdict(list)
    if starts:
        rows = Share.objects.filter(shared_at__gte=min(starts) - SHARE_MEMORY, shared_at__lte=max(starts))
        for path, shared_at in rows.values_list("path", "shared_at"):
            found[path].append(shared_at)
    return found


def _just_before(session: VisitorSession, shared_at: Any) -> bool:
    return bool(timedelta(0) <= session.started_at - shared_at <= SHARE_MEMORY)


def _save(book: Book) -> None:
    upsert(list(book.sessions.values()), update_fields=SESSION_FIELDS)
    pages = [page for rows in book.pages.values() for page in rows.values()]
    insert_new([page for page in pages if page.id not in book.page_states])
    stored_pages = [page for page in pages if page.id in book.page_states]
    upsert([page for page in stored_pages if book.page_states[page.id] != _page_state(page)], update_fields=PAGE_FIELDS)
    acts = [act for rows in book.acts.values() for act in rows.values()]
    insert_new([act for act in acts if act.id not in book.act_states])
    stored_acts = [act for act in acts if act.id in book.act_states]
    upsert([act for act in stored_acts if book.act_states[act.id] != _act_state(act)], update_fields=ACT_FIELDS)
    if book.stale:
        VisitorSession.objects.filter(id__in=book.stale).delete()
