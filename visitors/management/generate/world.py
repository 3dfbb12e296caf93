"""The made-up world of generated visits: its pages, sources, places, devices and seasons, with their weights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final, Generic, TypeVar

Value = TypeVar("Value")

PAGES: Final = 300
SITES: Final = 400  # hosts that link here


@dataclass(frozen=True, slots=True)
class Weighted(Generic[Value]):
    """Values that are drawn as often as their weights say."""

    values: tuple[Value, ...]
    bounds: tuple[float, ...]

    def draw(self, random: Random) -> Value:
        return random.choices(self.values, cum_weights=self.bounds)[0]


def weighted(pairs: Iterable[tuple[Value, float]]) -> Weighted[Value]:
    values, weights = zip(*pairs, strict=True)
    return Weighted(values, tuple(accumulate(weights)))


def zipf(values: Iterable[Value]) -> Weighted[Value]:
    """The second half as often as the first, the third a third as often."""
    return weighted((value, 1 / rank) for rank, value in enumerate(values, start=1))


@dataclass(frozen=True, slots=True)
class Origin:
    source: str
    channel: str
    host: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    device_type: str
    browser: str
    os: str


HOSTS: Final = weighted((("example.com", 0.8), ("www.example.com", 0.2)))
PATHS: Final = zipf(
    (
        "/",
        "/projects/",
        "/resume/",
        "/about/",
        "/contact/",
        *(f"/projects/{number}/" for number in range(1, 40)),
        *(f"/writing/{number}/" for number in range(1, PAGES - 43)),
    )
)
LANDINGS: Final = weighted(
    (path, weight) for path, weight in zip(PATHS.values, (60, 12, 10, 8, 2, *[1.5] * 295), strict=True)
)
ORIGINS: Final = weighted(
    (
        (Origin("Direct", "Direct"), 30),
        (Origin("Google", "Organic Search", "google.com"), 26),
        (Origin("Bing", "Organic Search", "bing.com"), 3),
        (Origin("DuckDuckGo", "Organic Search", "duckduckgo.com"), 3),
        (Origin("LinkedIn", "Organic Social", "linkedin.com"), 14),
        (Origin("GitHub", "Code Hosts", "github.com"), 8),
        (Origin("Hacker News", "Organic Social", "news.ycombinator.com"), 3),
        (Origin("ChatGPT", "AI Assistants", "chatgpt.com"), 3),
        (Origin("Newsletter", "Email", campaign="weekly"), 2),
        *((Origin(f"site{n}.example", "Referral", f"site{n}.example"), 8 / SITES) for n in range(SITES)),
    )
)
COUNTRIES: Final = weighted(
    (
        *(("US", 28), ("DE", 12), ("GB", 9), ("IN", 9), ("NL", 8), ("FR", 6), ("CA", 4), ("", 4), ("BR", 3), ("PL", 3)),
        *((code, 1) for code in ["AU", "SE", "CH", "ES", "IT", "JP", "SG", "IE", "BE", "AT", "DK", "NO", "FI", "PT"]),
    )
)
DEVICES: Final = weighted(
    (
        (Device("desktop", "Chrome", "Windows"), 28),
        (Device("desktop", "Chrome", "Mac OS X"), 16),
        (Device("desktop", "Firefox", "Linux"), 7),
        (Device("desktop", "Safari", "Mac OS X"), 8),
        (Device("desktop", "Edge", "Windows"), 8),
        (Device("mobile", "Chrome Mobile", "Android"), 17),
        (Device("mobile", "Mobile Safari", "iOS"), 14),
        (Device("tablet", "Mobile Safari", "iOS"), 2),
    )
)
LANGUAGES: Final = weighted((("en-US", 50), ("de-DE", 12), ("en-GB", 12), ("nl-NL", 8), ("fr-FR", 6), ("pl-PL", 3)))
KINDS: Final = weighted(
    (("project_view", 40), ("outbound", 22), ("download", 16), ("chat_start", 8), ("chat_message", 8), ("contact", 6))
)
BOTS: Final = weighted(
    (
        (("search", "Googlebot", "declared"), 34),
        (("search", "bingbot", "declared"), 16),
        (("ai", "GPTBot", "declared"), 18),
        (("seo", "AhrefsBot", "declared"), 12),
        (("automation", "", "suspected"), 20),
    )
)
# Monday first; and the hours of a day on the site's clock.
WEEKDAYS: Final = (1.15, 1.2, 1.2, 1.15, 1.0, 0.65, 0.65)
HOURS: Final = weighted(
    enumerate((1, 1, 1, 1, 1, 2, 3, 5, 8, 10, 11, 11, 10, 10, 10, 10, 9, 8, 7, 6, 6, 5, 4, 2), start=0)
)
