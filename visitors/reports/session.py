"""The insight into one visit: what it did, how it behaved, what it was about, and every verdict with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from visitors.detection.engagement import PASSIVE_KINDS, EngagementScore, score_engagement
from visitors.models import Label, VisitorSession
from visitors.rollups.dimensions import WHOLE
from visitors.rollups.totals import Totals

from .filters import came_before
from .interest import Interest, primary_interest
from .likelihood import Likelihood, VisitFacts, conversion_likelihood
from .metrics import definitions
from .narrowing import first_day
from .patterns import RULES, Pattern, pattern_of_session
from .periods import SESSION_GAP, Period
from .prepared import Prepared
from .scope import Scope
from .story import Visit, story_of
from .sums import Split, split, totals_by_key
from .timeline import Done, TimelineEntry, View, interactions_of_session, page_views_of_session, timeline_of
from .verdicts import BotShown, RecruiterShown, bot_shown, recruiter_shown

METRICS: Final = ("engagement_score", "session_duration", "time_on_page", "conversion_rate")
LABELS: Final = tuple(Label.values)
COLUMNS: Final = tuple(field.attname for field in VisitorSession._meta.concrete_fields)
RECENT_DAYS: Final = 90  # the site's own conversion rate is that of the 90 days up to the visit


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionShown:
    session_id: UUID
    started_at: datetime
    last_activity_at: datetime
    day: date
    is_in_progress: bool
    duration_ms: int
    engaged_ms: int
    page_views: int
    interactions: int
    not_found: int
    entry_path: str
    exit_path: str
    is_bounce: bool
    is_engaged: bool
    is_human: bool
    is_owner: bool
    label: str


@dataclass(frozen=True, slots=True)
class Origin:
    referrer_host: str
    source: str
    channel: str
    utm_source: str
    utm_medium: str
    utm_campaign: str
    utm_term: str
    utm_content: str
    application: str


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """`place_from` says what named the country: the address or the browser's time zone."""

    country: str
    region: str
    city: str
    place_from: str
    network: str
    network_kind: str
    language: str
    tz: str


@dataclass(frozen=True, slots=True)
class DeviceShown:
    device_type: str
    browser: str
    browser_version: str
    os: str
    os_version: str
    app: str


@dataclass(frozen=True, slots=True)
class BehaviorShown:
    pattern: Pattern
    rule: str
    came_before: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInsight:
    """`story` tells the visit in a sentence; `timeline` holds the first 1000 entries of `timeline_total`."""

    story: str
    session: SessionShown
    origin: Origin
    place: PlaceShown
    device: DeviceShown
    timeline: tuple[TimelineEntry, ...]
    timeline_total: int
    behavior: BehaviorShown
    primary_interest: Interest | None
    engagement: EngagementScore
    conversion: Likelihood
    recruiter: RecruiterShown
    bot: BotShown
    definitions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SessionLabelled:
    """How a visit counts after the owner's word on it."""

    session_id: UUID
    label: str
    is_human: bool
    is_bot: bool
    is_owner: bool
    is_recruiter: bool
    is_client: bool


Shown = TypeVar("Shown", Origin, PlaceShown, DeviceShown, SessionLabelled)


def find_session(session_id: UUID) -> VisitorSession | None:
    return VisitorSession.objects.filter(session_id=session_id).first()


def labelled(session: VisitorSession) -> SessionLabelled:
    return _copy(SessionLabelled, session)


@partial(Prepared, VisitorSession)
def _judged(*, session_id: UUID) -> QuerySet[Any, Any]:
    """The columns of the visit, its pattern, and whether its visitor came before."""
    found = VisitorSession.objects.filter(session_id=session_id).order_by()
    return found.values_list(*COLUMNS, pattern_of_session(), came_before())


def session_insight(session_id: UUID, *, now: datetime) -> SessionInsight | None:
    """Six queries at most; `None` when no session has this id."""
    found = _judged(session_id=session_id)
    if not found:
        return None
    *values, pattern, has_come_before = found[0]
    session = VisitorSession.from_db(None, COLUMNS, values)
    views, acts = page_views_of_session(session), interactions_of_session(session)
    timeline = timeline_of(session, views=views, acts=acts)
    return SessionInsight(
        story=story_of(_visit(session), timeline),
        session=_session(session, now),
        origin=_copy(Origin, session),
        place=_copy(PlaceShown, session),
        device=_copy(DeviceShown, session),
        timeline=timeline,
        timeline_total=session.page_views_count + session.not_found_count + session.interactions_count,
        behavior=BehaviorShown(Pattern(pattern), RULES[Pattern(pattern)], has_come_before),
        primary_interest=primary_interest(timeline),
        engagement=_engagement(views, acts),
        conversion=_likelihood(session, acts, came_back=has_come_before),
        recruiter=recruiter_shown(session),
        bot=bot_shown(session),
        definitions=definitions(METRICS),
    )


def _session(session: VisitorSession, now: datetime) -> SessionShown:
    return SessionShown(
        session_id=session.session_id,
        started_at=session.started_at,
        last_activity_at=session.last_activity_at,
        day=session.day,
        is_in_progress=session.last_activity_at >= now - SESSION_GAP,
        duration_ms=session.duration_ms,
        engaged_ms=session.engaged_ms,
        page_views=session.page_views_count,
        interactions=session.interactions_count,
        not_found=session.not_found_count,
        entry_path=session.entry_path,
        exit_path=session.exit_path,
        is_bounce=session.is_bounce,
        is_engaged=session.is_engaged,
        is_human=session.is_human,
        is_owner=session.is_owner,
        label=session.label,
    )


def _visit(session: VisitorSession) -> Visit:
    return Visit(
        started_at=timezone.localtime(session.started_at, timezone.get_default_timezone()),
        source=session.source,
        application=session.application,
        duration_ms=max(session.duration_ms, session.engaged_ms),
        bot=(session.bot_name or session.bot_kind or "unnamed") if session.is_bot else "",
    )


def _copy(shape: type[Shown], session: VisitorSession) -> Shown:
    """The columns of the same names."""
    return shape(**{column.name: getattr(session, column.name) for column in fields(shape)})


def _engagement(views: Sequence[View], acts: Sequence[Done]) -> EngagementScore:
    return score_engagement(
        page_views=sum(view.status < 400 for view in views),
        engaged_ms=sum(view.time_on_page_ms or 0 for view in views),
        deepest_scroll=max((view.scroll_depth or 0 for view in views), default=0),
        kinds=[act.kind for act in acts],
    )


def _since_first(days: Split) -> Split:
    """Without days before the first visit: asking when that was costs less than adding up nothing."""
    first = first_day() if days.raw else None
    return days if first is None else replace(days, raw=tuple(day for day in days.raw if day >= first))


def _likelihood(session: VisitorSession, acts: Sequence[Done], *, came_back: bool) -> Likelihood:
    recent = Scope(Period(session.day - timedelta(days=RECENT_DAYS), session.day))
    days, only = _since_first(split(recent)), ("sessions", "conversions")
    site = totals_by_key(recent, dimension=WHOLE, days=days, only=only).get(WHOLE, Totals())
    facts = VisitFacts(
        goals=session.converted_goals,
        page_views=session.page_views_count,
        interactions=sum(act.kind not in PASSIVE_KINDS for act in acts),
        engaged_ms=session.engaged_ms,
        duration_ms=session.duration_ms,
        came_before=came_back,
        is_recruiter=session.is_recruiter,
        is_bounce=session.is_bounce,
        is_human=session.is_human,
    )
    return conversion_likelihood(facts, site_conversions=site.conversions, site_sessions=site.sessions)
