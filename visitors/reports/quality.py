"""How far the figures can be trusted: what was left out and why, which bots came, what the tracker confirmed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from visitors.models import DroppedCount

from .answers import Counted, Part
from .filters import page_views_of, parts_of, sessions_of
from .metrics import rate
from .periods import Period


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
    """Of the whole period: what was left out has no traits to filter by. Four queries."""
    sessions = sessions_of(period).aggregate(
        humans=Count("id", filter=Q(is_human=True)),
        owner=Count("id", filter=Q(is_owner=True, is_bot=False)),
        empty=Count("id", filter=Q(is_human=False, is_owner=False, is_bot=False)),
    )
    views = page_views_of(period).shown().aggregate(all=Count("id"), seen=Count("id", filter=Q(is_confirmed=True)))
    bots = sessions_of(period).bots().order_by().values_list("bot_kind").annotate(sessions=Count("id"))
    return DataQuality(
        **sessions,
        bots=parts_of(bots),
        left_out=_left_out(period),
        page_views=views["all"],
        unconfirmed=views["all"] - views["seen"],
        confirmed=rate(views["seen"], views["all"]),
    )


def _left_out(period: Period) -> tuple[Counted, ...]:
    rows = (
        DroppedCount.objects.in_days(period.start, period.end)
        .values_list("reason")
        .annotate(observations=Sum("count"))
        .order_by("-observations", "reason")
    )
    return tuple(Counted(*row) for row in rows)
