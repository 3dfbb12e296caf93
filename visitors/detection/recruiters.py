"""Decide how likely a session is a recruiter's: gates first, then prior and capped evidence through a sigmoid."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from visitors.detection.recruiter_calibration import CalibrationReport, TooFewLabelsError, calibrate
from visitors.detection.recruiter_evidence import Evidence, evidence_of, is_client
from visitors.detection.recruiter_facts import ActFact, Calibration, PageFact, Score, SessionFacts, Signal, band_of
from visitors.detection.recruiter_text import company_address, match_typed_text
from visitors.detection.tables import rows_of

__all__ = [
    "DEFAULT",
    "UNSCORED",
    "ActFact",
    "Calibration",
    "CalibrationReport",
    "PageFact",
    "Score",
    "SessionFacts",
    "Signal",
    "TooFewLabelsError",
    "calibrate",
    "company_address",
    "match_typed_text",
    "score_session",
]

# About one human visitor in six of a site that is being shown around is hiring; refitted by the owner's own labels.
DEFAULT: Final = Calibration(prior=-1.8)
UNSCORED: Final = Score(score=None, band="")


class Group(NamedTuple):
    strongest_only: bool
    cap: float


def score_session(facts: SessionFacts, *, calibration: Calibration = DEFAULT) -> Score:
    """The score with the signals that made it; `None` for bots, owner, staff and prefetches. Never raises."""
    if facts.is_bot or facts.is_owner or facts.is_prefetch:
        return UNSCORED
    signals = sorted(_ledger(evidence_of(facts)), key=lambda signal: (-abs(signal.weight), signal.signal))
    total = sum(signal.weight for signal in signals)
    score = round(100 * sigmoid(calibration.prior + calibration.slope * total))
    label = "client" if is_client(facts) else ""
    return Score(score, band_of(score), tuple(signals), label)


def sigmoid(logit: float) -> float:
    """Probability of a log odds value; safe for any size."""
    if logit >= 0:
        return 1 / (1 + math.exp(-min(logit, 700.0)))
    return 1 - sigmoid(-logit)


def _ledger(evidence: Iterable[Evidence]) -> Iterator[Signal]:
    by_group = sorted(evidence, key=attrgetter("group"))
    for name, members in groupby(by_group, key=attrgetter("group")):
        group = _groups()[name]
        strongest_first = sorted(members, key=lambda item: (-abs(item.weight), item.signal))
        counted = strongest_first[:1] if group.strongest_only else strongest_first
        yield from _capped(counted, cap=group.cap)


def _capped(members: Iterable[Evidence], *, cap: float) -> Iterator[Signal]:
    """The group's running total stays within the cap; what a signal adds beyond it is cut from its weight."""
    total = 0.0
    for item in members:
        reached = max(-cap, min(cap, total + item.weight))
        yield Signal(item.signal, round(reached - total, 4), item.seen)
        total = reached


@cache
def _groups() -> dict[str, Group]:
    return {
        row["group"]: Group(row["rule"] == "strongest", float(row["cap"])) for row in rows_of("recruiter_groups.csv")
    }
