"""Find listed phrases in text, word by word and in linear time; only the listed phrase is returned, never the text."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from visitors.detection.tables import rows_of

LONGEST_READ: Final = 12_000  # characters; a long job description has 8,000
GAP_WORDS: Final = 3  # how many words "..." may stand for

_WORD = re.compile(r"[^\W_]+")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})


class Phrase(NamedTuple):
    kind: str
    language: str
    text: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """`phrases` in the order of the text, each once."""

    phrases: tuple[Phrase, ...]

    def of_kind(self, *kinds: str) -> tuple[Phrase, ...]:
        """Those of the given kinds, in the same order."""
        return tuple(phrase for phrase in self.phrases if phrase.kind in kinds)


def find_phrases(text: str) -> Found:
    """Case, accents and punctuation do not matter; whole words do."""
    words = words_of(text)
    seen: dict[Phrase, None] = {}
    for index, word in enumerate(words):
        for phrase in _index().get(word[:3], ()):
            if phrase not in seen and _matches(words, index, phrase.tokens):
                seen[phrase] = None
    return Found(tuple(seen))


def words_of(text: str) -> list[str]:
    """Lower-case words without accents, of at most `LONGEST_READ` characters."""
    apart = unicodedata.normalize("NFKD", text[:LONGEST_READ])[:LONGEST_READ]
    letters = "".join(character for character in apart if not unicodedata.combining(character))
    return _WORD.findall(letters.casefold().translate(_PLAIN))


def _matches(words: list[str], start: int, tokens: tuple[str, ...]) -> bool:
    """A token ending in `*` matches a beginning; `...` stands for up to `GAP_WORDS` words, tried shortest first."""
    if not tokens:
        return True
    if tokens[0] == "...":
        return any(_matches(words, start + gap, tokens[1:]) for gap in range(GAP_WORDS + 1))
    if start >= len(words) or not _is_word(words[start], tokens[0]):
        return False
    return _matches(words, start + 1, tokens[1:])


def _is_word(word: str, token: str) -> bool:
    return word.startswith(token[:-1]) if token.endswith("*") else word == token


@cache
def _index() -> dict[str, tuple[Phrase, ...]]:
    """Phrases by the first three letters of their first word."""
    by_start: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in _listed(rows_of("hiring_phrases.csv")):
        by_start[phrase.tokens[0].rstrip("*")[:3]].append(phrase)
    return {start: tuple(phrases) for start, phrases in by_start.items()}


def _listed(rows: Iterable[dict[str, str]]) -> Iterator[Phrase]:
    for row in rows:
        tokens = tuple(_token(part) for part in row["phrase"].split())
        yield Phrase(row["kind"], row["language"], row["phrase"], tokens)


def _token(part: str) -> str:
    if part == "...":
        return part
    return "".join(words_of(part)) + ("*" if part.endswith("*") else "")
