"""How far the figures can be trusted: what was left out and why, which bots came, what the tracker confirmed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from visitors.models import DroppedCount
from visitors.rollups.dimensions import PAGES, WHOLE
from visitors.rollups.totals import PageTotals, Totals

from .answers import Counted, Part
from .filters import parts_of
from .metrics import rate
from .periods import Period
from .scope import Scope
from .sums import page_totals, split, sums_by_key, totals_by_key


@dataclass(frozen=True, slots=True)
class DataQuality:
    """`left_out` counts observations by reason; `owner` and `empty` count sessions outside the human figures;
    `confirmed` is the percentage of page views that the tracker saw too, `None` without page views."""

    humans: int
    owner: int
    empty: int
    bots: tuple[Part, ...]
    left_out: tuple[Counted, ...]
    page_views: int
    unconfirmed: int
    confirmed: float | None

    @property
    def bot_sessions(self) -> int:
        return sum(part.sessions for part in self.bots)


def data_quality(period: Period) -> DataQuality:
    """Of the whole period: what was left out has no traits to filter by."""
    scope = Scope(period)
    days = split(scope)
    sessions = sum(
        (keys[WHOLE] for keys in sums_by_key(scope, days=days, only=("sessions", "owner", "empty")).values()),
        start=Totals(),
    )
    views = page_totals(scope, dimension=PAGES, days=days, only=("page_views", "confirmed")).get(WHOLE, PageTotals())
    kinds = totals_by_key(scope, dimension="bot_kind", days=days, only=("bots",))
    return DataQuality(
        humans=sessions.sessions,
        owner=sessions.owner,
        empty=sessions.empty,
        bots=parts_of((kind, sums.bots) for kind, sums in kinds.items() if sums.bots),
        left_out=_left_out(period),
        page_views=views.page_views,
        unconfirmed=views.page_views - views.confirmed,
        confirmed=rate(views.confirmed, views.page_views),
    )


def _left_out(period: Period) -> tuple[Counted, ...]:
    rows = (
        DroppedCount.objects.in_days(period.start, period.end)
        .values_list("reason")
        .annotate(observations=Sum("count"))
        .order_by("-observations", "reason")
    )
    return tuple(Counted(*row) for row in rows)
