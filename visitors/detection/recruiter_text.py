"""Decide what may be kept of a text that a visitor typed: phrases of our own lists and flags, never the text."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Final

from visitors.detection.phrases import LONGEST_READ, Found, Phrase, find_phrases
from visitors.detection.tables import by_suffix, rows_of
from visitors.observation import Scalar

SHORT: Final = 200  # characters
LONG: Final = 1_000  # characters
JOB_DESCRIPTION_PHRASES: Final = 3
JOB_DESCRIPTION_LENGTH: Final = 150  # characters
# A message to a person uses words such as "remote" or "location" without being a job description.
PHRASES_AMONG_WORDS: Final = 5
LENGTH_AMONG_WORDS: Final = 250  # characters
SPAM_LINKS: Final = 3

_LINK: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
_MAIL_HOSTS: Final = frozenset({"mail", "email", "webmail", "mailbox", "inbox", "freemail", "post", "poczta", "correo"})
_DOMAIN: Final = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
_KEY_OF_KIND: Final = {
    "question": "hiring_phrase",
    "offer": "hiring_phrase",
    "client": "client_phrase",
    "learner": "learner_phrase",
}


def match_typed_text(kind: str, text: str) -> dict[str, Scalar]:
    """What the door keeps of a typed text, by the interaction's kind; never raises.

    `hiring_phrase`, `client_phrase`, `learner_phrase` (phrases of our list, with the `language` they are of) or
    `looks_like_spam` with `spam_phrase`; for a job analysis `looks_like_job_description` and `phrase_count`;
    always `length_band`: empty, short, medium or long.
    """
    found = find_phrases(text)
    kept: dict[str, Scalar] = {"length_band": _length_band(text)}
    if spam := _spam(text, found):
        return kept | {"looks_like_spam": True, "spam_phrase": spam}
    if kind == "job_analysis":
        return kept | _job_description(text, found)
    if len(found.of_kind("description")) >= PHRASES_AMONG_WORDS and len(text) >= LENGTH_AMONG_WORDS:
        kept |= _job_description(text, found)
    return kept | _typed_to_person(found)


def company_address(email_domain: str) -> bool:
    """A mail domain of an organisation: well formed, and neither free mail nor disposable."""
    domain = email_domain[:254].rpartition("@")[2].strip().rstrip(".").lower()
    if not _DOMAIN.fullmatch(domain) or by_suffix(_free_mail(), domain) is not None:
        return False
    return domain.partition(".")[0] not in _MAIL_HOSTS


def _length_band(text: str) -> str:
    length = len(text.strip())
    if not length:
        return "empty"
    return "short" if length < SHORT else "medium" if length < LONG else "long"


def _spam(text: str, found: Found) -> str:
    """A sales phrase with a link, two sales phrases, or a heap of links; the phrase, or `links`."""
    phrases = found.of_kind("spam")
    links = len(_LINK.findall(text[:LONGEST_READ]))
    if phrases and (links or len(phrases) >= 2):
        return phrases[0].text
    is_description = _is_job_description(text, found)
    return "links" if links >= SPAM_LINKS and not is_description else ""


def _is_job_description(text: str, found: Found) -> bool:
    phrases = found.of_kind("description")
    return len(phrases) >= JOB_DESCRIPTION_PHRASES and len(text.strip()) >= JOB_DESCRIPTION_LENGTH


def _job_description(text: str, found: Found) -> dict[str, Scalar]:
    phrases = found.of_kind("description")
    if not phrases:
        return {}
    is_description = _is_job_description(text, found)
    return {"looks_like_job_description": is_description, "phrase_count": len(phrases)} | _language(phrases)


def _typed_to_person(found: Found) -> dict[str, Scalar]:
    kept: dict[str, Scalar] = {}
    for phrase in found.phrases:
        if key := _KEY_OF_KIND.get(phrase.kind):
            kept.setdefault(key, phrase.text)
    addressed = found.of_kind(*_KEY_OF_KIND)
    return kept | _language(addressed) if addressed else kept


def _language(phrases: tuple[Phrase, ...]) -> dict[str, Scalar]:
    """The language of most of the phrases, for reading them; the score never looks at it."""
    (language, _count), *_rest = Counter(phrase.language for phrase in phrases).most_common(1)
    return {"language": language}


@cache
def _free_mail() -> dict[str, str]:
    return {row["domain"]: row["kind"] for row in rows_of("free_mail.csv")}
