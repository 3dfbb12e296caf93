"""Who is on the site at this moment, as the live panel shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from visitors import analytics_service as service
from visitors.reports.minutes import Minute
from visitors.reports.periods import CURRENT, Period
from visitors.reports.realtime import SessionInProgress
from visitors.reports.scope import Scope
from visitors.texts import ago_text, country_name

from .charts import bar_percent
from .question import Question

LISTED: Final = 5
ICONS: Final = {"mobile": "phone", "tablet": "tab"}


@dataclass(frozen=True, slots=True)
class MinuteBar:
    """`height` and `y` in percent of the strip; `minute` is "09:41"."""

    x: int
    y: str
    height: str
    minute: str
    visitors: int
    page_views: int


@dataclass(frozen=True, slots=True)
class Reader:
    """`here` is how long in whole minutes; the script counts the seconds from `since`."""

    path: str
    facts: str
    code: str
    here: str
    since: datetime
    is_likely: bool
    icon: str
    device: str
    link: str


@dataclass(frozen=True, slots=True)
class LivePanel:
    current: int
    told: str
    bars: tuple[MinuteBar, ...]
    readers: tuple[Reader, ...]
    busiest: str
    seen_last_half_hour: int


def live_panel(question: Question) -> LivePanel:
    """Ages are told in whole minutes, so that the same people make the same page for a while."""
    real = service.real_time(now=question.now)
    views = [minute.page_views for minute in real.minutes]
    return LivePanel(
        current=real.current_visitors,
        told=f"visitor{'' if real.current_visitors == 1 else 's'} on the site right now",
        bars=tuple(_bar(place, minute, max(views), question.now) for place, minute in enumerate(real.minutes)),
        readers=() if question.is_shared else _readers(question, real.sessions_in_progress),
        busiest=_busiest(question.now),
        seen_last_half_hour=sum(views),
    )


def _bar(place: int, minute: Minute, largest: int, now: datetime) -> MinuteBar:
    height = bar_percent(minute.page_views, largest) if minute.page_views else "4%"
    began = timezone.localtime(now - timedelta(minutes=minute.minutes_ago), timezone.get_default_timezone())
    y = f"{100 - float(height.rstrip('%')):.1f}%"
    return MinuteBar(place, y, height, f"{began:%H:%M}", minute.visitors, minute.page_views)


def _here(sessions: tuple[SessionInProgress, ...], now: datetime) -> tuple[SessionInProgress, ...]:
    return tuple(session for session in sessions if session.last_activity_at >= now - CURRENT)[:LISTED]


def _readers(question: Question, sessions: tuple[SessionInProgress, ...]) -> tuple[Reader, ...]:
    return tuple(_reader(question, one) for one in _here(sessions, question.now))


def _reader(question: Question, session: SessionInProgress) -> Reader:
    return Reader(
        path=session.exit_path,
        facts=" · ".join(filter(None, (country_name(session.country), session.source))),
        code=session.country,
        here=ago_text(session.started_at, now=question.now).removesuffix(" ago"),
        since=session.started_at,
        is_likely=session.recruiter_band == "likely",
        icon=ICONS.get(session.device_type, "pc"),
        device=session.device_type or "unknown device",
        link=question.link(visit=str(session.session_id)),
    )


def _busiest(now: datetime) -> str:
    """ "11 from 09:00"; "" before anybody came today."""
    today = Scope(Period(now.date(), now.date() + timedelta(days=1), now))
    points = service.traffic(today).now.points
    best = max(points, key=lambda point: point.figures.visitors)
    return f"{best.figures.visitors} from {best.hour:02}:00" if best.figures.visitors else ""
