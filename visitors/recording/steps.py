"""Classify observations: a list of named steps, each of which passes the draft on or drops it with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from visitors.detection.bots import HUMAN, BotVerdict, classify_observation, share_channel
from visitors.detection.sources import Source, classify_source
from visitors.detection.user_agents import Device, parse_device
from visitors.observation import PAGE, DropReason, Observation


@dataclass(slots=True)
class Draft:
    """One observation on its way to the store, with what the steps found out."""

    seen: Observation
    bot: BotVerdict = HUMAN
    share_channel: str = ""
    is_share: bool = False
    source: Source | None = None

    @property
    def campaign(self) -> str:
        """What makes a visit of its own: a campaign or an application link; "" for an ordinary observation."""
        seen = self.seen
        if seen.application:
            return f"r/{seen.application}"
        parts = (seen.utm_source, seen.utm_medium, seen.utm_campaign, seen.utm_term, seen.utm_content, seen.click_id)
        return "|".join(parts) if any(parts) else ""


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
    draft.bot = classify_observation(draft.seen)


def put_share(draft: Draft) -> None:
    """A link preview is a share of the page, never a visit."""
    draft.is_share = draft.bot.kind == "link_preview" and draft.seen.kind == PAGE
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
    return classify_source(
        referrer=seen.referrer,
        own_hosts=(seen.host,),
        utm_source=seen.utm_source,
        utm_medium=seen.utm_medium,
        utm_campaign=seen.utm_campaign,
        click_id=seen.click_id,
        app=device_of(seen).app,
        requested_with=seen.requested_with,
    )


def device_of(seen: Observation) -> Device:
    return parse_device(seen)
