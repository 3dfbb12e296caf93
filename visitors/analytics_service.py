"""The index of all reports: the one thing that the API, the dashboard, the admin and the commands call.

Every answer is a frozen dataclass. Nothing here writes. Figures count people only unless a name says otherwise;
times are milliseconds, rates percent with one decimal, and what cannot be divided is `None`. A report of days takes
1-365 of them up to and including today and raises `InvalidParameter` for any other number; `scope` replaces them by any
period and narrows the visits. `now` is aware and stands for the clock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from . import marks
from .funnels.rules import Funnel
from .reports import acts as acts_report
from .reports import application_timeline as application_timeline_report
from .reports import applications as applications_report
from .reports import behavior as behavior_report
from .reports import bots as bots_report
from .reports import breakdown as breakdown_report
from .reports import conversions as conversions_report
from .reports import current as current_report
from .reports import engagement as engagement_report
from .reports import export as export_report
from .reports import funnel as funnel_report
from .reports import goals as goals_reports
from .reports import hours as hours_report
from .reports import journeys as journeys_report
from .reports import narrowing
from .reports import overview as overview_report
from .reports import pages as pages_report
from .reports import quality as quality_report
from .reports import reading as reading_report
from .reports import realtime as realtime_report
from .reports import recruiters as recruiters_report
from .reports import retention as retention_report
from .reports import revenue as revenue_report
from .reports import session as session_report
from .reports import session_list as session_list_report
from .reports import sources as sources_report
from .reports import timeseries as timeseries_report
from .reports import visits as visits_report
from .reports.breakdown import Dimension
from .reports.filters import PAGE_SIZE, Paging
from .reports.intervals import Interval
from .reports.periods import DEFAULT_DAYS, Period, period_of_days
from .reports.query import Definitions, Query, QuestionAnswer, answer, definitions_of_all
from .reports.scope import Scope
from .reports.visits import VisitOrder

if TYPE_CHECKING:
    from .models import VisitorSession


def session_statistics(
    *, days: int = DEFAULT_DAYS, scope: Scope | None = None, against: Period | None = None, now: datetime | None = None
) -> overview_report.SessionStatistics:
    """Totals with the period before, audience, devices, sources, acts by kind, what was left out, each local day."""
    return overview_report.session_statistics(scope or _scope(days, now), against=against)


def engagement(
    *, days: int = DEFAULT_DAYS, scope: Scope | None = None, against: Period | None = None, now: datetime | None = None
) -> engagement_report.EngagementReport:
    """Rates, times and scores with the period before, and visits by band of duration, depth and score."""
    return engagement_report.engagement(scope or _scope(days, now), against=against)


def behavior(
    *, days: int = DEFAULT_DAYS, scope: Scope | None = None, now: datetime | None = None
) -> behavior_report.BehaviorReport:
    """Visits by pattern (each with its rule), first and last page, way through the site, hour of the week."""
    return behavior_report.behavior(scope or _scope(days, now))


def popular_pages(
    *, days: int = DEFAULT_DAYS, scope: Scope | None = None, paging: Paging | None = None, now: datetime | None = None
) -> pages_report.PopularPages:
    """One page of the paths, most viewed first; addresses not found apart. Past the last page it is empty."""
    return pages_report.popular_pages(scope or _scope(days, now), paging=paging or Paging())


def sources(
    *, days: int = DEFAULT_DAYS, scope: Scope | None = None, now: datetime | None = None
) -> sources_report.Sources:
    """The 20 largest sources and every channel, largest first."""
    return sources_report.sources(scope or _scope(days, now))


def conversions(
    *, days: int = DEFAULT_DAYS, scope: Scope | None = None, now: datetime | None = None
) -> conversions_report.Conversions:
    """One row per goal of the settings, reached or not; a visit counts once in the total."""
    return conversions_report.conversions(scope or _scope(days, now))


def current_visitors(*, now: datetime | None = None) -> int:
    """People of the last five minutes."""
    return realtime_report.current_visitors(clock(now))


def real_time(*, now: datetime | None = None) -> realtime_report.RealTime:
    """Who is here now: current visitors, the last 30 minutes by minute, pages, sources, visits, latest acts."""
    return realtime_report.real_time(clock(now))


def session_insight(session_id: UUID, *, now: datetime | None = None) -> session_report.SessionInsight | None:
    """All that is known of one visit, a bot's too, each verdict with its reason; `None` when there is no such visit."""
    return session_report.session_insight(session_id, now=clock(now))


def current_session(visitor_ids: Collection[int], *, now: datetime | None = None) -> current_report.CurrentSession:
    """The visit that these ids of one visitor are on, without any verdict; its `session` is `None` when ended."""
    return current_report.current_session(visitor_ids, now=clock(now))


def bots(*, days: int = DEFAULT_DAYS, scope: Scope | None = None, now: datetime | None = None) -> bots_report.BotReport:
    """Visits of bots by kind, certainty, reason, name, local day and hour."""
    return bots_report.bots(scope or _scope(days, now))


def recruiters(
    *,
    days: int = DEFAULT_DAYS,
    scope: Scope | None = None,
    min_score: int | None = None,
    paging: Paging | None = None,
    now: datetime | None = None,
) -> recruiters_report.Recruiters:
    """One page of the visits taken for a recruiter's, best first; `min_score` 0-100 replaces threshold and labels."""
    return recruiters_report.recruiters(scope or _scope(days, now), paging=paging or Paging(), min_score=min_score)


def traffic(scope: Scope, *, against: Period | None = None) -> timeseries_report.Traffic:
    """The figures of the scope by hour, day, week or month, beside the same figures of another period."""
    return timeseries_report.traffic(scope, against=against)


def breakdown(scope: Scope, *, dimension: Dimension, listed: int = 8) -> breakdown_report.Breakdown:
    """Visits by source, channel, campaign, first or last page, country, device, browser or system."""
    return breakdown_report.breakdown(scope, dimension=dimension, listed=listed)


def read_pages(scope: Scope, *, listed: int = 8) -> reading_report.ReadPages:
    """Pages by visitors, with time on page and scroll depth."""
    return reading_report.read_pages(scope, listed=listed)


def pages_not_found(scope: Scope, *, listed: int = 8) -> reading_report.ReadPages:
    """Addresses that people asked for in vain."""
    return reading_report.pages_not_found(scope, listed=listed)


def funnel(scope: Scope) -> tuple[funnel_report.StepTaken, ...]:
    """From landing to a message, step by step."""
    return funnel_report.funnel(scope)


def hours_of_week(scope: Scope) -> tuple[behavior_report.HourOfWeek, ...]:
    """Visits by weekday and hour at which they began; all 168."""
    return hours_report.hours_of_week(scope)


def acts(scope: Scope) -> tuple[acts_report.ActRow, ...]:
    """Acts of people by kind."""
    return acts_report.acts(scope)


def goals(scope: Scope) -> conversions_report.Conversions:
    """Goals that the visits of the scope reached."""
    return acts_report.goals(scope)


def data_quality(period: Period) -> quality_report.DataQuality:
    """Bots by kind, what was left out by reason, and how much the tracker confirmed."""
    return quality_report.data_quality(period)


def visits(scope: Scope, *, order: VisitOrder, paging: Paging | None = None) -> visits_report.Visits:
    """One page of single visits: recruiters by score or time, or everybody."""
    return visits_report.visits(scope, order=order, paging=paging or Paging())


def first_visit(scope: Scope, *, order: VisitOrder) -> UUID | None:
    """The `session_id` of the visit that heads the list of `visits`; `None` for an empty one."""
    return visits_report.first_visit(scope, order=order)


def applications(
    *, paging: Paging | None = None, site: str = "", status: str = "", channel: str = "", now: datetime | None = None
) -> applications_report.ApplicationList:
    """One page of the job applications, newest first, each with its openings. `site` is scheme and host for links."""
    return applications_report.applications(
        paging=paging or Paging(), now=clock(now), site=site, status=status, channel=channel
    )


def application(pk: int, *, site: str = "", now: datetime | None = None) -> applications_report.ApplicationShown | None:
    """One job application with its openings; `None` when there is none of this number."""
    return applications_report.application(pk, now=clock(now), site=site)


def application_timeline(
    pk: int, *, site: str = "", now: datetime | None = None
) -> application_timeline_report.ApplicationTimeline | None:
    """Openings, pages, acts and shares of one application, oldest first; `None` when there is none."""
    return application_timeline_report.application_timeline(pk, now=clock(now), site=site)


def application_funnel() -> applications_report.ApplicationFunnel:
    """How many applications got from sent to opened, read, resume and contacted; by channel and resume version."""
    return applications_report.application_funnel()


def goals_reached(
    scope: Scope, *, against: Period | None = None, interval: Interval | None = None
) -> goals_reports.Goals:
    """Goals of the scope's visits with rate, bounds, the period before and the trend."""
    return goals_reports.goals_report(scope, against=against, interval=interval)


def named_funnel(name: str = "") -> Funnel:
    """A funnel of the settings, the first without a name; raises `InvalidParameter` for one that is not there."""
    return funnel_report.named_funnel(name)


def funnel_steps(
    scope: Scope, chosen: Funnel, *, asked: funnel_report.StepAsked | None = None
) -> funnel_report.FunnelReport:
    """How many visits took each step of a funnel in order; the visits behind the step that is asked for."""
    return funnel_report.funnel_report(scope, chosen, asked=asked)


def journeys(scope: Scope, *, page: str = "", length: int = journeys_report.PAGES) -> journeys_report.Journeys:
    """The most common ways through the site; with a page, from there, and what comes before and after it."""
    return journeys_report.journeys(scope, page=page, length=length)


def session_list(scope: Scope, *, cursor: str = "", page_size: int = PAGE_SIZE) -> session_list_report.SessionList:
    """Visits of the scope, latest first, page by page."""
    return session_list_report.session_list(scope, cursor=cursor, page_size=page_size)


def retention(scope: Scope) -> retention_report.Retention:
    """Who came back within the day, and from week to week where visitors may be known again."""
    return retention_report.retention(scope)


def export(scope: Scope, dataset: export_report.Dataset) -> export_report.Export:
    """Stored facts of the scope, row by row."""
    return export_report.export(scope, dataset)


def last_write() -> str:
    """Another text after every change of stored visits."""
    return marks.last_write()


def find_session(session_id: UUID) -> VisitorSession | None:
    """The visit itself, for the door that keeps the owner's label."""
    return session_report.find_session(session_id)


def labelled(session: VisitorSession) -> session_report.SessionLabelled:
    """How a visit counts now that its label is kept."""
    return session_report.labelled(session)


def query(question: Query) -> QuestionAnswer:
    """Any question of metrics by dimensions; raises `InvalidParameter` with the rule that it breaks."""
    return answer(question)


def revenue(question: Query) -> dict[revenue_report.Key, tuple[revenue_report.Money, ...]]:
    """The money that acts brought, by the question's dimensions, a sum for each currency."""
    return revenue_report.revenue(question)


def all_definitions() -> Definitions:
    """Every metric with its formula, every dimension, filter and period."""
    return definitions_of_all()


def first_day() -> date | None:
    """The local day of the first visit; `None` before it."""
    return narrowing.first_day()


def clock(now: datetime | None = None) -> datetime:
    """Now, on the wall of the site's time zone, whose midnights bound its days."""
    return timezone.localtime(now, timezone.get_default_timezone())


def _scope(days: int, now: datetime | None) -> Scope:
    return Scope(period_of_days(days, now=clock(now)))
