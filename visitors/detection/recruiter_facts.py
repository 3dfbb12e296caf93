"""The values that the recruiter score reads of one session, and the score itself with its evidence ledger. Structs,
since each drain makes them of every visit that it touches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from visitors.observation import Scalar

LIKELY: Final = 80
POSSIBLE: Final = 50


class PageFact(msgspec.Struct, frozen=True, gc=False):
    """One page view; `route` is the URL name (`portfolio:resume`), times in milliseconds, depth in percent or -1."""

    path: str
    route: str = ""
    at_ms: int = 0
    engaged_ms: int = 0
    scroll_depth: int = -1


class ActFact(msgspec.Struct, frozen=True, gc=False):
    """One interaction, with the details that were stored; typed text is in them only as `match_typed_text` left it."""

    kind: str
    target: str = ""
    at_ms: int = 0
    details: Mapping[str, Scalar] = {}


class SessionFacts(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One session in primitives. Neither name, gender, country nor language is here, so none can become a sign."""

    started_at_ms: int = 0
    tz: str = ""  # IANA name, or minutes east of UTC
    referrer: str = ""  # reduced
    referrer_host: str = ""
    source: str = ""
    channel: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_content: str = ""
    app: str = ""  # in-app browser
    device_type: str = ""
    application: str = ""  # slug of the application link
    network_kind: str = ""
    pages: tuple[PageFact, ...] = ()  # in order of viewing
    acts: tuple[ActFact, ...] = ()
    returned_within_week: bool = False
    shared_path_recently: bool = False  # a link preview fetched the entry path within the two hours before
    is_bot: bool = False
    is_owner: bool = False  # staff included
    is_prefetch: bool = False


class Signal(msgspec.Struct, frozen=True, gc=False):
    """One line of the ledger; `weight` in natural log odds, as it counted after the cap of its group."""

    signal: str
    weight: float
    seen: str


class Score(msgspec.Struct, frozen=True, gc=False):
    """0-100, or `None` when a gate (bot, owner, prefetch) forbids a score; signals strongest first."""

    score: int | None
    band: str  # "likely", "possible", "unclear", or "" without a score
    signals: tuple[Signal, ...] = ()
    label: str = ""  # "client" or ""

    @property
    def evidence(self) -> float:
        """Sum of the weights in log odds, without prior and slope: the raw logit that `calibrate` takes."""
        return sum(signal.weight for signal in self.signals)


class Calibration(msgspec.Struct, frozen=True, gc=False):
    """score = 100 / (1 + exp(-(prior + slope * sum of weights)))."""

    prior: float
    slope: float = 1.0


def band_of(score: int) -> str:
    """`likely` from 80, `possible` from 50, else `unclear`."""
    if score >= LIKELY:
        return "likely"
    return "possible" if score >= POSSIBLE else "unclear"
