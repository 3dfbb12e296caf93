"""Read numbers of years of experience from a sentence, in English, German, French and Spanish. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

NUMBER_WORDS: Final = {
    word: number
    for number, words in enumerate(
        ("one un une ein eine uno", "two deux zwei dos", "three trois drei tres", "four quatre vier cuatro",
         "five cinq fünf cinco", "six sechs seis", "seven sept sieben siete", "eight huit acht ocho",
         "nine neuf neun nueve", "ten dix zehn diez"), start=1,
    )
    for word in words.split()
}  # fmt: skip
_NUMBER: Final = r"(?:\d{1,2}|" + "|".join(NUMBER_WORDS) + ")"
YEARS: Final = re.compile(
    rf"\b(?P<least>{_NUMBER})\s{{0,2}}(?:\+|plus\b|or more\b|oder mehr\b|ou plus\b|o más\b)?"
    rf"(?:\s{{0,2}}(?:-|–|to|bis|à|a)\s{{0,2}}{_NUMBER}\s{{0,2}}\+?)?"
    r"[\s-]{0,2}(?:or more |oder mehr |full |volle )?(?:years?|yrs?|jahren?|jährige\w{0,2}|ans|années|años)\b",
    re.IGNORECASE,
)
ABOUT_WORK: Final = re.compile(
    r"\b(?:experienced?|erfahrung\w{0,3}|berufserfahrung|expérience|experiencia|background|track record|working|worked|"
    r"professional\w{0,2}|hands-on|developing|development|building|engineering|industry|commercial)\b",
    re.IGNORECASE,
)
# "We were founded 20 years ago", "for over 30 years we have": the company's years, not the candidate's.
NOT_ASKED: Final = re.compile(
    r"\b(?:ago|founded|established|in business|years old|year[- ]old|our history|we have been|we've been|for over|"
    r"since \d{4}|gegründet|seit über|depuis plus|fundada|contract|vesting|per year|next \w+ years)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Years:
    """The least number of a range; `start` and `end` are offsets into the sentence."""

    least: int
    start: int
    end: int


def years_in(sentence: str) -> list[Years]:
    if NOT_ASKED.search(sentence):
        return []
    return [Years(_number(found["least"]), found.start(), found.end()) for found in YEARS.finditer(sentence)]


def years_of_work(sentence: str) -> int | None:
    """The most that one sentence asks for: "5+ years of experience, 3 of them with Django" asks for 5."""
    found = years_in(sentence)
    if not found or not (ABOUT_WORK.search(sentence) or _names_a_subject(sentence, found[0])):
        return None
    return max(years.least for years in found)


def _names_a_subject(sentence: str, years: Years) -> bool:
    """ "5 years of Python", "Python (5 years)": what the years are for stands beside them."""
    before, after = sentence[: years.start].rstrip(), sentence[years.end :].lstrip("'’ ").lower()
    return before.endswith("(") or after.startswith(
        ("of ", "in ", "with ", "as ", "mit ", "in der ", "als ", "de ", "en ", "con ")
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else NUMBER_WORDS[text.lower()]
