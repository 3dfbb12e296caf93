"""What stands around the panels: period, comparison, filters as chips, and the addresses that change them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from visitors.conf import conf
from visitors.reports.scope import FILTERS, Filter, Operator
from visitors.texts import WEEKDAYS, country_name, days_text, words

from .question import CHOICES, OPERATORS, PRESETS, SHARED_FILTERS, Question, filter_of
from .viewer import Viewer

THEMES: Final = ("light", "dark")
SEGMENTS: Final = ("today", "7d", "30d", "12mo")
HOW: Final[Mapping[Operator, str]] = {
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.CONTAINS: "contains",
    Operator.NOT_CONTAINS: "does not contain",
    Operator.MATCHES: "matches",
    Operator.NOT_MATCHES: "does not match",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """`how` is "" for the plain "is", which the name alone says."""

    name: str
    how: str
    value: str
    without: str

    @property
    def told(self) -> str:
        return " ".join(filter(None, (self.name, self.how, self.value)))


def frame_of(request: HttpRequest, question: Question, viewer: Viewer) -> dict[str, Any]:
    theme = request.COOKIES.get("visitors_theme", "")
    return {
        "question": question,
        "viewer": viewer,
        "theme": theme if theme in THEMES else "",
        "host": request.get_host(),
        "days": days_text(question.period.start, question.period.last_day),
        "against": days_text(question.against.start, question.against.last_day) if question.against else "",
        "chips": [_chip(question, parameter) for parameter in question.filter_keys],
        "segments": [(PRESETS[name], question.of_preset(name), name == question.preset) for name in SEGMENTS],
        "presets": [(name, label, question.of_preset(name)) for name, label in PRESETS.items()],
        "compares": [(name, question.link(compare=name)) for name in CHOICES["compare"]],
        "earlier": question.shifted(-1),
        "later": question.shifted(1),
        "uncompared": question.link(compare="off" if question.against else "previous"),
        "unfiltered": question.link(**dict.fromkeys(question.filter_keys)),
        "filters": [(name, words(name)) for name in (SHARED_FILTERS if viewer.is_shared else FILTERS)],
        "hows": [(ending, HOW[operator]) for ending, operator in OPERATORS.items()],
        "all_visits": _all_visits(question, viewer),
        "has_owner_panels": bool(conf.OWNER_PANELS) and viewer.sees("owner"),
    }


def _chip(question: Question, parameter: str) -> Chip:
    asked = filter_of(parameter, question.asked[parameter])
    shown = " or ".join(_value_text(asked, value) for value in asked.values)
    how = "" if asked.operator is Operator.IS else HOW[asked.operator]
    return Chip(words(asked.name), how, shown, question.link(**{parameter: None}))


def _value_text(asked: Filter, value: str) -> str:
    text = SHOWN_AS.get(asked.name)
    return text(value) if text else value


SHOWN_AS: Final[Mapping[str, Callable[[str], str]]] = {
    "act": words,
    "bot_kind": words,
    "country": country_name,
    "device": words,
    "hour": lambda value: f"{int(value):02}:00",
    "weekday": lambda value: WEEKDAYS[int(value) - 1],
}


def _all_visits(question: Question, viewer: Viewer) -> str:
    """Where the visits of these days are had as a file; "" for guests and where the API is not mounted."""
    if viewer.is_shared:
        return ""
    try:
        address = reverse("visitors:export-sessions")
    except NoReverseMatch:
        return ""
    return f"{address}?from={question.period.start}&to={question.period.last_day}"
