"""Domain faults with a message fit for the caller."""

from __future__ import annotations


class VisitorsError(Exception):
    """Base of every fault that this app raises on purpose."""


class InvalidParameter(VisitorsError, ValueError):
    """A caller's value breaks a rule; reads as name, requirement, what came."""

    def __init__(self, parameter: str, requirement: str, received: object) -> None:
        self.parameter = parameter
        self.message = f"`{parameter}` must be {requirement}, not {shorten(received)}."
        super().__init__(self.message)


def shorten(value: object, *, limit: int = 60) -> str:
    """What came, printable and bounded, for an error text."""
    text = repr(value) if isinstance(value, str) else str(value)
    text = text.encode("ascii", "backslashreplace").decode()
    return text if len(text) <= limit else text[: limit - 1] + "…"
