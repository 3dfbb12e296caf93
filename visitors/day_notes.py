"""Keep the owner's notes on days: what happened that a chart cannot know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from .exceptions import InvalidParameter
from .models import Annotation
from .reports.periods import Period

MAX_TEXT: Final = 200
MAX_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Note:
    pk: int
    day: date
    text: str


def notes_of(period: Period) -> tuple[Note, ...]:
    """Notes on the days of the period, oldest first; at most `MAX_SHOWN`."""
    found = Annotation.objects.filter(day__gte=period.start, day__lt=period.end).order_by("day", "pk")[:MAX_SHOWN]
    return tuple(Note(one.pk, one.day, one.text) for one in found)


def add_note(day: date, text: str) -> Note:
    """Raises `InvalidParameter` for a text that is empty or too long."""
    kept = " ".join(text.replace("\0", "").split())
    if not 0 < len(kept) <= MAX_TEXT:
        raise InvalidParameter("text", f"1 to {MAX_TEXT} characters", text)
    made = Annotation.objects.create(day=day, text=kept)
    return Note(made.pk, made.day, made.text)


def remove_note(pk: int) -> bool:
    """Whether there was one."""
    removed, _ = Annotation.objects.filter(pk=pk).delete()
    return bool(removed)
