"""Put evidence into words: what happened and what speaks for a recruiter, never who it was. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

SHOWN_SIGNALS: Final = 5
_SHORT_NAMES: Final = {"resume_downloaded": "resume"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a visit came to, in primitives; `signals` as the session row keeps them."""

    pages: int
    engaged_ms: int
    has_resume: bool = False
    hiring: str = ""  # the matched phrase, or "job description pasted"
    score: int | None = None
    signals: Iterable[Mapping[str, Any]] = ()


def sentence(subject: str, seen: Seen) -> str:
    """ "Acme link opened, 3 pages, 94 s engaged, resume downloaded. 96 = application link +3.0, resume +1.4" """
    parts = [subject, _counted(seen.pages, "page")]
    if seen.engaged_ms:
        parts.append(f"{seen.engaged_ms // 1000} s engaged")
    if seen.has_resume:
        parts.append("resume downloaded")
    if seen.hiring:
        parts.append(seen.hiring)
    return f"{', '.join(parts)}. {ledger(seen.score, seen.signals)}".strip()


def ledger(score: int | None, signals: Iterable[Mapping[str, Any]]) -> str:
    """ "96 = application link +3.0, resume +1.4", strongest first; "" without a score."""
    if score is None:
        return ""
    strongest = sorted(signals, key=lambda signal: -abs(signal["weight"]))[:SHOWN_SIGNALS]
    named = ", ".join(f"{_name(str(signal['signal']))} {signal['weight']:+.1f}" for signal in strongest)
    return f"{score} = {named}" if named else str(score)


def _name(signal: str) -> str:
    return _SHORT_NAMES.get(signal, signal.replace("_", " "))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
