"""Compare what a job asks for with what the site says: scores, level, and what to talk about. Pure.

overall = 0.5 skills + 0.3 experience + 0.2 education, each in percent. Experience and a degree nobody asked for
count in full, but experience is worth nothing where no skill that the job asks for is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portfolio.content import ProjectEntry, SkillEntry
from portfolio.jobs.requirements import Importance, JobRequirements, SkillAsked

FEWEST_SKILLS: Final = 3
WEIGHTS: Final = {Importance.MUST: 1.0, Importance.NICE: 0.5}
# A project proves the skill, not the years that were asked for.
CREDIT_WITHOUT_YEARS: Final = 0.5
EQUIVALENT_YEARS: Final = 4.0
SHOWN_PROJECTS: Final = 2
SHOWN_GAPS: Final = 4


class MatchLevel(StrEnum):
    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    INSUFFICIENT = "insufficient"


LEVELS: Final = ((90, MatchLevel.EXCELLENT), (70, MatchLevel.GOOD), (50, MatchLevel.FAIR), (0, MatchLevel.POOR))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """`skills` by canonical name; `degree` 0 when there is none, else 1-4."""

    skills: Mapping[str, SkillEntry]
    years: float
    degree: int


@dataclass(frozen=True, slots=True)
class MatchScores:
    """Percent, 0-100."""

    overall: int
    skills: int
    experience: int
    education: int


@dataclass(frozen=True, slots=True)
class MatchedSkill:
    asked: SkillAsked
    known: SkillEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`scores` is `None` when fewer than three skills were found: too little to judge."""

    scores: MatchScores | None
    level: MatchLevel
    matched: tuple[MatchedSkill, ...]
    missing: tuple[SkillAsked, ...]
    recommendations: tuple[str, ...]


def score(job: JobRequirements, candidate: Candidate) -> Match:
    matched = tuple(
        MatchedSkill(asked, candidate.skills[asked.skill]) for asked in job.skills if asked.skill in candidate.skills
    )
    missing = tuple(asked for asked in job.skills if _is_missing(asked, candidate))
    scores = _scores(job, candidate, matched, missing) if len(job.skills) >= FEWEST_SKILLS else None
    return Match(
        scores=scores,
        level=_level(scores.overall) if scores else MatchLevel.INSUFFICIENT,
        matched=matched,
        missing=missing,
        recommendations=tuple(_recommendations(job, candidate, matched, missing)),
    )


def _is_missing(asked: SkillAsked, candidate: Candidate) -> bool:
    """ "Kafka or RabbitMQ" misses nothing when one of the two is known."""
    return not any(name in candidate.skills for name in (asked.skill, *asked.alternatives))


def _scores(
    job: JobRequirements, candidate: Candidate, matched: tuple[MatchedSkill, ...], missing: tuple[SkillAsked, ...]
) -> MatchScores:
    skills = _rounded(100 * _skill_share(matched, missing))
    experience = _rounded(100 * _experience_share(job, candidate)) if matched else 0
    education = _rounded(100 * _education_share(job, candidate))
    overall = _rounded(0.5 * skills + 0.3 * experience + 0.2 * education)
    return MatchScores(overall, skills, experience, education)


def _skill_share(matched: tuple[MatchedSkill, ...], missing: tuple[SkillAsked, ...]) -> float:
    weights = [WEIGHTS[match.asked.importance] for match in matched]
    credited = sum(weight * _credit(match) for weight, match in zip(weights, matched, strict=True))
    return credited / (sum(weights) + sum(WEIGHTS[asked.importance] for asked in missing))


def _credit(match: MatchedSkill) -> float:
    """1 for a skill known as long as asked, else the share of the years."""
    if not match.asked.years:
        return 1.0
    if match.known.years is None:
        return CREDIT_WITHOUT_YEARS
    return min(1.0, match.known.years / match.asked.years)


def _experience_share(job: JobRequirements, candidate: Candidate) -> float:
    return min(1.0, candidate.years / job.years) if job.years else 1.0


def _education_share(job: JobRequirements, candidate: Candidate) -> float:
    if not job.education:
        return 1.0
    if job.accepts_equivalent and candidate.years >= EQUIVALENT_YEARS:
        return 1.0
    return min(1.0, candidate.degree / job.education)


def _rounded(percent: float) -> int:
    """Half up, as people round."""
    return int(percent + 0.5)


def _level(overall: int) -> MatchLevel:
    return next(level for least, level in LEVELS if overall >= least)


def _recommendations(
    job: JobRequirements, candidate: Candidate, matched: tuple[MatchedSkill, ...], missing: tuple[SkillAsked, ...]
) -> Iterator[str]:
    if len(job.skills) < FEWEST_SKILLS:
        yield f"Only {len(job.skills)} skills were found: not enough to judge. Paste the whole job description."
        return
    for project, names in _best_projects(matched):
        yield f"See “{project.title}”: it uses {', '.join(names)}."
    gaps = [asked.skill for asked in missing if asked.importance is Importance.MUST][:SHOWN_GAPS]
    if gaps:
        yield f"Ask about {', '.join(gaps)}: the job requires it and this site does not mention it."
    yield from _short_of_years(job, candidate, matched)


def _best_projects(matched: tuple[MatchedSkill, ...]) -> list[tuple[ProjectEntry, list[str]]]:
    used: dict[ProjectEntry, list[str]] = {}
    for match in matched:
        for project in match.known.projects:
            used.setdefault(project, []).append(match.asked.skill)
    return sorted(used.items(), key=lambda pair: -len(pair[1]))[:SHOWN_PROJECTS]


def _short_of_years(job: JobRequirements, candidate: Candidate, matched: tuple[MatchedSkill, ...]) -> Iterator[str]:
    if job.years and candidate.years < job.years:
        yield f"The job asks for {job.years} years of experience, the profile shows {candidate.years:g}."
    for match in matched:
        known, asked = match.known.years, match.asked.years
        if asked and known is not None and known < asked:
            yield f"{match.asked.skill}: {known:g} of the {asked} years asked for."
