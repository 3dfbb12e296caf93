"""Read the degree that a sentence asks for, in English, German, French and Spanish. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

VOCATIONAL, BACHELOR, MASTER, DOCTORATE = 1, 2, 3, 4

# "master" alone is not a degree: "Scrum Master", "master data", "master branch".
DEGREES: Final = (
    (DOCTORATE, re.compile(r"\b(?:ph\.? ?d|doctorate|doctoral|promotion i[nm]|doctorat|doctorado)\b", re.I)),
    (MASTER, re.compile(
        r"\b(?:master(?:['’]?s)? (?:degree|of|in|or)|master['’]s|masters? ?/|"
        r"master-?(?:abschluss|studium)|m\. ?sc|msc|m\.eng|meng|mba|"
        r"diplom-\w{2,20}|master en|máster en|bac ?\+ ?5)\b", re.IGNORECASE)),
    (BACHELOR, re.compile(
        r"\b(?:bachelor(?:['’]?s)?|b\. ?sc|bsc|b\.eng|beng|undergraduate degree|university degree|college degree|"
        r"(?:abgeschlossenes )?(?:hochschul)?studium|hochschulabschluss|licence en|licenciatura|grado en|bac ?\+ ?3|"
        r"degree in|(?:computer science|technical|engineering|relevant) degree)\b|"
        r"\bB[SA](?= in | ?/ ?MS|\b ?degree)", re.IGNORECASE)),
    (VOCATIONAL, re.compile(
        r"\b(?:vocational (?:training|degree)|apprenticeship|associate(?:['’]s)? degree|ausbildung (?:als|zum|zur|im)|"
        r"fachinformatiker(?:in)?|bts|formación profesional)\b", re.IGNORECASE)),
)  # fmt: skip
EQUIVALENT: Final = re.compile(
    r"\b(?:equivalent|comparable|or similar|vergleichbare?\w{0,2}|gleichwertig\w{0,2}|équivalent\w{0,2}|equivalente)\b",
    re.IGNORECASE,
)
SCRUM_MASTER: Final = re.compile(r"\bscrum[- ]masters?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EducationAsked:
    """`degree` is the lowest that is accepted, 1 vocational to 4 doctorate."""

    degree: int
    accepts_equivalent: bool


def education_of(sentence: str) -> EducationAsked | None:
    """ "Bachelor's or Master's" accepts a Bachelor."""
    text = SCRUM_MASTER.sub("", sentence)
    named = [degree for degree, pattern in DEGREES if pattern.search(text)]
    return EducationAsked(min(named), bool(EQUIVALENT.search(text))) if named else None
