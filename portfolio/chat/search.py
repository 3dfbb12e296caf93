"""Find the piece of the site's content that answers a question, by the database's own full text search.

A passage counts only when it holds nearly all words that carry the question; half a match is not an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection

from portfolio.chat.topics import fold
from portfolio.models import Passage

CANDIDATES: Final = 12
MOST_WORDS: Final = 24
STOP_WORDS: Final = frozenset(
    str.split(
        "a about after again all also am an and any anything are as ask at be been before being both but by "
        "can could describe did do does doing done else ever every explain few for from further get give had "
        "happen happens has have having he her here hers him his how i if in into is it its just know let like "
        "made make many me more most much must my need no not now of off on once one only or other our out over own "
        "part please possible project projects really same say several she should show site so some something "
        "such tell than that the their them then there these they thing things this those through to too "
        "under until up us use used using very want was way we were what when where which while who whom "
        "whose why will with work worked working would you your yours yourself "
    )
)
SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")

SQLITE_SEARCH: Final = """
    SELECT passage.* FROM portfolio_passage_fts
    JOIN portfolio_passage passage ON passage.id = portfolio_passage_fts.rowid
    WHERE portfolio_passage_fts MATCH %s AND (%s = 0 OR (passage.source = 'project' AND passage.source_id = %s))
    ORDER BY bm25(portfolio_passage_fts, 2.0, 1.0), passage.id LIMIT %s
"""
POSTGRESQL_SEARCH: Final = """
    SELECT passage.* FROM portfolio_passage passage, to_tsquery('english', %s) query
    WHERE to_tsvector('english', passage.title || ' ' || passage.text) @@ query
      AND (%s = 0 OR (passage.source = 'project' AND passage.source_id = %s))
    ORDER BY ts_rank(to_tsvector('english', passage.title || ' ' || passage.text), query) DESC, passage.id LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The sentences that answer, and the page that they come from."""

    text: str
    title: str
    url: str


def search(question: str, *, project_id: int = 0, ignored: Iterable[str] = ()) -> Found | None:
    """The best passage, of one project when `project_id` is given; `None` when no passage covers the question."""
    words = _carrying_words(question, ignored)
    if not words:
        return None
    covering = [
        (coverage, passage) for passage in _candidates(words, project_id) if (coverage := _coverage(words, passage))
    ]
    if not covering:
        return None
    _, best = max(covering, key=lambda pair: pair[0])
    if _held(words, best.title) == len(words):
        # "What is Raft KV?" asks for the thing itself, which its first passage sums up.
        summary = min((passage for _, passage in covering if passage.title == best.title), key=lambda found: found.pk)
        return Found(text=_sentences_from(summary.text, 0), title=summary.title, url=summary.url)
    return Found(text=_best_sentences(best.text, words), title=best.title, url=best.url)


def _carrying_words(question: str, ignored: Iterable[str]) -> tuple[str, ...]:
    skipped = STOP_WORDS.union(*(fold(text).split() for text in ignored))
    words = (word for word in fold(question).split() if len(word) > 1 and word not in skipped)
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def _candidates(words: tuple[str, ...], project_id: int) -> Iterable[Passage]:
    if connection.vendor == "sqlite":
        statement, query = SQLITE_SEARCH, " OR ".join(f'"{word}"*' for word in words)
    else:
        statement, query = POSTGRESQL_SEARCH, " | ".join(f"{word}:*" for word in words)
    with connection.cursor() as cursor:
        cursor.execute(statement, [query, project_id, project_id, CANDIDATES])
        columns = [column[0] for column in cursor.description]
        return [Passage.from_db(connection.alias, columns, row) for row in cursor.fetchall()]


def _coverage(words: tuple[str, ...], passage: Passage) -> int:
    """How many of the question's words the passage holds; 0 when too few of them to be an answer."""
    held = _held(words, f"{passage.title} {passage.text}")
    needed = len(words) if len(words) <= 2 else -(-2 * len(words) // 3)
    return held if held >= needed else 0


def _held(words: tuple[str, ...], text: str) -> int:
    found = fold(text).split()
    return sum(any(_same_stem(word, other) for other in found) for word in words)


def _same_stem(word: str, other: str) -> bool:
    """ "replicate" and "replication", "test" and "tests"; short words must agree but for a plural."""
    if len(word) <= 4:
        return other in {word, f"{word}s", f"{word}es"}
    return other.startswith(word[: max(4, len(word) - 3)]) and abs(len(word) - len(other)) <= 4


def _best_sentences(text: str, words: tuple[str, ...]) -> str:
    sentences = SENTENCE_END.split(text)
    best = max(range(len(sentences)), key=lambda position: _held(words, sentences[position]))
    return _sentences_from(text, best)


def _sentences_from(text: str, position: int) -> str:
    return " ".join(SENTENCE_END.split(text)[position : position + 2])
