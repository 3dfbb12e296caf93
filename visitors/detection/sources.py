"""Decide which source and channel brought a session: campaign first, then referrer, then the app it was opened in."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final, NamedTuple

from visitors.detection.referrers import reduce_referrer, referrer_host
from visitors.detection.tables import by_suffix, rows_of

__all__ = ["Channel", "Source", "classify_source", "reduce_referrer"]

DIRECT: Final = "Direct"
LONGEST_SOURCE: Final = 120  # characters


class Channel(StrEnum):
    """Google Analytics 4's default channel groups, and three of our own at the end."""

    DIRECT = "Direct"
    CROSS_NETWORK = "Cross-network"
    PAID_SHOPPING = "Paid Shopping"
    PAID_SEARCH = "Paid Search"
    PAID_SOCIAL = "Paid Social"
    PAID_VIDEO = "Paid Video"
    DISPLAY = "Display"
    PAID_OTHER = "Paid Other"
    ORGANIC_SHOPPING = "Organic Shopping"
    ORGANIC_SOCIAL = "Organic Social"
    ORGANIC_VIDEO = "Organic Video"
    ORGANIC_SEARCH = "Organic Search"
    REFERRAL = "Referral"
    EMAIL = "Email"
    AFFILIATES = "Affiliates"
    AUDIO = "Audio"
    SMS = "SMS"
    MOBILE_PUSH = "Mobile Push Notifications"
    UNASSIGNED = "Unassigned"
    AI_ASSISTANTS = "AI Assistants"
    RECRUITING = "Recruiting"
    CODE_HOSTS = "Code Hosts"


@dataclass(frozen=True, slots=True)
class Source:
    """`reason` names the evidence; a spam source is to be dropped with it."""

    referrer_host: str
    source: str
    channel: str
    is_spam: bool = False
    reason: str = ""


class Known(NamedTuple):
    source: str
    channel: Channel


_CLICK_IDS: Final = {
    # Google and Microsoft mark paid clicks only; fbclid and igshid are on unpaid links too.
    "gclid": Known("Google", Channel.PAID_SEARCH),
    "gbraid": Known("Google", Channel.PAID_SEARCH),
    "wbraid": Known("Google", Channel.PAID_SEARCH),
    "dclid": Known("Google", Channel.DISPLAY),
    "msclkid": Known("Bing", Channel.PAID_SEARCH),
    "yclid": Known("Yandex", Channel.PAID_SEARCH),
    "twclid": Known("X", Channel.PAID_SOCIAL),
    "ttclid": Known("TikTok", Channel.PAID_SOCIAL),
    "li_fat_id": Known("LinkedIn", Channel.PAID_SOCIAL),
    "rdt_cid": Known("Reddit", Channel.PAID_SOCIAL),
    "fbclid": Known("Facebook", Channel.ORGANIC_SOCIAL),
    "igshid": Known("Instagram", Channel.ORGANIC_SOCIAL),
}
_PAID_OF: Final = {
    Channel.ORGANIC_SHOPPING: Channel.PAID_SHOPPING,
    Channel.ORGANIC_SEARCH: Channel.PAID_SEARCH,
    Channel.ORGANIC_SOCIAL: Channel.PAID_SOCIAL,
    Channel.ORGANIC_VIDEO: Channel.PAID_VIDEO,
}
_OWN_CHANNELS: Final = frozenset({Channel.AI_ASSISTANTS, Channel.RECRUITING, Channel.CODE_HOSTS})
_PAID_MEDIUM: Final = re.compile(r".*cp.*|ppc|retargeting|paid.*")
_SHOPPING_CAMPAIGN: Final = re.compile(r"(?:^|[^a-df-z])shop|shopping")
_MEDIA: Final = {
    **dict.fromkeys(("display", "banner", "expandable", "interstitial", "cpm"), Channel.DISPLAY),
    **dict.fromkeys(
        ("social", "social-network", "social-media", "sm", "social network", "social media"), Channel.ORGANIC_SOCIAL
    ),
    "organic": Channel.ORGANIC_SEARCH,
    **dict.fromkeys(("referral", "app", "link"), Channel.REFERRAL),
    **dict.fromkeys(("email", "e-mail", "e_mail", "e mail"), Channel.EMAIL),
    "affiliate": Channel.AFFILIATES,
    "audio": Channel.AUDIO,
    "sms": Channel.SMS,
}


def classify_source(
    *,
    referrer: str,
    own_hosts: Collection[str],
    utm_source: str = "",
    utm_medium: str = "",
    utm_campaign: str = "",
    click_id: str = "",
    app: str = "",
    requested_with: str = "",
) -> Source:
    """The source of a first observation; channels follow the default channel groups that GA4 publishes.

    `own_hosts` may carry ports, `www.` or a leading `*.`; a referrer from them counts as none.
    """
    host = referrer_host(referrer)
    if _is_own(host, own_hosts):
        host = ""
    if spam := by_suffix(_spam(), host):
        return Source(host, host, Channel.REFERRAL, is_spam=True, reason=f"referrer spam: {spam}")
    known, reason = _known(host, utm_source=utm_source, click_id=click_id, app=app, requested_with=requested_with)
    channel = _channel(known, medium=utm_medium, campaign=utm_campaign, click_id=click_id)
    return Source(host, known.source, channel, reason=reason)


def _is_own(host: str, own_hosts: Collection[str]) -> bool:
    if not host:
        return False
    return any(host == own or host.endswith(f".{own}") for own in map(_bare_host, own_hosts) if own)


@lru_cache(maxsize=256)
def _bare_host(own: str) -> str:
    without_port = re.sub(r":[0-9]+$", "", own.strip().lower())
    return without_port.removeprefix("*").removeprefix(".").rstrip(".").removeprefix("www.")


def _known(host: str, *, utm_source: str, click_id: str, app: str, requested_with: str) -> tuple[Known, str]:
    """The source and the evidence for it, strongest first: what the link says, where it stood, what opened it."""
    if tag := _tidy(utm_source):
        return _of_campaign(tag, host), f"campaign parameter: {tag}"
    if host:
        return _of_host(host), f"referrer: {host}"
    if marked := _CLICK_IDS.get(click_id.lower()):
        return marked, f"click identifier: {click_id}"
    if opened_in := _of_name(app) or by_suffix(_hosts(), _tidy(requested_with)):
        return opened_in, f"opened inside {opened_in.source}"
    return Known(DIRECT, Channel.DIRECT), "no referrer"


def _tidy(text: str) -> str:
    if not text:
        return ""
    kept = "".join(character for character in text[:1_000] if character.isprintable())
    return " ".join(kept.encode("utf-8", "ignore").decode().lower().split())[:LONGEST_SOURCE]


def _of_campaign(tag: str, host: str) -> Known:
    if known := _of_name(tag):
        return known
    address = referrer_host(tag if "://" in tag else f"https://{tag}")
    if "." in address:
        return _of_host(address)
    return Known(tag, _of_host(host).channel if host else Channel.UNASSIGNED)


def _of_name(name: str) -> Known | None:
    return _names().get(_tidy(name))


@lru_cache(maxsize=4_096)
def _of_host(host: str) -> Known:
    if known := by_suffix(_hosts(), host):
        return known
    name = host.removeprefix("www.")
    return Known(name, Channel.RECRUITING if by_suffix(_recruiting_hosts(), name) else Channel.REFERRAL)


def _channel(known: Known, *, medium: str, campaign: str, click_id: str) -> Channel:
    """GA4's order: cross-network, shopping campaigns, paid media, media by name, and last what the source itself is."""
    medium, campaign = _tidy(medium), _tidy(campaign)
    if "cross-network" in campaign:
        return Channel.CROSS_NETWORK
    kind = Channel.ORGANIC_SHOPPING if _SHOPPING_CAMPAIGN.search(campaign) else known.channel
    marked = _CLICK_IDS.get(click_id.lower())
    if marked and marked.channel in (*_PAID_OF.values(), Channel.DISPLAY) and not medium:
        return _PAID_OF.get(kind, marked.channel)
    is_paid = _PAID_MEDIUM.fullmatch(medium)
    if is_paid and kind in _PAID_OF:
        return _PAID_OF[kind]
    if _MEDIA.get(medium) is Channel.DISPLAY:
        return Channel.DISPLAY
    return Channel.PAID_OTHER if is_paid else _unpaid(kind, medium)


def _unpaid(kind: Channel, medium: str) -> Channel:
    """What the source is wins over an unpaid medium; a medium only places a source that GA4 does not list."""
    if kind in _OWN_CHANNELS:
        return Channel.EMAIL if _MEDIA.get(medium) is Channel.EMAIL else kind
    if kind not in (Channel.REFERRAL, Channel.UNASSIGNED, Channel.DIRECT):
        return kind
    if named := _MEDIA.get(medium):
        return named
    if "video" in medium:
        return Channel.ORGANIC_VIDEO
    if medium.endswith("push") or "mobile" in medium or "notification" in medium:
        return Channel.MOBILE_PUSH
    return kind


@cache
def _hosts() -> dict[str, Known]:
    return {spelling: known for spelling, known in _listed().items() if "." in spelling}


@cache
def _names() -> dict[str, Known]:
    """Spellings of `utm_source`: every source by its name, and all rows, those without a dot being nothing else."""
    return {known.source.lower(): known for known in _listed().values()} | _listed()


@cache
def _listed() -> dict[str, Known]:
    return {row["host"].lower(): Known(row["source"], Channel(row["channel"])) for row in rows_of("sources.csv")}


@cache
def _recruiting_hosts() -> dict[str, str]:
    hiring = ("ats_", "sourcing_tool", "interview_platform", "talent_marketplace", "job_board")
    listed = (row for row in rows_of("recruiter_hosts.csv") if row["category"].startswith(hiring))
    return {row["host"].removeprefix("*.").removeprefix("www."): row["category"] for row in listed}


@cache
def _spam() -> dict[str, str]:
    return {row["host"]: row["host"] for row in rows_of("referrer_spam.csv")}
