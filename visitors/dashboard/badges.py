"""Give each source a letter on a colour: its own where it is known by one, else one that its name always gets.

White letters keep a contrast of 4.5 on every ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

UNKNOWN_CODE: Final = "··"
GROUNDS: Final[Mapping[str, str]] = {
    "Bing": "#0f766e",
    "Bluesky": "#0a66d0",
    "ChatGPT": "#0b7a5c",
    "Claude": "#b0522f",
    "CV": "#5b5bd6",
    "Direct": "#6b6f80",
    "DuckDuckGo": "#c0431c",
    "Facebook": "#1462d6",
    "GitHub": "#3d444d",
    "GitLab": "#b8430f",
    "Google": "#3f6fc4",
    "Greenhouse": "#1f7a4d",
    "Hacker News": "#c2460c",
    "Instagram": "#b32d6b",
    "LinkedIn": "#0a66c2",
    "Lobsters": "#a3211a",
    "Mastodon": "#5759c9",
    "Perplexity": "#1f6f78",
    "Reddit": "#c7370f",
    "Slack": "#6b2c6e",
    "Stack Overflow": "#b4500f",
    "X": "#2a2e35",
    "XING": "#006567",
    "YouTube": "#b91c1c",
}
OTHERS: Final = ("#4f6b95", "#7a5a1e", "#556b2f", "#7d4a8c", "#8a4b5a", "#3f6e6e", "#6a5acd", "#7b5544")


@dataclass(frozen=True, slots=True)
class Badge:
    """One letter on `ground`, "#rrggbb"; or a country's code without one; both "" where a row has none."""

    text: str = ""
    ground: str = ""


def source_badge(name: str) -> Badge:
    return Badge(name.strip("( ")[:1].upper(), GROUNDS.get(name) or OTHERS[sum(name.encode()) % len(OTHERS)])


def country_badge(code: str) -> Badge:
    return Badge(code if len(code) == 2 else UNKNOWN_CODE)
