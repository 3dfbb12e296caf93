"""Decide how likely a visit is to convert, and why. Pure: the site's own rate and the visit's facts come in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

# Log odds that each fact adds to the site's own rate: one is a factor of about 2.7 in the odds.
ACT: Final = 1.1
MANY_PAGES: Final = 0.7
LONG_READ: Final = 0.6
CAME_BACK: Final = 0.8
RECRUITER: Final = 1.0
BOUNCED: Final = -1.5
# The rate of a site that has had no visit yet: one in twenty, as sure as twenty visits make it.
PRIOR_CONVERSIONS: Final = 1
PRIOR_SESSIONS: Final = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """`weight` in log odds; positive speaks for a conversion."""

    reason: str
    weight: float


@dataclass(frozen=True, slots=True)
class Likelihood:
    """`percent` 0-100, `None` for bots and the owner; `level` is converted, high (>= 50), medium (>= 20), low or ""."""

    percent: int | None
    level: str
    goals: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFacts:
    goals: Sequence[str]
    page_views: int
    interactions: int  # without those that a page records by being shown
    engaged_ms: int
    duration_ms: int
    came_before: bool
    is_recruiter: bool
    is_bounce: bool
    is_human: bool


def conversion_likelihood(visit: VisitFacts, *, site_conversions: int, site_sessions: int) -> Likelihood:
    """The site's own conversion rate, moved by what the visit did; 100 once a goal is reached."""
    goals = tuple(visit.goals)
    if not visit.is_human:
        return Likelihood(None, "", goals, ())
    if goals:
        return Likelihood(100, "converted", goals, tuple(Reason(f"reached: {goal}", 0.0) for goal in goals))
    rate = (site_conversions + PRIOR_CONVERSIONS) / (site_sessions + PRIOR_SESSIONS)
    base = Reason(f"{site_conversions} of {site_sessions} recent visits converted", round(log(rate / (1 - rate)), 2))
    reasons = (base, *_reasons(visit))
    # Never certain in advance: 100 is what a reached goal says.
    percent = min(99, round(100 / (1 + exp(-sum(reason.weight for reason in reasons)))))
    return Likelihood(percent, _level(percent), goals, reasons)


def _reasons(visit: VisitFacts) -> Iterator[Reason]:
    if visit.interactions:
        yield Reason(f"interactions: {visit.interactions}", ACT * min(visit.interactions, 2))
    if visit.page_views >= 4:
        yield Reason(f"page views: {visit.page_views}", MANY_PAGES)
    if max(visit.engaged_ms, visit.duration_ms) >= 120_000:
        yield Reason("stayed two minutes or longer", LONG_READ)
    if visit.came_before:
        yield Reason("came back", CAME_BACK)
    if visit.is_recruiter:
        yield Reason("likely recruiter", RECRUITER)
    if visit.is_bounce:
        yield Reason("left after one page", BOUNCED)


def _level(percent: int) -> str:
    if percent >= 50:
        return "high"
    return "medium" if percent >= 20 else "low"
