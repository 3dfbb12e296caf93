"""Show the verdicts that a session row carries, each with its reason: bot, recruiter, the owner's label."""

from __future__ import annotations

from dataclasses import dataclass

from visitors.models import VisitorSession


@dataclass(frozen=True, slots=True)
class BotShown:
    is_bot: bool
    certainty: str
    kind: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SignalShown:
    """`weight` in log odds; `seen` is what was observed."""

    signal: str
    weight: float
    seen: str


@dataclass(frozen=True, slots=True)
class RecruiterShown:
    """`score` 0-100, `None` for bots and the owner; `signals` is the evidence, strongest first."""

    score: int | None
    band: str
    is_recruiter: bool
    is_client: bool
    signals: tuple[SignalShown, ...]


def bot_shown(session: VisitorSession) -> BotShown:
    return BotShown(session.is_bot, session.bot_certainty, session.bot_kind, session.bot_name, session.bot_reason)


def recruiter_shown(session: VisitorSession) -> RecruiterShown:
    return RecruiterShown(
        score=session.recruiter_score,
        band=session.recruiter_band,
        is_recruiter=session.is_recruiter,
        is_client=session.is_client,
        signals=signals_of(session),
    )


def signals_of(session: VisitorSession) -> tuple[SignalShown, ...]:
    shown = (
        SignalShown(str(entry["signal"]), float(entry["weight"]), str(entry["seen"]))
        for entry in session.recruiter_signals
    )
    return tuple(sorted(shown, key=lambda signal: -abs(signal.weight)))
