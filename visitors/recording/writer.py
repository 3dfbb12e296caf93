"""Write one batch of observations: a constant number of queries, whatever the batch holds.

The caller holds the transaction and the recorder's database lock. Totals are recounted from rows, never added to, so
that writing an observation twice changes nothing.
"""

from __future__ import annotations

import secrets
import uuid
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Final

from django.db.models import F

from visitors.details import MAX_DETAIL_BYTES, within
from visitors.models import DroppedCount, Share, VisitorInteraction, VisitorSession, unix_ms
from visitors.observation import (
    NOBODY,
    OPENING,
    OWNER_KNOWN,
    PAGE,
    PING,
    PROBE,
    DropReason,
    Observation,
)

from .book import Book, load_rows, save
from .bulk import new_row
from .erased import leave_out_erased
from .flood import leave_out_flood
from .links import follow_links, follow_visits, write_shares
from .pings import can_open, confirm_page, day_of, page_of
from .returns import returned_visits
from .sessions import SESSION_GAP_MS, Arrival, Resolution, Span, resolve
from .steps import Classified, Draft, classify
from .summary import moment, note, open_with, summarise

SHARE_MEMORY: Final = timedelta(hours=2)
# A visit is recounted with all its acts at each drain that it goes on in: past what people do, theirs are kept short.
FULL_ACTS: Final = 50
LATER_DETAIL_BYTES: Final = 4096


def write_batch(observations: Iterable[Observation]) -> Counter[tuple[str, DropReason]]:
    """Store the batch; returns what was left out, by day and reason, for the caller to count."""
    kept, left_out = leave_out_erased(observations)
    classified = classify(kept)
    classified.dropped.update(left_out)
    leave_out_flood(classified)
    write_shares(classified.drafts)
    drafts = [draft for draft in classified.drafts if draft.is_visit]
    book, resolution = _resolve(drafts) if drafts else (Book(), Resolution())
    if drafts:
        _fill(book, resolution, drafts, classified)
        _summarise_all(book)
        save(book)
    follow_links(classified.drafts, resolution)
    follow_visits(book.sessions.values())
    _claim_earlier(classified.drafts)
    return classified.dropped


def count_drops(dropped: Counter[tuple[str, DropReason]]) -> None:
    """Add to the counts of their days."""
    for (day, reason), count in sorted(dropped.items()):
        row, _ = DroppedCount.objects.get_or_create(day=date.fromisoformat(day), reason=reason)
        DroppedCount.objects.filter(pk=row.pk).update(count=F("count") + count)


def recount(sessions: Sequence[VisitorSession]) -> None:
    """Judge these visits again from their rows, as after an owner's correction."""
    book = Book(sessions={session.id: session for session in sessions})
    load_rows(book)
    _summarise_all(book)
    save(book)
    follow_visits(sessions)


def _claim_earlier(drafts: Iterable[Draft]) -> None:
    """What a visitor did before he was known to be the owner is the owner's; a label stays. No query without news."""
    known = [draft.seen for draft in drafts if draft.seen.kind == OWNER_KNOWN]
    owners = {seen.visitor_id for seen in known} | {seen.previous_visitor_id for seen in known}
    if owners - {NOBODY}:
        visits = list(VisitorSession.objects.filter(visitor_id__in=owners - {NOBODY}, is_owner=False, label=""))
        for visit in visits:
            visit.is_owner = True
        if visits:
            recount(visits)


def _resolve(drafts: Sequence[Draft]) -> tuple[Book, Resolution]:
    book = Book(sessions={session.id: session for session in _stored_near(drafts)})
    spans = [_span(session) for session in book.sessions.values()]
    resolution = resolve(spans, map(_arrival, drafts))
    touched = {span.id for span in resolution.span_of.values()} | set(resolution.merged)
    book.sessions = {key: session for key, session in book.sessions.items() if key in touched}
    load_rows(book)
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
        can_open=can_open(seen),
    )


def _take_in(book: Book, *, gone: int, into: int) -> None:
    session = book.sessions.pop(gone, None)
    if session is None:
        return  # it was opened by this very batch and holds nothing yet
    book.stale[gone] = session.visitor_id
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
        if not confirm_page(book.pages[session_id], ping):
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


def _add_row(book: Book, session_id: int, seen: Observation) -> None:
    if seen.kind == PAGE:
        book.pages[session_id].setdefault(seen.id, page_of(seen))
    elif seen.kind not in {PROBE, OPENING}:
        acts = book.acts[session_id]
        most = MAX_DETAIL_BYTES if len(acts) < FULL_ACTS else LATER_DETAIL_BYTES
        acts.setdefault(seen.id, _act(seen, most=most))


def _act(seen: Observation, *, most: int) -> VisitorInteraction:
    return new_row(
        VisitorInteraction,
        id=seen.id,
        day=day_of(seen.day),
        occurred_at=moment(seen.at_ms),
        kind=seen.kind,
        target=seen.target,
        host=seen.host,
        path=seen.path,
        details=within(seen.details, most=most),
    )


def _summarise_all(book: Book) -> None:
    shares, returns = _shares_near(book), returned_visits(book.sessions.values())
    for session in book.sessions.values():
        pages, acts = book.pages[session.id].values(), list(book.acts[session.id].values())
        recently = _shared_before(session.started_at, shares) if shares else ()
        summarise(session, pages, acts, shared_paths=recently, has_returned=session.id in returns)


def _shares_near(book: Book) -> list[tuple[datetime, str]]:
    """In the order of their times."""
    starts = [session.started_at for session in book.sessions.values()]
    if not starts:
        return []
    near = Share.objects.filter(shared_at__gte=min(starts) - SHARE_MEMORY, shared_at__lte=max(starts))
    return list(near.order_by("shared_at").values_list("shared_at", "path"))


def _shared_before(start: datetime, shares: Sequence[tuple[datetime, str]]) -> set[str]:
    """Paths that somebody passed on shortly before a visit began."""
    first = bisect_left(shares, start - SHARE_MEMORY, key=itemgetter(0))
    return {path for _, path in shares[first : bisect_right(shares, start, key=itemgetter(0))]}
