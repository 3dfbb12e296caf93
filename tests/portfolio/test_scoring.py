"""A match is the weighted share of what the job asks, and zero knowledge is never half a match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.content import ProjectEntry, SkillEntry
from portfolio.jobs.requirements import Importance, JobRequirements, SkillAsked
from portfolio.jobs.scoring import Candidate, Match, MatchLevel, MatchScores, score

NAMES = ("Python", "Django", "Redis", "Kafka")


def a_job(
    *skills: SkillAsked, years: int | None = None, education: int | None = None, equivalent: bool = False
) -> JobRequirements:
    return JobRequirements(title="", skills=skills, years=years, education=education, accepts_equivalent=equivalent)


def must(skill: str, years: int | None = None, alternatives: tuple[str, ...] = ()) -> SkillAsked:
    return SkillAsked(skill=skill, importance=Importance.MUST, years=years, evidence=skill, alternatives=alternatives)


def nice(skill: str) -> SkillAsked:
    return SkillAsked(skill=skill, importance=Importance.NICE, years=None, evidence=skill)


def a_candidate(*, years: float = 0, degree: int = 0, **skills: float | None) -> Candidate:
    return Candidate(
        skills={name: SkillEntry(name=name, years=known) for name, known in skills.items()}, years=years, degree=degree
    )


THREE = (must("Python"), must("Django"), must("Redis"))


@pytest.mark.parametrize(
    ("job", "candidate", "scores", "level"),
    [
        (
            a_job(*THREE),
            a_candidate(Python=5, Django=5, Redis=5),
            MatchScores(100, 100, 100, 100),
            MatchLevel.EXCELLENT,
        ),
        (a_job(*THREE), a_candidate(Python=5, Django=5), MatchScores(84, 67, 100, 100), MatchLevel.GOOD),
        (a_job(*THREE, years=10), a_candidate(Python=5, years=5), MatchScores(52, 33, 50, 100), MatchLevel.FAIR),
        (a_job(*THREE, years=9, education=3), a_candidate(Python=9), MatchScores(17, 33, 0, 0), MatchLevel.POOR),
        (a_job(*THREE), a_candidate(years=20, degree=4), MatchScores(20, 0, 0, 100), MatchLevel.POOR),
        (a_job(*THREE, education=4), a_candidate(years=20, degree=2), MatchScores(10, 0, 0, 50), MatchLevel.POOR),
        (
            a_job(must("Python"), must("Django"), nice("Redis"), nice("Kafka")),
            a_candidate(Python=1, Redis=1),
            MatchScores(75, 50, 100, 100),
            MatchLevel.GOOD,
        ),
        (
            a_job(must("Python", 10), must("Django", 2), must("Redis", 3)),
            a_candidate(Python=5, Django=4, Redis=None),
            MatchScores(84, 67, 100, 100),
            MatchLevel.GOOD,
        ),
        (
            a_job(*THREE, education=3, equivalent=True),
            a_candidate(Python=5, Django=5, Redis=5, years=4),
            MatchScores(100, 100, 100, 100),
            MatchLevel.EXCELLENT,
        ),
        (
            a_job(must("Python"), must("Redis", alternatives=("Kafka",)), must("Kafka", alternatives=("Redis",))),
            a_candidate(Python=1, Kafka=1),
            MatchScores(100, 100, 100, 100),
            MatchLevel.EXCELLENT,
        ),
    ],
)
def test_scores_and_level(job: JobRequirements, candidate: Candidate, scores: MatchScores, level: MatchLevel) -> None:
    match = score(job, candidate)
    assert (match.scores, match.level) == (scores, level)


def test_a_candidate_with_no_known_skill_is_a_poor_match_and_never_50() -> None:
    match = score(a_job(*THREE), a_candidate(years=30, degree=4))
    assert match.scores
    assert match.scores.overall < 50
    assert match.level is MatchLevel.POOR


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_skills_are_not_enough_to_judge(count: int) -> None:
    match = score(a_job(*THREE[:count]), a_candidate(Python=5))
    assert match == Match(
        scores=None,
        level=MatchLevel.INSUFFICIENT,
        matched=match.matched,
        missing=match.missing,
        recommendations=(f"Only {count} skills were found: not enough to judge. Paste the whole job description.",),
    )


def test_recommendations_name_projects_gaps_and_years() -> None:
    project = ProjectEntry(title="Ledger", slug="ledger", url="/projects/ledger/")
    known = {
        "Python": SkillEntry(name="Python", years=2, projects=(project,)),
        "Django": SkillEntry(name="Django", years=9, projects=(project,)),
    }
    match = score(
        a_job(must("Python", 5), must("Django"), must("Redis"), years=6), Candidate(skills=known, years=2, degree=0)
    )
    assert match.recommendations == (
        "See “Ledger”: it uses Python, Django.",
        "Ask about Redis: the job requires it and this site does not mention it.",
        "The job asks for 6 years of experience, the profile shows 2.",
        "Python: 2 of the 5 years asked for.",
    )


@given(
    known=st.dictionaries(st.sampled_from(NAMES), st.none() | st.floats(0, 40)),
    years=st.floats(0, 50),
    degree=st.integers(0, 4),
    asked_years=st.none() | st.integers(1, 30),
    asked_degree=st.none() | st.integers(1, 4),
    skill_years=st.none() | st.integers(1, 20),
)
def test_scores_stay_between_0_and_100_and_follow_the_formula(
    known: dict[str, float | None],
    years: float,
    degree: int,
    asked_years: int | None,
    asked_degree: int | None,
    skill_years: int | None,
) -> None:
    job = a_job(
        must("Python", skill_years),
        must("Django"),
        nice("Redis"),
        nice("Kafka"),
        years=asked_years,
        education=asked_degree,
    )
    scores = score(job, a_candidate(years=years, degree=degree, **known)).scores
    assert scores
    assert all(0 <= part <= 100 for part in (scores.overall, scores.skills, scores.experience, scores.education))
    assert abs(scores.overall - (0.5 * scores.skills + 0.3 * scores.experience + 0.2 * scores.education)) <= 0.5
