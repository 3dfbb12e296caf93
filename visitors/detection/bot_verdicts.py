"""The vocabulary of bot verdicts: how sure, which kind, by what name, for what reason."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Certainty(StrEnum):
    NONE = "none"
    SUSPECTED = "suspected"
    DECLARED = "declared"


class BotKind(StrEnum):
    SEARCH = "search"
    AI_TRAINING = "ai_training"
    AI_SEARCH = "ai_search"
    AI_USER_FETCH = "ai_user_fetch"
    LINK_PREVIEW = "link_preview"
    MONITORING = "monitoring"
    FEED = "feed"
    SEO = "seo"
    HTTP_LIBRARY = "http_library"
    HEADLESS = "headless"
    SCANNER = "scanner"
    SPAM = "spam"
    OTHER = "other"


class BotVerdict(msgspec.Struct, frozen=True, gc=False):
    """`kind` is a `BotKind` value, "" for a human; `reason` is shown to the owner as it stands.

    A human verdict may carry a reason too: why a suspicion was dropped.
    """

    is_bot: bool
    certainty: Certainty
    kind: str
    name: str
    reason: str


HUMAN = BotVerdict(is_bot=False, certainty=Certainty.NONE, kind="", name="", reason="")


def declared(kind: str, *, name: str, reason: str) -> BotVerdict:
    return BotVerdict(is_bot=True, certainty=Certainty.DECLARED, kind=str(kind), name=name, reason=reason)


def suspected(kind: str, *, name: str = "", reason: str) -> BotVerdict:
    return BotVerdict(is_bot=True, certainty=Certainty.SUSPECTED, kind=str(kind), name=name, reason=reason)
