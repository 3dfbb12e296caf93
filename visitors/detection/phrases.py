"""Find listed phrases in text, word by word and in linear time; only the listed phrase is returned, never the text."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Final

from visitors.detection.tables import rows_of

LONGEST_READ: Final = 8_000  # characters; the marks of a job description stand in its first half
GAP_WORDS: Final = 3  # how many words "..." may stand for

_WORD = re.compile(r"[^\W_]+")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """`literals` are the tokens that must stand in the text as they are."""

    kind: str
    language: str
    text: str
    tokens: tuple[str, ...]
    literals: frozenset[str]


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
    places: dict[str, list[int]] = defaultdict(list)
    for index, word in enumerate(words):
        places[word].append(index)
    first_places = [
        (place, phrase)
        for word, starts in places.items()
        for phrase in _index().get(word[:3], ())
        if _is_word(word, phrase.tokens[0]) and phrase.literals <= places.keys()
        if (place := _first_match(words, starts, phrase.tokens)) is not None
    ]
    first_places.sort(key=itemgetter(0))
    return Found(tuple(dict.fromkeys(phrase for _place, phrase in first_places)))


def words_of(text: str) -> list[str]:
    """Lower-case words without accents, of at most `LONGEST_READ` characters."""
    apart = unicodedata.normalize("NFKD", text[:LONGEST_READ])[:LONGEST_READ]
    letters = "".join(character for character in apart if not unicodedata.combining(character))
    return _WORD.findall(letters.casefold().translate(_PLAIN))


def _first_match(words: list[str], starts: list[int], tokens: tuple[str, ...]) -> int | None:
    return next((start for start in starts if _matches(words, start, tokens)), None)


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
        literals = frozenset(part for part in tokens if part != "..." and not part.endswith("*"))
        yield Phrase(row["kind"], row["language"], row["phrase"], tokens, literals)


def _token(part: str) -> str:
    if part == "...":
        return part
    return "".join(words_of(part)) + ("*" if part.endswith("*") else "")
