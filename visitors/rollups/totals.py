"""The sums that days add up to: of sessions, of page views, of acts. One definition for raw facts and for rollups."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from operator import attrgetter
from typing import Any, Final, TypeVar

import msgspec
from django.db.models import Count, Q, Sum

HUMAN: Final = Q(is_human=True)
CONVERTED: Final = Q(is_converted=True)


class Additive(msgspec.Struct, frozen=True, gc=False):
    """Adds field by field; of texts the last one in the alphabet stays, whatever the order of adding. A struct, since
    a filter makes one for each key of each day."""

    @property
    def size(self) -> tuple[int, ...]:
        """What ranks the keys of a day: nothing, unless a kind of sums says so."""
        return ()

    def __add__(self: Sums, other: Sums) -> Sums:
        shape: Any = type(self)
        read = _reader(shape)
        pairs = zip(read(self), read(other), strict=True)
        total: Sums = shape(*(max(a, b) if isinstance(a, str) else a + b for a, b in pairs))
        return total


Sums = TypeVar("Sums", bound=Additive)


class Totals(Additive, frozen=True, gc=False):
    """Of sessions, on the day they began. Times in milliseconds; everything but the last three counts people only."""

    visitors: int = 0
    sessions: int = 0
    page_views: int = 0
    interactions: int = 0
    bounces: int = 0
    engaged: int = 0
    duration_ms: int = 0
    confirmed: int = 0
    engaged_ms: int = 0
    scores: int = 0
    conversions: int = 0
    recruiters: int = 0
    clients: int = 0
    bots: int = 0
    owner: int = 0
    empty: int = 0

    @property
    def size(self) -> tuple[int, ...]:
        return self.sessions, self.bots


class PageTotals(Additive, frozen=True, gc=False):
    """Of people's page views. `timed` and `scrolled` are how many told their time and depth (a sum of percents);
    `confirmed` those that the tracker saw; `entries` and `exits` are sessions, on the day they began."""

    visitors: int = 0
    page_views: int = 0
    confirmed: int = 0
    timed: int = 0
    time_on_page_ms: int = 0
    scrolled: int = 0
    scroll_depth: int = 0
    entries: int = 0
    exits: int = 0
    title: str = ""

    @property
    def size(self) -> tuple[int, ...]:
        return (self.page_views,)


class ActTotals(Additive, frozen=True, gc=False):
    """Of people's acts, or of goals: `interactions` is then 0."""

    visitors: int = 0
    sessions: int = 0
    interactions: int = 0

    @property
    def size(self) -> tuple[int, ...]:
        return (max(self.interactions, self.sessions),)


# In the order of the fields.
SESSION_SUMS: Final[dict[str, Any]] = {
    "visitors": Count("visitor_id", distinct=True, filter=HUMAN),
    "sessions": Count("id", filter=HUMAN),
    "page_views": Sum("page_views_count", filter=HUMAN, default=0),
    "interactions": Sum("interactions_count", filter=HUMAN, default=0),
    "bounces": Count("id", filter=HUMAN & Q(is_bounce=True)),
    "engaged": Count("id", filter=HUMAN & Q(is_engaged=True)),
    "duration_ms": Sum("duration_ms", filter=HUMAN, default=0),
    "confirmed": Count("id", filter=HUMAN & Q(is_confirmed=True)),
    "engaged_ms": Sum("engaged_ms", filter=HUMAN & Q(is_confirmed=True), default=0),
    "scores": Sum("engagement_score", filter=HUMAN, default=0),
    "conversions": Count("id", filter=HUMAN & CONVERTED),
    "recruiters": Count("id", filter=HUMAN & Q(is_recruiter=True)),
    "clients": Count("id", filter=HUMAN & Q(is_client=True)),
    "bots": Count("id", filter=Q(is_bot=True)),
    "owner": Count("id", filter=Q(is_owner=True, is_bot=False)),
    "empty": Count("id", filter=Q(is_human=False, is_owner=False, is_bot=False)),
}
PAGE_SUMS: Final[dict[str, Any]] = {
    "visitors": Count("visitor_id", distinct=True),
    "page_views": Count("id"),
    "confirmed": Count("id", filter=Q(is_confirmed=True)),
    "timed": Count("time_on_page_ms"),
    "time_on_page_ms": Sum("time_on_page_ms", default=0),
    "scrolled": Count("scroll_depth"),
    "scroll_depth": Sum("scroll_depth", default=0),
}
ACT_SUMS: Final[dict[str, Any]] = {
    "visitors": Count("visitor_id", distinct=True),
    "sessions": Count("session_id", distinct=True),
    "interactions": Count("id"),
}


def names_of(shape: type[Additive]) -> tuple[str, ...]:
    return shape.__struct_fields__


@cache
def _reader(shape: Any) -> Any:
    return attrgetter(*names_of(shape))


def total_of(days: Iterable[Sums], empty: Sums) -> Sums:
    """All at once: one by one costs ten times as much."""
    shape: Any = type(empty)
    columns = zip(*map(_reader(shape), (empty, *days)), strict=True)
    total: Sums = shape(*(max(column) if isinstance(column[0], str) else sum(column) for column in columns))
    return total
