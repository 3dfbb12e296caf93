"""One door for every job description, from the page and from the API: read, compare, keep, tell the visitors app."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone

from portfolio.content import ProfileEntry, SkillEntry, load_profile, load_projects, site_lexicon, skills_by_name
from portfolio.jobs.documents import check_text
from portfolio.jobs.requirements import JobRequirements, SkillAsked, read_job
from portfolio.jobs.scoring import Candidate, Match, MatchedSkill, score
from portfolio.models import Degree, JobAnalysis
from visitors import track
from visitors.privacy.keys import erasure_key_of

MAX_TITLE: Final = 160


def analyse(request: HttpRequest, job_requirements: str) -> JobAnalysis:
    """The kept analysis; raises `DocumentRefused` for a text that is empty or too long."""
    text = check_text(job_requirements)
    profile, projects = load_profile(), load_projects()
    lexicon = site_lexicon(profile, projects)
    job = read_job(text, lexicon=lexicon)
    match = score(job, _candidate(profile, skills=skills_by_name(profile, projects, lexicon)))
    analysis = JobAnalysis.objects.create(
        title=job.title[:MAX_TITLE],
        job_requirements=text,
        match_level=match.level,
        overall=match.scores.overall if match.scores else None,
        result=_result(job, match),
        erasure_key=erasure_key_of(request),
    )
    # Not the title: it was typed too.
    track(request, "job_analysis", match_level=analysis.match_level, typed=text)
    return analysis


def _candidate(profile: ProfileEntry, *, skills: dict[str, SkillEntry]) -> Candidate:
    return Candidate(
        skills=skills,
        years=profile.experience_years(timezone.localdate()),
        degree=max((degree.level for degree in profile.degrees), default=0),
    )


def _result(job: JobRequirements, match: Match) -> dict[str, Any]:
    """The public shape of an analysis, as the API documents it."""
    scores = match.scores
    return {
        "job": {
            "title": job.title,
            "skills_found": len(job.skills),
            "years_required": job.years,
            "education_required": Degree.Level(job.education).label if job.education else None,
        },
        "match_scores": scores
        and {
            "overall": scores.overall,
            "skills": scores.skills,
            "experience": scores.experience,
            "education": scores.education,
        },
        "match_level": match.level.value,
        "matched_skills": [_matched(skill) for skill in match.matched],
        "missing_skills": [_missing(skill) for skill in match.missing],
        "recommendations": list(match.recommendations),
    }


def _matched(match: MatchedSkill) -> dict[str, Any]:
    projects = [{"title": project.title, "url": project.url} for project in match.known.projects]
    return _missing(match.asked) | {"years": match.known.years, "level": match.known.level, "projects": projects}


def _missing(asked: SkillAsked) -> dict[str, Any]:
    return {
        "skill": asked.skill,
        "importance": asked.importance.value,
        "years_required": asked.years,
        "evidence": asked.evidence,
    }
