"""Decide whose opening it was and how far an application has come. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LINKS_AT_ONCE: Final = 3  # an agency or a couple of tabs has two
AT_ONCE_MS: Final = 60_000
SECOND_PAGE_MS: Final = 1_500  # a person needs longer to find a link; a scanner follows it at once
HOSTING_ENGAGED_MS: Final = 5_000  # sandboxes of mail scanners run scripts too, but nobody looks at them


class Kind(StrEnum):
    HUMAN = "human"
    AUTO = "auto"
    SHARE = "share"
    OWNER = "owner"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is shown to the owner as it stands."""

    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What one request of a link tells. `share_channel` may be empty for a preview of an unknown place."""

    was_sent: bool = True
    is_owner: bool = False
    method: str = "GET"
    purpose: str = ""
    is_share: bool = False
    share_channel: str = ""
    declared_bot: str = ""  # the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the visit behind an opening came to; times in milliseconds, `pages` as (at_ms, path) in order."""

    is_owner: bool = False
    is_bot: bool = False
    bot_reason: str = ""
    network_kind: str = ""
    has_tracker_sign: bool = False
    engaged_ms: int = 0
    pages: Sequence[tuple[int, str]] = ()
    links_at_once: int = 1
    label: str = ""  # the owner's word on the visit


def judge_opening(opening: Opening) -> Verdict | None:
    """What the request alone settles, for ever; `None` when the visit has to tell."""
    if opening.is_owner:
        return Verdict(Kind.OWNER, "opened by the owner or on a device of his")
    if not opening.was_sent:
        return Verdict(Kind.OWNER, "opened before it was sent")
    if opening.is_share:
        return Verdict(Kind.SHARE, f"link preview of {opening.share_channel or 'a messenger'}: somebody passed it on")
    if opening.method == "HEAD":
        return Verdict(Kind.AUTO, "asked by HEAD, as mail scanners do")
    if opening.purpose:
        return Verdict(Kind.AUTO, f"fetched ahead by a browser ({opening.purpose})")
    if opening.declared_bot:
        return Verdict(Kind.AUTO, opening.declared_bot)
    return None


def judge_visit(visit: Visit) -> Verdict:
    """Human only by evidence: a sign of life from the tracker, or a second page that a person could have chosen."""
    if visit.is_owner:
        return Verdict(Kind.OWNER, "a visit of the owner")
    if visit.label and not visit.is_bot:
        return Verdict(Kind.HUMAN, f"labelled {visit.label} by the owner")
    if visit.is_bot:
        return Verdict(Kind.AUTO, visit.bot_reason or "labelled a bot by the owner")
    if visit.links_at_once >= LINKS_AT_ONCE:
        return Verdict(Kind.AUTO, f"{visit.links_at_once} application links within a minute")
    is_hosting = visit.network_kind == "hosting"
    if visit.has_tracker_sign and (not is_hosting or visit.engaged_ms >= HOSTING_ENGAGED_MS):
        return Verdict(Kind.HUMAN, f"tracker: {visit.engaged_ms // 1000} s engaged")
    if is_hosting:
        return Verdict(Kind.AUTO, "from a hosting network, without a sign of life")
    return _by_second_page(visit.pages)


def _by_second_page(pages: Sequence[tuple[int, str]]) -> Verdict:
    for at_ms, path in pages[1:]:
        after_ms = at_ms - pages[0][0]
        if path != pages[0][1] and after_ms >= SECOND_PAGE_MS:
            return Verdict(Kind.HUMAN, f"second page {path} after {after_ms // 1000} s")
    return Verdict(Kind.UNKNOWN, "no second page and no sign of life from the tracker")


# In order; what a visit may bring about lies between "sent" and "replied", which is the owner's to say.
REACHED: Final = ("sent", "opened", "engaged")


def reached_status(*, is_opened: bool, is_engaged: bool) -> str:
    """How far visits alone carry an application."""
    if not is_opened:
        return "sent"
    return "engaged" if is_engaged else "opened"


def moved_on(status: str, *, reached: str, is_held: bool) -> str:
    """The status after visits: forward within `REACHED`, never where the owner holds it or has gone further."""
    if is_held or status not in REACHED:
        return status
    return max(status, reached, key=REACHED.index)


def taken_back(status: str, *, reached: str, is_held: bool) -> str:
    """The status after evidence turned out to be the owner's own or a machine's."""
    if is_held or status not in REACHED:
        return status
    return min(status, reached, key=REACHED.index)
