"""The owner's notes in the chart and in its table; not for guests, since they say what he was up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.text import Truncator

from visitors import day_notes
from visitors.texts import day_text

from .charts import x_of
from .question import Question
from .traffic import Chart, ChartRow

MAX_NAME: Final = 28  # characters that stand beside a line; the rest is told under the pointer and in the table

PERCENT_A_LETTER: Final = 0.9  # of the chart's width, on a desk


@dataclass(frozen=True, slots=True)
class NoteShown:
    pk: int
    day: str
    text: str


@dataclass(frozen=True, slots=True)
class NoteMark:
    """A line in the chart at `at`, percent of its width, for all notes of one interval; `name` stands at its head on
    the side that has more room, and is "" where the name of another mark stands already."""

    at: str
    place: int
    text: str
    name: str
    is_left: bool

    @property
    def anchor(self) -> str:
        return "end" if self.is_left else "start"

    @property
    def dx(self) -> int:
        return -7 if self.is_left else 7


@dataclass(frozen=True, slots=True)
class NotesPanel:
    """`rows` are those of the chart with the notes of their interval; `drawing` is what the script draws."""

    notes: tuple[NoteShown, ...]
    marks: tuple[NoteMark, ...]
    rows: tuple[tuple[ChartRow, str], ...]
    drawing: tuple[dict[str, Any], ...]
    default_day: str


def notes_panel(question: Question, chart: Chart) -> NotesPanel:
    found = () if question.is_shared else day_notes.notes_of(question.period)
    days = [date.fromisoformat(day) for day in chart.drawing["days"]]
    told: dict[int, list[str]] = {}
    for note in found:
        if days and days[0] <= note.day:
            told.setdefault(_place_of(note.day, days), []).append(note.text)
    texts = {place: "; ".join(each) for place, each in told.items()}
    marks = _marks(texts, len(days))
    return NotesPanel(
        notes=tuple(NoteShown(note.pk, day_text(note.day, year=True), note.text) for note in found),
        marks=marks,
        rows=tuple((row, texts.get(place, "")) for place, row in enumerate(chart.rows)),
        drawing=tuple({"place": mark.place, "text": mark.text} for mark in marks),
        default_day=min(question.period.last_day, question.now.date()).isoformat(),
    )


def _marks(texts: Mapping[int, str], number: int) -> tuple[NoteMark, ...]:
    places = sorted(texts)
    lines = [x_of(place, number, 100) for place in places]
    marks: list[NoteMark] = []
    taken = 0.0  # percent of the width that is spoken for
    for at, place, end in zip(lines, places, [*lines, 100.0][1:], strict=True):
        name = Truncator(texts[place]).chars(MAX_NAME)
        room = len(name) * PERCENT_A_LETTER
        is_left = at > 50
        begin = at - room if is_left else at
        is_free = taken <= begin and begin + room <= max(end, at)
        taken = max(at, begin + room) if is_free else max(at, taken)
        marks.append(NoteMark(f"{at:.2f}%", place, texts[place], name if is_free else "", is_left))
    return tuple(marks)


def _place_of(day: date, days: Sequence[date]) -> int:
    """The first interval of the day, or the week or month that it lies in."""
    return days.index(day) if day in days else max(place for place, first in enumerate(days) if first <= day)
