"""Write figures for people to read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from visitors.reports.verdicts import SignalShown


def duration_text(milliseconds: int | None) -> str:
    """ "6 min 12 s"; a dash when unknown."""
    if milliseconds is None:
        return "-"
    minutes, seconds = divmod(timedelta(milliseconds=milliseconds) // timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def reasons_text(signals: Iterable[SignalShown]) -> str:
    """The ledger, one signal a line: its weight in log odds, its name, what was seen."""
    return "\n".join(f"{signal.weight:+.1f} {signal.signal}: {signal.seen}" for signal in signals)
