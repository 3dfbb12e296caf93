"""The index of all reports: the one thing that the API, the dashboard, the admin and the commands call.

Every answer is a frozen dataclass. Nothing here writes. Figures count people only unless a name says otherwise;
times are milliseconds, rates percent with one decimal, and what cannot be divided is `None`. A report of days takes
1-365 of them up to and including today and raises `InvalidParameter` for any other number. `now` is aware and stands
for the clock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from .reports import behavior as behavior_report
from .reports import bots as bots_report
from .reports import conversions as conversions_report
from .reports import current as current_report
from .reports import engagement as engagement_report
from .reports import overview as overview_report
from .reports import pages as pages_report
from .reports import realtime as realtime_report
from .reports import recruiters as recruiters_report
from .reports import session as session_report
from .reports import sources as sources_report
from .reports.filters import Paging
from .reports.periods import DEFAULT_DAYS, Period, period_of_days

if TYPE_CHECKING:
    from .models import VisitorSession


def session_statistics(*, days: int = DEFAULT_DAYS, now: datetime | None = None) -> overview_report.SessionStatistics:
    """Totals with the period before, audience, devices, sources, acts by kind, what was left out, one row per local
    day, oldest first. Counts are 0 and rates `None` when nobody came."""
    return overview_report.session_statistics(_period(days, now))


def engagement(*, days: int = DEFAULT_DAYS, now: datetime | None = None) -> engagement_report.EngagementReport:
    """Rates, times and scores with the period before, and visits by band of duration, depth and score."""
    return engagement_report.engagement(_period(days, now))


def behavior(*, days: int = DEFAULT_DAYS, now: datetime | None = None) -> behavior_report.BehaviorReport:
    """Visits by pattern (each with its rule), first and last page, way through the site, hour of the week."""
    return behavior_report.behavior(_period(days, now))


def popular_pages(
    *, days: int = DEFAULT_DAYS, paging: Paging | None = None, now: datetime | None = None
) -> pages_report.PopularPages:
    """One page of the paths, most viewed first; addresses not found apart. Past the last page it is empty."""
    return pages_report.popular_pages(_period(days, now), paging=paging or Paging())


def sources(*, days: int = DEFAULT_DAYS, now: datetime | None = None) -> sources_report.Sources:
    """The 20 largest sources and every channel, largest first."""
    return sources_report.sources(_period(days, now))


def conversions(*, days: int = DEFAULT_DAYS, now: datetime | None = None) -> conversions_report.Conversions:
    """One row per goal of the settings, reached or not; a visit counts once in the total."""
    return conversions_report.conversions(_period(days, now))


def real_time(*, now: datetime | None = None) -> realtime_report.RealTime:
    """Who is here now: current visitors, the last 30 minutes by minute, pages, sources, visits, latest acts."""
    return realtime_report.real_time(_clock(now))


def session_insight(session_id: UUID, *, now: datetime | None = None) -> session_report.SessionInsight | None:
    """All that is known of one visit, a bot's too, each verdict with its reason; `None` when there is no such visit."""
    return session_report.session_insight(session_id, now=_clock(now))


def current_session(visitor_ids: Collection[int], *, now: datetime | None = None) -> current_report.CurrentSession:
    """The visit that these ids of one visitor are on, without any verdict; its `session` is `None` when ended."""
    return current_report.current_session(visitor_ids, now=_clock(now))


def bots(*, days: int = DEFAULT_DAYS, now: datetime | None = None) -> bots_report.BotReport:
    """Visits of bots by kind, certainty, reason, name, local day and hour."""
    return bots_report.bots(_period(days, now))


def recruiters(
    *,
    days: int = DEFAULT_DAYS,
    min_score: int | None = None,
    paging: Paging | None = None,
    now: datetime | None = None,
) -> recruiters_report.Recruiters:
    """One page of the visits taken for a recruiter's, best first. `min_score` 0-100 replaces the site's threshold and
    the owner's labels; raises `InvalidParameter` out of range."""
    return recruiters_report.recruiters(_period(days, now), paging=paging or Paging(), min_score=min_score)


def find_session(session_id: UUID) -> VisitorSession | None:
    """The visit itself, for the door that keeps the owner's label."""
    return session_report.find_session(session_id)


def labelled(session: VisitorSession) -> session_report.SessionLabelled:
    """How a visit counts now that its label is kept."""
    return session_report.labelled(session)


def _period(days: int, now: datetime | None) -> Period:
    return period_of_days(days, now=_clock(now))


def _clock(now: datetime | None) -> datetime:
    """On the wall of the site's time zone, whose midnights bound its days."""
    return timezone.localtime(now, timezone.get_default_timezone())
