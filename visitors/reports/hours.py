"""At which hours of the week visits begin, on the site's clock."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count

from .behavior import HourOfWeek
from .filters import hour_of_start
from .scope import Scope, humans_in


def hours_of_week(scope: Scope) -> tuple[HourOfWeek, ...]:
    """All 168, Monday 0 h first. One query."""
    rows = (
        humans_in(scope)
        .order_by()
        .annotate(hour=hour_of_start())
        .values_list("day", "hour")
        .annotate(sessions=Count("id"))
    )
    hours: Counter[tuple[int, int]] = Counter()
    for day, hour, sessions in rows:
        hours[day.isoweekday(), hour] += sessions
    return tuple(HourOfWeek(weekday, hour, hours[weekday, hour]) for weekday in range(1, 8) for hour in range(24))
