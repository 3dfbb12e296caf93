"""Read what a job description asks for: skills, must or nice, years, education. Pure, one linear pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from portfolio.jobs.education import education_of
from portfolio.jobs.years import Years, years_in, years_of_work
from portfolio.lexicon import Lexicon, Mention

MAX_EVIDENCE: Final = 280
MAX_SENTENCE: Final = 2000
MAX_TITLE: Final = 120
HEADING_WORDS: Final = 8

NICE_WORDS: Final = re.compile(
    r"\b(?:nice[- ]to[- ]haves?|good to have|bonus|a plus|(?:big|huge|strong|great|real) plus|is an advantage|"
    r"ideally|preferabl[ey]|preferred|desirable|desired|optional|would be (?:great|nice)|beneficial|not required|"
    r"von vorteil|wünschenswert|idealerweise|optimalerweise|gerne auch|"
    r"un plus|un atout|souhaitée?s?|appréciée?s?|idéalement|"
    r"deseables?|valorables?|se valorará|idealmente|un punto a favor)\b",
    re.IGNORECASE,
)
MUST_WORDS: Final = re.compile(
    r"\b(?:requirements?|required|must[- ]haves?|must|qualifications?|what you(?:'ll)? (?:bring|need)|"
    r"you (?:have|bring|are)|your profile|who you are|about you|skills|we expect|"
    r"anforderungen|ihr profil|dein profil|das bringst du mit|voraussetzungen|"
    r"profil recherché|compétences|exigences|requisitos|perfil|imprescindible)\b",
    re.IGNORECASE,
)
OTHER_WORDS: Final = re.compile(
    r"\b(?:benefits|what we offer|we offer|perks|why (?:join )?us|our offer|how to apply|equal opportunity|"
    r"wir bieten|was wir bieten|das bieten wir|unser angebot|nous offrons|avantages|ofrecemos|beneficios)\b",
    re.IGNORECASE,
)
TITLE_WORDS: Final = re.compile(
    r"\b(?:engineer|developer|programmer|architect|consultant|analyst|scientist|manager|designer|administrator|lead|"
    r"entwickler(?:in)?|ingenieur(?:in)?|développeu(?:r|se)|ingénieure?|desarrollador(?:a)?|ingenier[oa]|devops|sre|cto)\b",
    re.IGNORECASE,
)
OR: Final = re.compile(r"\s{0,3},?\s{0,3}(?:or|oder|ou|o)\s{1,3}", re.IGNORECASE)
SENTENCE_END: Final = re.compile(r"(?<=[.!?;])\s+(?=[A-ZÄÖÜÉÀ\d(•*-])|\n")


class Importance(StrEnum):
    MUST = "must"
    NICE = "nice"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillAsked:
    """`years` is the least number asked for this skill, `evidence` the sentence that asks, `alternatives` the skills
    that it accepts instead."""

    skill: str
    importance: Importance
    years: int | None
    evidence: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequirements:
    """`years` is the least experience asked for, `education` a degree level 1-4; `None` when not stated."""

    title: str
    skills: tuple[SkillAsked, ...]
    years: int | None
    education: int | None
    accepts_equivalent: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    importance: Importance | None  # `None` where the text speaks of something else than requirements


def read_job(text: str, *, lexicon: Lexicon) -> JobRequirements:
    sentences = [sentence for sentence in _sentences(text) if sentence.importance]
    musts = [sentence.text for sentence in sentences if sentence.importance is Importance.MUST]
    education = [level for level in map(education_of, musts) if level]
    return JobRequirements(
        title=job_title(text),
        skills=tuple(_skills(sentences, lexicon)),
        years=max(filter(None, map(years_of_work, musts)), default=None),
        education=max((level.degree for level in education), default=None),
        accepts_equivalent=any(level.accepts_equivalent for level in education),
    )


def job_title(text: str) -> str:
    """The first short line that names a profession; empty when none of the first ten does."""
    lines = (line.strip(" \t\r#*-–•:") for line in text[:4000].splitlines())
    for line in [line for line in lines if line][:10]:
        if len(line) <= MAX_TITLE and TITLE_WORDS.search(line) and not line.endswith("."):
            return (
                line.partition(":")[2].strip()
                if line.lower().startswith(("job title:", "title:", "position:"))
                else line
            )
    return ""


def _sentences(text: str) -> Iterator[Sentence]:
    """The sentences with the importance that their heading, or they themselves, give them."""
    section: Importance | None = Importance.MUST
    for sentence in _pieces(text):
        if _is_heading(sentence):
            section = _section(sentence, section)
        yield Sentence(sentence, _importance(sentence, section))


def _pieces(text: str) -> Iterator[str]:
    """Sentences and list items; a text without any end is cut, so that each piece takes bounded time."""
    for raw in SENTENCE_END.split(text):
        rest = raw.strip(" \t\r\f•*·–-")
        while rest:
            end = len(rest) if len(rest) <= MAX_SENTENCE else max(rest.rfind(" ", 0, MAX_SENTENCE), MAX_SENTENCE // 2)
            yield rest[:end]
            rest = rest[end:].lstrip()


def _is_heading(sentence: str) -> bool:
    words = sentence.split()
    return sentence.endswith(":") or (
        len(words) <= HEADING_WORDS and sentence[-1] not in ".;,!" and "," not in sentence
    )


def _section(heading: str, current: Importance | None) -> Importance | None:
    if OTHER_WORDS.search(heading):
        return None
    if NICE_WORDS.search(heading):
        # "Docker is a plus" in a list of musts speaks of itself, not of the lines below.
        return Importance.NICE if heading.endswith(":") or NICE_WORDS.match(heading) else current
    return Importance.MUST if MUST_WORDS.search(heading) else current


def _importance(sentence: str, section: Importance | None) -> Importance | None:
    if section is Importance.MUST and NICE_WORDS.search(sentence):
        return Importance.NICE
    return section


def _skills(sentences: list[Sentence], lexicon: Lexicon) -> list[SkillAsked]:
    """Each skill once: a must wins over a nice, most years win, the first sentence is the evidence."""
    asked: dict[str, SkillAsked] = {}
    for sentence in sentences:
        for found in _asked_in(sentence, lexicon):
            known = asked.get(found.skill)
            asked[found.skill] = _merged(known, found) if known else found
    return list(asked.values())


def _asked_in(sentence: Sentence, lexicon: Lexicon) -> Iterator[SkillAsked]:
    mentions, years = lexicon.find(sentence.text), years_in(sentence.text)
    for position, mention in enumerate(mentions):
        stop = mentions[position + 1].start if position + 1 < len(mentions) else len(sentence.text)
        yield SkillAsked(
            skill=mention.skill,
            importance=sentence.importance or Importance.MUST,
            years=_years_for(mention, years, sentence.text, stop=stop),
            evidence=_evidence(sentence.text, mention),
            alternatives=tuple(_alternatives(mentions, position, sentence.text)),
        )


def _alternatives(mentions: list[Mention], position: int, text: str) -> Iterator[str]:
    """The neighbours that an "or" joins to this mention."""
    for left, right in pairwise(mentions[max(position - 1, 0) : position + 2]):
        if OR.fullmatch(text, left.end, right.start):
            yield left.skill if right is mentions[position] else right.skill


def _years_for(mention: Mention, years: list[Years], text: str, *, stop: int) -> int | None:
    """ "Python (5+ years)" states its own; "5+ years of Python, Django" states them for the whole list."""
    own = next((found for found in years if mention.end <= found.start < stop), None)
    if own and not re.search(r"\b(?:and|und|et|y)\b|[,;]", text[mention.end : own.start]):
        return own.least
    before = [found for found in years if found.end <= mention.start and not _is_bracketed(found, text)]
    return before[-1].least if before else None


def _is_bracketed(years: Years, text: str) -> bool:
    """Between brackets, the years belong to the skill before them alone."""
    return text[: years.start].rstrip()[-1:] == "("


def _evidence(text: str, mention: Mention) -> str:
    if len(text) <= MAX_EVIDENCE:
        return text
    start = max(0, min(mention.start - MAX_EVIDENCE // 3, len(text) - MAX_EVIDENCE))
    return f"…{text[start : start + MAX_EVIDENCE].strip()}…"


def _merged(known: SkillAsked, found: SkillAsked) -> SkillAsked:
    is_stronger = known.importance is Importance.NICE and found.importance is Importance.MUST
    first = found if is_stronger else known
    return replace(first, years=max(filter(None, (known.years, found.years)), default=None))
