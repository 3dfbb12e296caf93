"""Decide the kind of a network by the words of the organisation that announces it; rather unknown than wrong."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final

from visitors.detection.tables import rows_of

NETWORK_KINDS: Final = ("isp", "mobile", "business", "education", "hosting", "vpn")

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=16_384)
def kind_of_organisation(name: str) -> str:
    """`vpn` before `hosting` before the rest; `""` when no word is known."""
    words = _WORD.findall(name.casefold())
    pairs = {f"{first} {second}" for first, second in pairwise(words)}
    known = {kind for word in (*words, *pairs) if (kind := _kinds().get(word))}
    return next((kind for kind in ("vpn", "hosting", "education", "mobile", "isp", "business") if kind in known), "")


@cache
def _kinds() -> dict[str, str]:
    return {row["word"]: row["kind"] for row in rows_of("network_words.csv")}
