"""Decide which visit an observation belongs to, and what a visit's rows add up to.

Pure: no clock, no database; the caller passes both. A visit lasts while its observations are at most `SESSION_GAP_MS`
apart; a new campaign or application link begins another one. Observations may come in any order: a late one can
extend a visit backwards or join two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from visitors.detection.engagement import PASSIVE_KINDS

SESSION_GAP_MS: Final = 30 * 60 * 1000
MAX_SESSION_ROWS: Final = 1000  # a crawler that never pauses must not make one visit without end
ENGAGED_MS: Final = 10_000
ENGAGED_PAGE_VIEWS: Final = 2
MAX_TIME_ON_PAGE_MS: Final = SESSION_GAP_MS


class Span(msgspec.Struct, eq=False, gc=False):
    """A visit in time. `opened_by` is the observation that fixes its source, device and place, 0 = the stored one."""

    id: int
    visitor_id: int
    start_ms: int
    last_ms: int
    campaign: str = ""
    rows: int = 0
    opened_by: int = 0
    is_stored: bool = False


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """What resolving needs to know of one observation."""

    id: int
    at_ms: int
    visitor_id: int
    previous_visitor_id: int = 0
    campaign: str = ""
    can_open: bool = True


@dataclass(slots=True)
class Resolution:
    """`span_of` by observation id; `merged` maps the id of a visit that ceased to the visit that took it in."""

    spans: dict[int, Span] = field(default_factory=dict)
    span_of: dict[int, Span] = field(default_factory=dict)
    merged: dict[int, Span] = field(default_factory=dict)
    homeless: list[int] = field(default_factory=list)


def resolve(stored: Iterable[Span], arrivals: Iterable[Arrival]) -> Resolution:
    """Give each arrival its visit. `stored` must hold every visit of these visitors within the gap around them."""
    result = Resolution()
    by_visitor: dict[int, list[Span]] = {}
    for span in stored:
        result.spans[span.id] = span
        by_visitor.setdefault(span.visitor_id, []).append(span)
    for arrival in sorted(arrivals, key=lambda each: (each.at_ms, each.id)):
        spans = _spans_of(by_visitor, arrival)
        home = _reachable(spans, arrival) or _open(by_visitor, result, arrival)
        if home is None:
            result.homeless.append(arrival.id)
            continue
        _extend(home, arrival)
        _join_following(spans, home, by_visitor=by_visitor, result=result)
        result.span_of[arrival.id] = home
    return result


def _spans_of(by_visitor: Mapping[int, list[Span]], arrival: Arrival) -> list[Span]:
    """Visits under today's id and, just after midnight, under yesterday's."""
    spans = list(by_visitor.get(arrival.visitor_id, ()))
    if arrival.previous_visitor_id:
        spans += by_visitor.get(arrival.previous_visitor_id, ())
    return spans


def _reachable(spans: Iterable[Span], arrival: Arrival) -> Span | None:
    """The visit that was active last before the arrival, else the next one after it, within the gap.

    Two can be open at once: a link of one campaign, then one of another, then the first again.
    """
    near = [span for span in spans if _accepts(span, arrival)]
    return max(near, key=lambda span: _nearness(span, arrival.at_ms), default=None)


def _nearness(span: Span, at_ms: int) -> tuple[bool, int, int, int]:
    has_begun = span.start_ms <= at_ms
    return has_begun, min(span.last_ms, at_ms) if has_begun else 0, -abs(at_ms - span.start_ms), span.id


def _accepts(span: Span, arrival: Arrival) -> bool:
    if not span.start_ms - SESSION_GAP_MS <= arrival.at_ms <= span.last_ms + SESSION_GAP_MS:
        return False
    if span.rows >= MAX_SESSION_ROWS and arrival.can_open:
        return False
    if arrival.at_ms < span.start_ms:  # what came before a campaign's link was another visit
        return not span.campaign or arrival.campaign == span.campaign
    return not arrival.campaign or arrival.campaign == span.campaign


def _open(by_visitor: dict[int, list[Span]], result: Resolution, arrival: Arrival) -> Span | None:
    if not arrival.can_open:
        return None
    span = Span(
        id=arrival.id,
        visitor_id=arrival.visitor_id,
        start_ms=arrival.at_ms,
        last_ms=arrival.at_ms,
        campaign=arrival.campaign,
        opened_by=arrival.id,
    )
    by_visitor.setdefault(span.visitor_id, []).append(span)
    result.spans[span.id] = span
    return span


def _extend(span: Span, arrival: Arrival) -> None:
    if arrival.at_ms < span.start_ms:
        span.start_ms = arrival.at_ms
        if arrival.can_open:
            span.opened_by, span.campaign = arrival.id, arrival.campaign
    span.last_ms = max(span.last_ms, arrival.at_ms)
    span.rows += arrival.can_open


def _join_following(
    spans: Sequence[Span], span: Span, *, by_visitor: dict[int, list[Span]], result: Resolution
) -> None:
    """A late observation can close the gap to the visit that came after it: the earlier one takes it in."""
    for later in spans:
        if later is span or later.start_ms < span.start_ms or later.campaign not in {"", span.campaign}:
            continue
        if later.start_ms - span.last_ms > SESSION_GAP_MS or span.rows + later.rows > MAX_SESSION_ROWS:
            continue
        by_visitor[later.visitor_id].remove(later)
        _take_in(span, later, result)


def _take_in(span: Span, later: Span, result: Resolution) -> None:
    span.last_ms = max(span.last_ms, later.last_ms)
    span.rows += later.rows
    del result.spans[later.id]
    if later.is_stored and not span.is_stored:
        # A stored visit keeps its row, and with it its public address and the owner's label.
        del result.spans[span.id]
        span.id, span.is_stored = later.id, True
        result.spans[span.id] = span
    else:
        result.merged[later.id] = span
    for owners in (result.span_of, result.merged):
        for identifier, owner in owners.items():
            if owner is later:
                owners[identifier] = span


class PageRow(Protocol):
    """A page view as far as counting goes; times in Unix milliseconds."""

    id: int
    host: str
    path: str
    status: int
    engaged_ms: int
    is_confirmed: bool
    sequence: int
    time_on_page_ms: int | None
    is_estimated: bool

    @property
    def at_ms(self) -> int: ...

    @property
    def is_timed(self) -> bool: ...


class ActRow(Protocol):
    kind: str

    @property
    def details(self) -> Mapping[str, object]: ...


class Totals(msgspec.Struct, frozen=True, gc=False):
    """What a visit's rows add up to; durations in milliseconds."""

    page_views: int
    not_found: int
    interactions: int
    engaged_ms: int
    duration_ms: int
    entry_host: str
    entry_path: str
    exit_host: str
    exit_path: str
    is_bounce: bool
    is_engaged: bool
    is_confirmed: bool


def add_up(pages: Iterable[PageRow], acts: Sequence[ActRow], *, start_ms: int, last_ms: int) -> Totals:
    """Number the page views in order, time them, and total the visit.

    A bounce is exactly one page view and no act; its duration counts 0. Time on page is the tracker's engaged time;
    without it the gap to the next page view, at most 30 minutes and marked as estimated; `None` for the last page.
    """
    ordered = sorted(pages, key=lambda page: (page.at_ms, page.id))
    shown = [page for page in ordered if page.status < 400]
    _number_and_time(ordered)
    active = sum(not _is_passive(act) for act in acts)
    engaged_ms = sum(page.engaged_ms for page in ordered)
    is_bounce = len(shown) == 1 and not active
    return Totals(
        page_views=len(shown),
        not_found=len(ordered) - len(shown),
        interactions=len(acts),
        engaged_ms=engaged_ms,
        duration_ms=0 if is_bounce else max(last_ms - start_ms, 0),
        entry_host=shown[0].host if shown else "",
        entry_path=shown[0].path if shown else "",
        exit_host=shown[-1].host if shown else "",
        exit_path=shown[-1].path if shown else "",
        is_bounce=is_bounce,
        is_engaged=engaged_ms >= ENGAGED_MS or len(shown) >= ENGAGED_PAGE_VIEWS or active > 0,
        is_confirmed=any(page.is_confirmed for page in ordered),
    )


def _is_passive(act: ActRow) -> bool:
    """What happened without the visitor's doing, by its kind or by the word of who reported it."""
    return act.kind in PASSIVE_KINDS or act.details.get("interactive") is False


def _number_and_time(ordered: Sequence[PageRow]) -> None:
    for index, page in enumerate(ordered):
        page.sequence = index + 1
        if page.is_timed:
            page.time_on_page_ms, page.is_estimated = page.engaged_ms, False
        elif index + 1 < len(ordered):
            gap_ms = ordered[index + 1].at_ms - page.at_ms
            page.time_on_page_ms, page.is_estimated = min(max(gap_ms, 0), MAX_TIME_ON_PAGE_MS), True
        else:
            page.time_on_page_ms, page.is_estimated = None, False
