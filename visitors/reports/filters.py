"""Narrow facts to a period and cut lists into pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import ExtractHour
from django.utils import timezone

from visitors.exceptions import InvalidParameter
from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.querysets import InteractionQuerySet, PageViewQuerySet, SessionQuerySet

from .answers import OTHER, UNKNOWN, Part, PeriodShown
from .metrics import rate
from .periods import Period

MAX_PAGE: Final = 10_000
MAX_PAGE_SIZE: Final = 100
PAGE_SIZE: Final = 20
LISTED: Final = 20  # rows of a breakdown before the rest is summed up

CONVERTED: Final = ~Q(converted_goals=[])


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
    return PeriodShown(period.start, period.last_day, period.days, name, period.is_running)


def sessions_of(period: Period) -> SessionQuerySet:
    """Sessions that began in the period; people, bots and the owner alike."""
    sessions = VisitorSession.objects.in_days(period.start, period.end)
    return sessions.filter(started_at__lte=period.until) if period.until else sessions


def page_views_of(period: Period) -> PageViewQuerySet:
    views = PageView.objects.in_days(period.start, period.end).humans()
    return views.filter(viewed_at__lte=period.until) if period.until else views


def interactions_of(period: Period) -> InteractionQuerySet:
    acts = VisitorInteraction.objects.in_days(period.start, period.end).humans()
    return acts.filter(occurred_at__lte=period.until) if period.until else acts


def hour_of_start() -> ExtractHour:
    """The hour of the site's clock, 0-23, at which a session began."""
    return ExtractHour("started_at", tzinfo=timezone.get_default_timezone())


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
    ranked = sorted(summed.items(), key=lambda item: (-item[1], item[0]))
    kept = dict(ranked[:listed])
    rest = summed.total() - sum(kept.values())
    return _shares(kept | {OTHER: rest} if rest else kept, total=summed.total())


def _shares(counts: Mapping[str, int], *, total: int) -> tuple[Part, ...]:
    return tuple(Part(name, count, rate(count, total)) for name, count in counts.items())
