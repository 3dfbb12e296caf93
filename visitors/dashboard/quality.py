"""The foot of the dashboard: bots by kind, what was left out, what the tracker confirmed; and when visits begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from visitors import analytics_service as service
from visitors.reports.answers import Part
from visitors.texts import count_text, percent_text, words

from .charts import level_of
from .question import Question

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class BotStrip:
    """One kind; `x` and `width` in percent of the strip."""

    name: str
    count: str
    share: str
    x: str
    width: str
    place: int


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
    hour: int
    sessions: int
    level: int


@dataclass(frozen=True, slots=True)
class HoursPanel:
    hours: range
    days: tuple[tuple[str, tuple[HourCell, ...]], ...]
    told: str
    is_empty: bool


def quality_panel(question: Question) -> QualityPanel:
    found = service.data_quality(question.period)
    left_out = sum(reason.count for reason in found.left_out)
    return QualityPanel(
        bots=_strip(found.bots),
        bot_sessions=count_text(found.bot_sessions),
        facts=(
            Fact("Left out", count_text(left_out), "requests that are no visit"),
            Fact("Yours", count_text(found.owner), "visits of the owner and staff, not counted"),
            Fact("Without a page", count_text(found.empty), "visits that saw nothing and did nothing"),
            Fact("Confirmed", percent_text(found.confirmed), f"{count_text(found.unconfirmed)} page views unconfirmed"),
        ),
        reasons=tuple((words(reason.name), count_text(reason.count)) for reason in found.left_out),
    )


def _strip(parts: tuple[Part, ...]) -> tuple[BotStrip, ...]:
    whole = sum(part.sessions for part in parts)
    strips, before = [], 0
    for place, part in enumerate(parts):
        x, width = (f"{100 * number / whole:.2f}%" for number in (before, part.sessions))
        strips.append(
            BotStrip(words(part.name), count_text(part.sessions), percent_text(part.share), x, width, place % 8)
        )
        before += part.sessions
    return tuple(strips)


def hours_panel(question: Question) -> HoursPanel:
    hours = service.hours_of_week(question.scope)
    busiest = max(hours, key=lambda hour: hour.sessions)
    cells = [HourCell(hour.hour, hour.sessions, level_of(hour.sessions, busiest.sessions)) for hour in hours]
    days = tuple((WEEKDAYS[day], tuple(cells[24 * day : 24 * day + 24])) for day in range(7))
    told = f"busiest {WEEKDAYS[busiest.weekday - 1]} {busiest.hour:02}:00" if busiest.sessions else ""
    return HoursPanel(range(24), days, told, not busiest.sessions)
