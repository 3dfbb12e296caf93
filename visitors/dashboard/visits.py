"""Single visits: the list with scores and reasons, and the story of the one that is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils import timezone

from visitors import analytics_service as service
from visitors.reports.filters import Paging
from visitors.reports.session import SessionInsight
from visitors.reports.timeline import NOT_FOUND, PAGE, TimelineEntry
from visitors.reports.verdicts import SignalShown
from visitors.reports.visits import VisitOrder, VisitRow
from visitors.texts import ago_text, count_text, country_name, day_text, duration_text, words

from .question import Question
from .tables import Tab, tabs_of

LISTED: Final = 6
LISTED_ALL: Final = 100
HIGH: Final = 70
MIDDLE: Final = 40
LABELS_SHOWN: Final = (
    ("recruiter", "a recruiter"),
    ("client", "a client"),
    ("peer", "a peer"),
    ("me", "me"),
    ("bot", "a bot"),
    ("human", "human"),
)
TIMELINE: Final = 40  # entries on the page; the API has all


@dataclass(frozen=True, slots=True)
class Reason:
    text: str
    is_strong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """`score` is "–" where there is none; `level` hi, md or lo."""

    code: str
    link: str
    score: str
    level: str
    facts: str
    reasons: tuple[Reason, ...]
    when: str
    at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsPanel:
    title: str
    told: str
    tabs: tuple[Tab, ...]
    lines: tuple[VisitLine, ...]
    empty: str
    more: str
    fewer: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that a visit did; `meter` is how far the page was scrolled, "" when unknown."""

    time: str
    icon: str
    tone: str
    title: str
    text: str
    meter: str = ""


@dataclass(frozen=True, slots=True)
class Weight:
    name: str
    seen: str
    points: str
    is_for: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPanel:
    session_id: UUID
    code: str
    when: str
    facts: tuple[tuple[str, str], ...]
    moments: tuple[Moment, ...]
    left: int
    why: str
    weights: tuple[Weight, ...]
    verdict: str
    label: str
    labels: tuple[tuple[str, str], ...]
    link: str


def visits_panel(question: Question) -> VisitsPanel:
    order = VisitOrder(question.chosen["visits"])
    is_long = question.chosen["more"] == "visits"
    found = service.visits(question.scope, order=order, paging=Paging(page_size=LISTED_ALL if is_long else LISTED))
    is_everyone = order is VisitOrder.EVERYONE
    chosen = question.visit or (found.rows[0].session_id if found.rows else None)
    return VisitsPanel(
        title="Visits" if is_everyone else "Recruiter visits",
        told=f"{count_text(found.count)} {'in all' if is_everyone else 'likely'}",
        tabs=tabs_of(question, "visits"),
        lines=tuple(_line(question, row, chosen=chosen) for row in found.rows),
        empty="No visit looks like a recruiter's in this period. Links made for one application, in your CV and in "
        "your profile, make such visits easier to tell.",
        more=question.link(more="visits") if found.count > len(found.rows) and not is_long else "",
        fewer=question.link(more=None) if is_long else "",
    )


def session_panel(question: Question) -> SessionPanel | None:
    """The visit asked for, else the first one of the list."""
    chosen = question.visit or _first(question)
    insight = service.session_insight(chosen, now=question.now) if chosen else None
    return _session(insight, question) if insight else None


def code_of(session_id: UUID) -> str:
    """Short enough to read out, long enough for one screen."""
    return session_id.hex[-4:]


def _first(question: Question) -> UUID | None:
    order = VisitOrder(question.chosen["visits"])
    rows = service.visits(question.scope, order=order, paging=Paging(page_size=1)).rows
    return rows[0].session_id if rows else None


def _line(question: Question, row: VisitRow, *, chosen: UUID | None) -> VisitLine:
    facts = (country_name(row.country), row.source, row.application and f"application {row.application}", row.network)
    return VisitLine(
        code=code_of(row.session_id),
        link=question.link(visit=str(row.session_id)),
        score="–" if row.score is None else str(row.score),
        level=_level(row.score),
        facts=" · ".join(fact for fact in facts if fact),
        reasons=_reasons(row),
        when=ago_text(row.last_seen_at, now=question.now),
        at=row.last_seen_at,
        is_open=row.session_id == chosen,
    )


def _level(score: int | None) -> str:
    if score is None or score < MIDDLE:
        return "lo"
    return "hi" if score >= HIGH else "md"


def _reasons(row: VisitRow) -> tuple[Reason, ...]:
    goals = [Reason(goal, True) for goal in row.goals]
    signals = [Reason(words(signal.signal), False) for signal in row.signals if signal.weight > 0]
    pages = Reason(f"{row.page_views} page{'s' if row.page_views != 1 else ''}", False)
    stay = Reason(duration_text(max(row.engaged_ms, row.duration_ms)), False)
    return (*goals, *signals[:3], pages, stay)


def _session(insight: SessionInsight, question: Question) -> SessionPanel:
    session = insight.session
    start = timezone.localtime(session.started_at, timezone.get_default_timezone())
    length = duration_text(max(session.duration_ms, session.engaged_ms))
    score = insight.recruiter.score
    return SessionPanel(
        session_id=session.session_id,
        code=code_of(session.session_id),
        when=f"{day_text(start.date())}, {start:%H:%M} · {'in progress' if session.is_in_progress else length}",
        facts=_facts(insight),
        moments=(_arrival(insight, start), *(_moment(entry) for entry in insight.timeline[:TIMELINE])),
        left=max(0, insight.timeline_total - TIMELINE),
        why="Why this is a bot" if insight.bot.is_bot else f"Why {score}" if score is not None else "Signals",
        weights=tuple(_weight(signal) for signal in insight.recruiter.signals),
        verdict=insight.bot.reason if insight.bot.is_bot else "",
        label=session.label,
        labels=LABELS_SHOWN,
        link=question.link(visit=str(session.session_id)),
    )


def _facts(insight: SessionInsight) -> tuple[tuple[str, str], ...]:
    device = " · ".join(filter(None, (insight.device.browser, insight.device.os)))
    place = ", ".join(filter(None, (insight.place.city, country_name(insight.place.country))))
    return (
        ("From", insight.origin.source or "Unknown"),
        ("Country", place or "Unknown"),
        ("Device", device or "Unknown"),
        ("Behaviour", words(insight.behavior.pattern)),
    )


def _arrival(insight: SessionInsight, start: datetime) -> Moment:
    source = insight.origin.referrer_host or insight.origin.source or "an unknown place"
    return Moment(f"{start:%H:%M}", "in", "", f"Arrived from {source}", f"Landing page {insight.session.entry_path}")


def _moment(entry: TimelineEntry) -> Moment:
    at = timezone.localtime(entry.at, timezone.get_default_timezone())
    time = f"{at:%H:%M}"
    if entry.kind == PAGE:
        meter = "" if entry.scroll_depth is None else f"{entry.scroll_depth}%"
        return Moment(time, "eye", "", entry.path, _reading(entry), meter)
    if entry.kind == NOT_FOUND:
        return Moment(time, "x", "", entry.path, "Not found")
    icon, tone = ICONS.get(entry.kind, ("act", "a"))
    return Moment(time, icon, tone, words(entry.kind), entry.target or entry.path)


ICONS: Final = {
    "download": ("down", "g"),
    "contact": ("mail", "g"),
    "outbound": ("out", "a"),
    "chat_start": ("chat", "a"),
    "chat_message": ("chat", "a"),
}


def _reading(entry: TimelineEntry) -> str:
    if entry.time_on_page_ms is None:
        return "time unknown"
    told = "until the next page" if entry.is_estimated else "engaged"
    text = f"{duration_text(entry.time_on_page_ms)} {told}"
    return text if entry.scroll_depth is None else f"{text} · scrolled {entry.scroll_depth}%"


def _weight(signal: SignalShown) -> Weight:
    sign = "+" if signal.weight > 0 else "−" if signal.weight < 0 else "±"
    return Weight(words(signal.signal), signal.seen, f"{sign}{abs(signal.weight):.1f}", signal.weight > 0)
