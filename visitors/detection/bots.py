"""Decide whether an observation or a session comes from a bot, which kind, and why.

Pure: no clock, no database, no network. The verdict of the string alone is cached; header and session evidence is not.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from .bot_evidence import SessionEvidence, header_suspicion, is_scanner_path, session_suspicion
from .bot_names import USER_AGENT_LENGTH, find_bot, own_rules
from .bot_ranges import VerifiedRanges, load_ranges
from .bot_verdicts import HUMAN, BotKind, BotVerdict, Certainty, declared, suspected

if TYPE_CHECKING:
    from visitors.observation import Observation

__all__ = [
    "HUMAN",
    "BotKind",
    "BotVerdict",
    "Certainty",
    "SessionEvidence",
    "VerifiedRanges",
    "classify_observation",
    "classify_session",
    "classify_user_agent",
    "is_scanner_path",
    "load_ranges",
    "prefetch_reason",
    "share_channel",
]

CACHED_USER_AGENTS: Final = 8_192
ACQUITTAL_MS: Final = 5_000

PREFETCH_WORDS: Final = ("prefetch", "prerender", "preview", "instant")


def classify_user_agent(user_agent: str) -> BotVerdict:
    """Verdict by the string alone.

    No user agent at all is a suspicion: browsers always send one, but it declares nothing.
    """
    return _classify(user_agent[:USER_AGENT_LENGTH])


@lru_cache(maxsize=CACHED_USER_AGENTS)
def _classify(user_agent: str) -> BotVerdict:
    text = user_agent.encode("ascii", "replace").decode("ascii").strip()
    if not text:
        return suspected(BotKind.HTTP_LIBRARY, reason="no user agent")
    bot = find_bot(text)
    if bot is None:
        return HUMAN
    return declared(bot.kind, name=bot.name, reason=f"user agent names {bot.name or 'a bot'} ({bot.source})")


def classify_observation(observation: Observation) -> BotVerdict:
    """Verdict by the user agent, then by what the other headers of this one request say about it."""
    verdict = classify_user_agent(observation.user_agent)
    if verdict.certainty is Certainty.DECLARED:
        return verdict
    return header_suspicion(observation) or verdict


def classify_session(verdict: BotVerdict, *, evidence: SessionEvidence) -> BotVerdict:
    """Verdict of a whole session, from the verdict of its requests so far and from its course.

    Engaged time acquits a suspected session, never a declared one.
    """
    if verdict.certainty is Certainty.DECLARED:
        return verdict
    suspicion = verdict if verdict.is_bot else session_suspicion(evidence)
    if suspicion is None:
        return HUMAN
    if evidence.engaged_ms >= ACQUITTAL_MS:
        seconds = evidence.engaged_ms // 1_000
        return BotVerdict(
            False, Certainty.NONE, "", "", f"{seconds} s of engaged time, in spite of: {suspicion.reason}"
        )
    return suspicion


def prefetch_reason(observation: Observation) -> str:
    """Why this request is no visit yet: "prefetch", "prerender", "preview" or "instant"; "" when it is one.

    Chromium and Firefox send `Sec-Purpose: prefetch` (with `;prerender` when the page is rendered ahead), older ones
    `Purpose: prefetch` or `X-Moz: prefetch`, Safari `X-Purpose: preview`, X's early clients `Purpose: instant`.
    """
    purpose = observation.purpose.lower()
    if not purpose:
        return ""
    if "prerender" in purpose:
        return "prerender"
    return next((word for word in PREFETCH_WORDS if word in purpose), "")


def share_channel(user_agent: str) -> str:
    """Where somebody shared the link that this preview bot looks at: "Slack", "LinkedIn", "X", ...; "" for all else."""
    verdict = classify_user_agent(user_agent)
    return _channels().get(verdict.name, "") if verdict.kind == BotKind.LINK_PREVIEW else ""


@cache
def _channels() -> dict[str, str]:
    return {rule.name: rule.channel for rule in own_rules() if rule.channel}
