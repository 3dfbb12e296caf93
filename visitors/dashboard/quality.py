"""The foot of the dashboard: bots by kind, what was left out, what the tracker confirmed; and when visits begin."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from visitors import analytics_service as service
from visitors.reports.answers import OTHER, Part
from visitors.texts import WEEKDAYS, count_text, percent_text, words

from .charts import heat_of
from .question import Question


@dataclass(frozen=True, slots=True)
class BotStrip:
    """One kind; `x` and `width` in percent of the strip, `link` to its visits in the admin or ""."""

    name: str
    count: str
    share: str
    x: str
    width: str
    place: int
    link: str


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class QualityPanel:
    bots: tuple[BotStrip, ...]
    bot_sessions: str
    facts: tuple[Fact, ...]
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HourCell:
    """Each `link` is "" where nothing is to be narrowed."""

    hour: int
    sessions: int
    level: int
    link: str


@dataclass(frozen=True, slots=True)
class HourRow:
    name: str
    link: str
    cells: tuple[HourCell, ...]


@dataclass(frozen=True, slots=True)
class HoursPanel:
    hours: tuple[tuple[int, str], ...]
    days: tuple[HourRow, ...]
    told: str
    is_empty: bool


def quality_panel(question: Question) -> QualityPanel:
    found = service.data_quality(question.period)
    left_out = sum(reason.count for reason in found.left_out)
    return QualityPanel(
        bots=_strip(question, found.bots),
        bot_sessions=count_text(found.bot_sessions),
        facts=(
            Fact("Left out", count_text(left_out), "requests that are no visit"),
            Fact("Yours", count_text(found.owner), "visits of the owner and staff, not counted"),
            Fact("Without a page", count_text(found.empty), "visits that saw nothing and did nothing"),
            Fact("Confirmed", percent_text(found.confirmed), f"{count_text(found.unconfirmed)} page views unconfirmed"),
        ),
        reasons=tuple((words(reason.name), count_text(reason.count)) for reason in found.left_out),
    )


def _strip(question: Question, parts: tuple[Part, ...]) -> tuple[BotStrip, ...]:
    whole = sum(part.sessions for part in parts)
    strips, before = [], 0
    for place, part in enumerate(parts):
        x, width = (f"{100 * number / whole:.2f}%" for number in (before, part.sessions))
        strips.append(
            BotStrip(
                words(part.name),
                count_text(part.sessions),
                percent_text(part.share),
                x,
                width,
                place % 8,
                _bots_link(question, part.name),
            )
        )
        before += part.sessions
    return tuple(strips)


def _bots_link(question: Question, kind: str) -> str:
    """Bots are outside the dashboard's figures: their visits are listed in the admin."""
    if question.is_shared or kind == OTHER:
        return ""
    try:
        address = reverse("admin:visitors_visitorsession_changelist")
    except NoReverseMatch:
        return ""
    asked = {"bot_kind": kind, "day__gte": question.period.start, "day__lt": question.period.end}
    return f"{address}?{urlencode(asked)}"


def hours_panel(question: Question) -> HoursPanel:
    hours = service.hours_of_week(question.scope)
    busiest = max(hours, key=lambda hour: hour.sessions)
    cells = [
        HourCell(
            hour.hour,
            hour.sessions,
            heat_of(hour.sessions, busiest.sessions),
            _narrowed(question, weekday=str(hour.weekday), hour=str(hour.hour)) if hour.sessions else "",
        )
        for hour in hours
    ]
    days = tuple(
        HourRow(name[:3], _narrowed(question, weekday=str(place + 1)), tuple(cells[24 * place : 24 * place + 24]))
        for place, name in enumerate(WEEKDAYS)
    )
    told = f"busiest {WEEKDAYS[busiest.weekday - 1][:3]} {busiest.hour:02}:00" if busiest.sessions else ""
    heads = tuple((hour, _narrowed(question, hour=str(hour))) for hour in range(24))
    return HoursPanel(heads, days, told, not busiest.sessions)


def _narrowed(question: Question, **traits: str) -> str:
    """Not for guests: an hour tells visits too well from each other."""
    return "" if question.is_shared else question.link(**traits, visit=None, more=None)
