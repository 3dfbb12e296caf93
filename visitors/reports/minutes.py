"""Page views of the last half hour and their visitors, minute by minute."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from visitors.models import PageView

from .prepared import Row, ask_sql, connection_of

MINUTES: Final = 30
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Minute:
    """`minutes_ago` 0 is the minute that ends now."""

    minutes_ago: int
    visitors: int
    page_views: int


# People's page views that were shown, read off the index that begins with the time and holds all that is asked. One
# minute after the other: to tell apart the visitors of all of them at once, a store sorts half an hour.
_POSTGRESQL: Final = """SELECT ago, visitors, page_views FROM generate_series(0, %s - 1) AS ago, LATERAL (
    SELECT COUNT(DISTINCT visitor_id) AS visitors, COUNT(*) AS page_views FROM visitors_pageview
    WHERE is_human AND status < 400
        AND viewed_at > %s - (ago + 1) * INTERVAL '1 minute' AND viewed_at <= %s - ago * INTERVAL '1 minute'
) AS minute"""
_SQLITE: Final = """SELECT ago,
    (SELECT COUNT(DISTINCT visitor_id) FROM visitors_pageview
        WHERE is_human AND status < 400 AND viewed_at > since AND viewed_at <= until),
    (SELECT COUNT(*) FROM visitors_pageview
        WHERE is_human AND status < 400 AND viewed_at > since AND viewed_at <= until)
FROM (
    SELECT key AS ago, json_extract(value, '$[0]') AS since, json_extract(value, '$[1]') AS until FROM json_each(%s)
) AS minutes"""


def ask_minutes(now: datetime) -> Callable[[], list[Row]]:
    """For `minutes_of`. One query."""
    connection = connection_of(PageView)
    if connection.vendor == "postgresql":
        return ask_sql(connection, _POSTGRESQL, (MINUTES, now, now))
    moments = [connection.ops.adapt_datetimefield_value(now - ago * MINUTE) for ago in range(MINUTES + 1)]
    return ask_sql(connection, _SQLITE, (json.dumps([*zip(moments[1:], moments, strict=False)]),))


def minutes_of(rows: Iterable[Row]) -> tuple[Minute, ...]:
    """Oldest first."""
    return tuple(Minute(*row) for row in sorted(rows, reverse=True))
