"""At which hours of the week visits begin, on the site's clock."""

from __future__ import annotations

from visitors.rollups.dimensions import HOUR

from .behavior import HourOfWeek, by_hour_of_week
from .scope import Scope
from .sums import sums_by_key


def hours_of_week(scope: Scope) -> tuple[HourOfWeek, ...]:
    """All 168, Monday 0 h first."""
    hours = by_hour_of_week(sums_by_key(scope, dimension=HOUR, only=("sessions",)))
    return tuple(HourOfWeek(weekday, hour, hours[weekday, hour]) for weekday in range(1, 8) for hour in range(24))
