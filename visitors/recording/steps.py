"""Classify observations: a list of named steps, each of which passes the draft on or drops it with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from visitors.detection.bots import (
    HUMAN,
    BotKind,
    BotVerdict,
    classify_observation,
    classify_user_agent,
    share_channel,
)
from visitors.detection.sources import Source, classify_source
from visitors.detection.user_agents import Device, parse_device
from visitors.observation import KEY, NOBODY, OPENING, OWNER_KNOWN, PAGE, DropReason, Observation

CAMPAIGN_LIMIT: Final = 500  # of the column: what is compared with a stored visit is cut as that is


class Draft(msgspec.Struct, eq=False, gc=False):
    """One observation on its way to the store, with what the steps found out."""

    seen: Observation
    bot: BotVerdict = HUMAN
    share_channel: str = ""
    is_share: bool = False
    source: Source | None = None

    @property
    def is_visit(self) -> bool:
        """Whether it belongs to a visit. A link asked for by a machine or ahead of time, or by somebody who wishes no
        record, is counted without one."""
        seen = self.seen
        if seen.kind == OWNER_KNOWN:
            return False
        if seen.kind == OPENING and (seen.method != "GET" or seen.purpose or seen.visitor_id == NOBODY):
            return False
        return not self.is_share

    @property
    def campaign(self) -> str:
        """What makes a visit of its own: a campaign or an application link; "" for an ordinary observation."""
        seen = self.seen
        if seen.application:
            return f"r/{seen.application}"
        parts = (seen.utm_source, seen.utm_medium, seen.utm_campaign, seen.utm_term, seen.utm_content, seen.click_id)
        return "|".join(parts)[:CAMPAIGN_LIMIT] if any(parts) else ""


@dataclass(slots=True)
class Classified:
    """The drafts that go on, and how many were left out for which reason."""

    drafts: list[Draft] = field(default_factory=list)
    dropped: Counter[tuple[str, DropReason]] = field(default_factory=Counter)  # (day, reason)


Step = Callable[[Draft], DropReason | None]


def classify(observations: Iterable[Observation]) -> Classified:
    """Run every observation through `STEPS`."""
    result = Classified()
    for seen in observations:
        draft = Draft(seen)
        reason = _run(draft)
        if reason is None:
            result.drafts.append(draft)
        else:
            result.dropped[seen.day, reason] += 1
    return result


def _run(draft: Draft) -> DropReason | None:
    for step in STEPS:
        reason = step(draft)
        if reason is not None:
            return reason
    return None


def put_bot(draft: Draft) -> None:
    draft.bot = _vouched_for(draft.seen) if draft.seen.via == KEY else _bot_by(_headers(draft.seen))
    if draft.seen.crawler == "verified":
        draft.bot = replace(draft.bot, reason=f"{draft.bot.reason}; its address is {draft.bot.name}'s")
    elif draft.seen.crawler:
        reason = f"calls itself {draft.bot.name} from an address that is not {draft.bot.name}'s"
        draft.bot = replace(draft.bot, kind=str(BotKind.SCANNER), reason=reason)


def _vouched_for(seen: Observation) -> BotVerdict:
    """A program with a token speaks for its visitor: its own name and headers say nothing of him, a crawler's does."""
    verdict = classify_user_agent(seen.user_agent)
    return HUMAN if verdict.kind == BotKind.HTTP_LIBRARY else verdict


def put_share(draft: Draft) -> None:
    """A link preview is a share of the page, never a visit."""
    draft.is_share = draft.bot.kind == "link_preview" and draft.seen.kind in {PAGE, OPENING}
    if draft.is_share:
        draft.share_channel = share_channel(draft.seen.user_agent)


def drop_spam_referrer(draft: Draft) -> DropReason | None:
    """Referrer spam wants to be read in the report; own pages and direct visits never get here."""
    if not draft.seen.referrer or draft.seen.sec_fetch_site == "same-origin":
        return None
    draft.source = source_of(draft.seen)
    return DropReason.SPAM if draft.source.is_spam else None


STEPS: Final[tuple[Step, ...]] = (put_bot, put_share, drop_spam_referrer)


def source_of(seen: Observation) -> Source:
    return _source_by(
        seen.referrer,
        seen.host,
        seen.utm_source,
        seen.utm_medium,
        seen.utm_campaign,
        seen.click_id,
        device_of(seen).app,
        seen.requested_with,
    )


def device_of(seen: Observation) -> Device:
    return _device_by(_headers(seen))


# All that the rules on one request read. A browser sends the same ones again and again, so their verdicts are kept.
HEADERS: Final = (
    "user_agent",
    "accept",
    "accept_language",
    "sec_fetch_site",
    "sec_fetch_mode",
    "sec_fetch_dest",
    "sec_ch_ua",
    "sec_ch_ua_mobile",
    "sec_ch_ua_platform",
    "purpose",
    "requested_with",
    "method",
    "is_secure",
    "host",
)
CACHED_CLIENTS: Final = 4096
Headers = tuple[Any, ...]
_headers: Final[Callable[[Observation], Headers]] = attrgetter(*HEADERS)


@lru_cache(maxsize=CACHED_CLIENTS)
def _bot_by(headers: Headers) -> BotVerdict:
    return classify_observation(_with(headers))


@lru_cache(maxsize=CACHED_CLIENTS)
def _device_by(headers: Headers) -> Device:
    return parse_device(_with(headers))


def _with(headers: Headers) -> Observation:
    """An observation of which only the headers are known: a rule that reads more would see defaults."""
    return Observation(id=0, at_ms=0, day="", visitor_id=0, **dict(zip(HEADERS, headers, strict=True)))


@lru_cache(maxsize=CACHED_CLIENTS)
def _source_by(
    referrer: str, host: str, utm_source: str, utm_medium: str, utm_campaign: str, click_id: str, app: str, package: str
) -> Source:
    return classify_source(
        referrer=referrer,
        own_hosts=(host,),
        utm_source=utm_source,
        utm_medium=utm_medium,
        utm_campaign=utm_campaign,
        click_id=click_id,
        app=app,
        requested_with=package,
    )
