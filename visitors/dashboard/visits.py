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
from visitors.reports.verdicts import SignalShown
from visitors.reports.visits import VisitOrder, VisitRow
from visitors.texts import ago_text, count_text, country_name, day_text, duration_text, signal_text, words

from .moments import Moment, arrival, moments_of
from .question import Question
from .tables import Tab, tabs_of

LISTED: Final = 8
LISTED_ALL: Final = 100
HIGH: Final = 80
MIDDLE: Final = 50
LABELS_SHOWN: Final = (
    ("recruiter", "a recruiter"),
    ("client", "a client"),
    ("peer", "a peer"),
    ("me", "me"),
    ("bot", "a bot"),
    ("human", "human"),
)
REASONS: Final = 3  # goals and signals of one row


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
    count: int
    more: str
    fewer: str


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
    left: str
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
        told=_told(found.count, found.likely),
        tabs=tabs_of(question, "visits"),
        lines=tuple(_line(question, row, chosen=chosen) for row in found.rows),
        empty="No visit looks like a recruiter's in this period. Links made for one application, in your CV and in "
        "your profile, make such visits easier to tell.",
        count=found.count,
        more=question.link(more="visits") if found.count > len(found.rows) and not is_long else "",
        fewer=question.link(more=None) if is_long else "",
    )


def _told(count: int, likely: int | None) -> str:
    """Found are those of 50 and more, or with the owner's word."""
    return (
        f"{count_text(count)} in all" if likely is None else f"{count_text(count)} found · {count_text(likely)} likely"
    )


def session_panel(question: Question) -> SessionPanel | None:
    """The visit asked for, else the first one of the list."""
    order = VisitOrder(question.chosen["visits"])
    chosen = question.visit or service.first_visit(question.scope, order=order)
    insight = service.session_insight(chosen, now=question.now) if chosen else None
    return _session(insight, question) if insight else None


def code_of(session_id: UUID) -> str:
    """Short enough to read out, long enough for one screen."""
    return session_id.hex[-4:]


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
    """What it reached, then what spoke for it the loudest; no thing twice."""
    told = dict.fromkeys(row.goals, True) | {
        signal_text(signal.signal): False
        for signal in row.signals
        if signal.weight > 0 and signal_text(signal.signal) not in row.goals
    }
    reasons = [Reason(text, is_goal) for text, is_goal in told.items()]
    pages = Reason(f"{count_text(row.page_views)} page{'s' if row.page_views != 1 else ''}", False)
    stay = Reason(duration_text(max(row.engaged_ms, row.duration_ms)), False)
    return (*reasons[: max(REASONS, len(row.goals))], pages, stay)


def _session(insight: SessionInsight, question: Question) -> SessionPanel:
    session = insight.session
    start = timezone.localtime(session.started_at, timezone.get_default_timezone())
    length = duration_text(max(session.duration_ms, session.engaged_ms))
    score = insight.recruiter.score
    moments, left = moments_of(insight.timeline, total=insight.timeline_total)
    return SessionPanel(
        session_id=session.session_id,
        code=code_of(session.session_id),
        when=f"{day_text(start.date())}, {start:%H:%M} · {'in progress' if session.is_in_progress else length}",
        facts=_facts(insight),
        moments=(_arrival(insight, start), *moments),
        left=count_text(left) if left else "",
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
        ("Behaviour", words(insight.behavior.pattern) + (" · came before" if insight.behavior.came_before else "")),
    )


def _arrival(insight: SessionInsight, start: datetime) -> Moment:
    source = insight.origin.referrer_host or insight.origin.source
    return arrival(at=start, source=source, entry_path=insight.session.entry_path)


def _weight(signal: SignalShown) -> Weight:
    sign = "+" if signal.weight > 0 else "−" if signal.weight < 0 else "±"
    return Weight(signal_text(signal.signal), signal.seen, f"{sign}{abs(signal.weight):.1f}", signal.weight > 0)
