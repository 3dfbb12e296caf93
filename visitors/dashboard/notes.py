"""The owner's notes in the chart and in its table; not for guests, since they say what he was up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from visitors import day_notes
from visitors.texts import day_text

from .charts import x_of
from .question import Question
from .traffic import Chart, ChartRow


@dataclass(frozen=True, slots=True)
class NoteShown:
    pk: int
    day: str
    text: str


@dataclass(frozen=True, slots=True)
class NoteMark:
    """A line in the chart at `at`, percent of its width, for all notes of one interval."""

    at: str
    place: int
    text: str


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
    marks = tuple(NoteMark(f"{x_of(place, len(days), 100):.2f}%", place, text) for place, text in texts.items())
    return NotesPanel(
        notes=tuple(NoteShown(note.pk, day_text(note.day, year=True), note.text) for note in found),
        marks=marks,
        rows=tuple((row, texts.get(place, "")) for place, row in enumerate(chart.rows)),
        drawing=tuple({"place": mark.place, "text": mark.text} for mark in marks),
        default_day=min(question.period.last_day, question.now.date()).isoformat(),
    )


def _place_of(day: date, days: Sequence[date]) -> int:
    """The first interval of the day, or the week or month that it lies in."""
    return days.index(day) if day in days else max(place for place, first in enumerate(days) if first <= day)
