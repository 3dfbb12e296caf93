"""Find the skills that a text names, each by its one canonical name. Pure: one pass over the words, no backtracking.

"java" is not in "javascript" because whole words are compared; "Go", "R" and "C" count only where a skill can stand.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

SKILLS_FILE: Final = Path(__file__).parent / "data" / "skills.csv"
WORD: Final = re.compile(r"(?:(?<!\w)\.(?=net\b))?[^\W_]+(?:\+\+|\+(?!\w|\+)|#(?!\w))?", re.IGNORECASE)
JOINTS: Final = frozenset({"", " ", "-", "/", ".", "\u00a0", "‑", "–"})
LIST_MARKS: Final = frozenset(",;/:(|•·*–")
BEFORE_A_SKILL: Final = frozenset(
    str.split(
        "in with using of and or und oder et ou y o mit en avec con know knows use used like plus de the für modern "
        "preferably especially ideally"
    )
)
AFTER_A_SKILL: Final = frozenset(
    str.split(
        "developer developers engineer engineers programmer programming language code codebase experience services "
        "backend and or und oder et ou y entwickler kenntnisse skills stack framework api apis"
    )
)
NOT_BEFORE_A_LETTER: Final = frozenset(
    ["series", "plan", "vitamin", "option", "grade", "class", "type", "tier", "round", "schedule", "section"]
)


class Match(StrEnum):
    ANY = "any"
    CASE = "case"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Term:
    """A canonical skill and the other ways to write it. `match` rules the name; aliases match in any case."""

    name: str
    aliases: tuple[str, ...] = ()
    match: Match = Match.ANY


@dataclass(frozen=True, slots=True)
class Mention:
    """`start` and `end` are offsets into the text that was read."""

    skill: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Spelling:
    words: tuple[str, ...]
    skill: str
    written: str
    match: Match


@dataclass(frozen=True, slots=True)
class Word:
    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Of two terms that are spelled the same, the earlier one keeps the spelling."""

    _by_first_word: dict[str, list[Spelling]] = field(default_factory=dict)

    @classmethod
    def of(cls, terms: Iterable[Term]) -> Lexicon:
        spellings: dict[tuple[str, ...], Spelling] = {}
        for term in terms:
            canonical = _canonical(term, spellings)
            for spelling in _spellings(term, canonical):
                spellings.setdefault(spelling.words, spelling)
        by_first_word: dict[str, list[Spelling]] = {}
        for spelling in sorted(spellings.values(), key=lambda spelling: -len(spelling.words)):
            by_first_word.setdefault(spelling.words[0], []).append(spelling)
        return cls(by_first_word)

    def find(self, text: str) -> list[Mention]:
        """The mentions in reading order, the longest spelling first: "Spring Boot" is not also "Spring"."""
        words = [Word(found[0].casefold(), found.start(), found.end()) for found in WORD.finditer(text)]
        return list(self._mentions(text, words))

    def canonical(self, name: str) -> str:
        """The lexicon's name of a skill, or the name itself when it knows none."""
        spelling = self._spelled(tuple(word.folded for word in _words(name)))
        return spelling.skill if spelling else name

    def _spelled(self, words: tuple[str, ...]) -> Spelling | None:
        if not words:
            return None
        return next((s for s in self._by_first_word.get(words[0], ()) if s.words == words), None)

    def _mentions(self, text: str, words: list[Word]) -> Iterator[Mention]:
        position = 0
        while position < len(words):
            spelling = self._longest_at(text, words, position)
            if spelling is None:
                position += 1
                continue
            last = position + len(spelling.words) - 1
            yield Mention(spelling.skill, words[position].start, words[last].end)
            position = last + 1

    def _longest_at(self, text: str, words: list[Word], position: int) -> Spelling | None:
        for spelling in self._by_first_word.get(words[position].folded, ()):
            found = words[position : position + len(spelling.words)]
            if (
                tuple(word.folded for word in found) == spelling.words
                and _is_joined(text, found)
                and _is_allowed(text, spelling, words, position)
            ):
                return spelling
        return None


@cache
def known_terms() -> tuple[Term, ...]:
    """The maintained list, in the order of the file."""
    with SKILLS_FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return tuple(
            Term(row["name"], tuple(filter(None, row["aliases"].split("|"))), Match(row["match"])) for row in rows
        )


def _canonical(term: Term, spellings: dict[tuple[str, ...], Spelling]) -> str:
    """A term that names a known skill by one of its spellings adds spellings to that skill instead of a second one."""
    known = spellings.get(tuple(word.folded for word in _words(term.name)))
    return known.skill if known else term.name


def _spellings(term: Term, canonical: str) -> Iterator[Spelling]:
    for written, match in ((term.name, term.match), *((alias, Match.ANY) for alias in term.aliases)):
        words = tuple(word.folded for word in _words(written))
        if words:
            yield Spelling(words, canonical, written, _at_least_case(written, match))


def _at_least_case(written: str, match: Match) -> Match:
    """A single letter is never a skill in any case: "a c compiler" is, but so is "vitamin c"."""
    return Match.STRICT if len(written) == 1 else match


def _words(text: str) -> list[Word]:
    return [Word(found[0].casefold(), found.start(), found.end()) for found in WORD.finditer(text)]


def _is_joined(text: str, words: list[Word]) -> bool:
    return all(text[left.end : right.start] in JOINTS for left, right in pairwise(words))


def _is_allowed(text: str, spelling: Spelling, words: list[Word], position: int) -> bool:
    last = position + len(spelling.words) - 1
    if spelling.match is Match.ANY:
        return True
    if text[words[position].start : words[last].end] != spelling.written:
        return False
    return spelling.match is Match.CASE or _stands_like_a_skill(text, words, position, last)


def _stands_like_a_skill(text: str, words: list[Word], first: int, last: int) -> bool:
    before = text[words[first - 1].end if first else 0 : words[first].start]
    after = text[words[last].end : words[last + 1].start if last + 1 < len(words) else len(text)]
    previous = words[first - 1].folded if first else ""
    following = words[last + 1].folded if last + 1 < len(words) else ""
    if after[:1] in {"-", "&", "'", "’"} or before[-1:] in {"-", "&"} or previous in NOT_BEFORE_A_LETTER:
        return False
    if any(mark in LIST_MARKS for mark in before) or after.lstrip()[:1] in LIST_MARKS:
        return True
    is_alone = _is_alone(before, after, is_first=first == 0, is_last=last + 1 == len(words))
    return is_alone or _has_cue(before, previous, after, following)


def _has_cue(before: str, previous: str, after: str, following: str) -> bool:
    follows = before == " " and previous in BEFORE_A_SKILL
    return follows or (after == " " and following in AFTER_A_SKILL)


def _is_alone(before: str, after: str, *, is_first: bool, is_last: bool) -> bool:
    """The word is all there is on its line, as in a plain list of skills."""
    return (is_first or "\n" in before) and (is_last or "\n" in after)
