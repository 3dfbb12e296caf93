"""Decide what a question asks for, of the things that recruiters ask in four languages. Pure."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

PHRASES_FILE: Final = Path(__file__).parent.parent / "data" / "questions.txt"


class Topic(StrEnum):
    YEARS = "years"
    NOTICE = "notice"
    AVAILABILITY = "availability"
    VISA = "visa"
    RELOCATION = "relocation"
    REMOTE = "remote"
    SALARY = "salary"
    LANGUAGES = "languages"
    EDUCATION = "education"
    RESUME = "resume"
    CONTACT = "contact"
    LOCATION = "location"
    STACK = "stack"
    SKILL = "skill"
    EXPERIENCE = "experience"
    PROJECTS = "projects"
    ABOUT = "about"
    GREETING = "greeting"
    CONTENT = "content"  # found by searching the site
    UNKNOWN = "unknown"


def topics_of(question: str) -> list[Topic]:
    """The topics named, the most specific first; empty when the question names none."""
    folded = fold(question)
    return [topic for topic, pattern in _patterns() if pattern.search(folded)]


def fold(text: str) -> str:
    """Lower case without accents, words parted by one space: "Où êtes-vous ?" becomes "ou etes vous"."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", plain))


@cache
def _patterns() -> tuple[tuple[Topic, re.Pattern[str]], ...]:
    """In the order of the file, which puts the more specific topic first."""
    lines = [line for line in PHRASES_FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    paragraphs = re.findall(r"\[(\w+)\]\n([^\[]+)", "\n".join(lines))
    return tuple((Topic(name), _pattern(phrases)) for name, phrases in paragraphs)


def _pattern(phrases: str) -> re.Pattern[str]:
    words = (phrase.strip().replace("*", r"\w*") for phrase in phrases.replace("\n", " ").split(";"))
    return re.compile(r"\b(?:" + "|".join(filter(None, words)) + r")\b")
