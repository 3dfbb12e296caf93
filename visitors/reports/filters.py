"""Narrow facts to a period and cut lists into pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeVar

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from visitors.exceptions import InvalidParameter
from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.querysets import Facts, InteractionQuerySet, PageViewQuerySet, SessionQuerySet

from .answers import OTHER, UNKNOWN, Part, PeriodShown
from .metrics import rate
from .periods import Period

MAX_PAGE: Final = 10_000
MAX_PAGE_SIZE: Final = 100
PAGE_SIZE: Final = 20
LISTED: Final = 20  # rows of a breakdown before the rest is summed up

CONVERTED: Final = Q(is_converted=True)

SomeFacts = TypeVar("SomeFacts", bound=Facts)


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list; raises `InvalidParameter` out of bounds."""

    page: int = 1
    page_size: int = PAGE_SIZE

    def __post_init__(self) -> None:
        for name, value, most in (("page", self.page, MAX_PAGE), ("page_size", self.page_size, MAX_PAGE_SIZE)):
            if not 1 <= value <= most:
                raise InvalidParameter(name, f"between 1 and {most}", value)

    @property
    def rows(self) -> slice:
        return slice((self.page - 1) * self.page_size, self.page * self.page_size)

    def pages(self, count: int) -> int:
        return -(-count // self.page_size)


def shown(period: Period) -> PeriodShown:
    name = timezone.get_default_timezone_name()
    return PeriodShown(period.start, period.last_day, period.days, name, period.is_running, period.asked_start)


def sessions_of(period: Period) -> SessionQuerySet:
    """Sessions that began in the period; people, bots and the owner alike."""
    sessions = VisitorSession.objects.in_days(period.start, period.end)
    return _in_moments(sessions, "started_at", period)


def page_views_of(period: Period) -> PageViewQuerySet:
    views = PageView.objects.in_days(period.start, period.end).humans()
    return _in_moments(views, "viewed_at", period)


def interactions_of(period: Period) -> InteractionQuerySet:
    acts = VisitorInteraction.objects.in_days(period.start, period.end).humans()
    return _in_moments(acts, "occurred_at", period)


def _in_moments(facts: SomeFacts, moment: str, period: Period) -> SomeFacts:
    """A running period up to now, one of hours from its first moment."""
    if period.since:
        facts = facts.filter(**{f"{moment}__gte": period.since})
    return facts.filter(**{f"{moment}__lte": period.until}) if period.until else facts


@cache
def came_before() -> Exists:
    """Whether the visitor of a session had an earlier one, as far as the id of the day can tell."""
    earlier = VisitorSession.objects.humans().filter(
        visitor_id=OuterRef("visitor_id"), started_at__lt=OuterRef("started_at")
    )
    return Exists(earlier)


def parts_of(counts: Iterable[tuple[str, int]], *, listed: int = LISTED) -> tuple[Part, ...]:
    """Largest first; names past `listed` are one row `(other)`, an empty name is `(unknown)`."""
    summed: Counter[str] = Counter()
    for name, count in counts:
        summed[name or UNKNOWN] += count
    total = summed.total()
    named = ((name, count) for name, count in summed.items() if name != OTHER)
    kept = dict(sorted(named, key=lambda item: (-item[1], item[0]))[:listed])
    rest = total - sum(kept.values())
    return _shares(kept | {OTHER: rest} if rest else kept, total=total)


def _shares(counts: Mapping[str, int], *, total: int) -> tuple[Part, ...]:
    return tuple(Part(name, count, rate(count, total)) for name, count in counts.items())
