"""Domain faults with a message fit for the caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Final


class VisitorsError(Exception):
    """Base of every fault that this app raises on purpose."""


class Rule(StrEnum):
    """What a value breaks, for programs. All but `INVALID` are beyond what a schema can say: each operation names
    those that its callers may meet."""

    INVALID = "invalid"
    TOGETHER = "together"
    PERIOD = "period"
    LANGUAGE = "language"
    UNKNOWN = "unknown"
    UNSTORABLE = "unstorable"


RULES: Final[Mapping[str, str]] = {
    Rule.TOGETHER: "What is asked does not go together: one value needs, excludes or bounds another.",
    Rule.PERIOD: "Days are out of order, too far apart, or later than a year from today.",
    Rule.LANGUAGE: "A text or list in a language of its own (filters, URLs, JSON within JSON, ranges of dates, pairs) "
    "does not read as one.",
    Rule.UNKNOWN: "The site has nothing of this name: no such page, host, goal, funnel, project or list.",
    Rule.UNSTORABLE: "The body holds NUL, half of a surrogate pair, a number out of range, or nests too deep.",
}


class InvalidParameter(VisitorsError, ValueError):
    """A caller's value breaks a rule; reads as name, requirement, what came."""

    def __init__(self, parameter: str, requirement: str, received: object, *, rule: Rule = Rule.INVALID) -> None:
        self.parameter = parameter
        self.rule = rule
        self.message = f"`{parameter}` must be {requirement}, not {shorten(received)}."
        super().__init__(self.message)


@contextmanager
def breaking(rule: Rule) -> Iterator[None]:
    """A value found invalid within breaks this rule: it is part of something larger, whose form a schema cannot say."""
    try:
        yield
    except InvalidParameter as fault:
        if fault.rule is Rule.INVALID:
            fault.rule = rule
        raise


def shorten(value: object, *, limit: int = 60) -> str:
    """What came, printable and bounded, for an error text."""
    text = repr(value) if isinstance(value, str) else str(value)
    text = text.encode("ascii", "backslashreplace").decode()
    return text if len(text) <= limit else text[: limit - 1] + "…"
