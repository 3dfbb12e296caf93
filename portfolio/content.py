"""The site's content as frozen values: what pages show, the chat answers from and job descriptions are compared with.

An empty database gives an empty profile, so that every page works before the owner has written anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from portfolio.lexicon import Lexicon, Term, known_terms
from portfolio.models import Degree, Position, Profile, Project, Skill


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillEntry:
    """`years` is `None` for a skill that only a project names."""

    name: str
    group: str = ""
    level: str = ""
    years: float | None = None
    aliases: tuple[str, ...] = ()
    projects: tuple[ProjectEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectEntry:
    title: str
    slug: str
    url: str
    summary: str = ""
    is_featured: bool = False
    tech_stack: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionEntry:
    title: str
    company: str
    location: str
    started_on: date
    ended_on: date | None
    summary: str
    highlights: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DegreeEntry:
    title: str
    level: int
    institution: str
    started_year: int
    ended_year: int | None
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileEntry:
    name: str = ""
    headline: str = ""
    bio: str = ""
    location: str = ""
    email: str = ""
    github_url: str = ""
    linkedin_url: str = ""
    website_url: str = ""
    availability: str = ""
    notice_period: str = ""
    work_permit: str = ""
    remote: str = ""
    relocation: str = ""
    salary: str = ""
    spoken_languages: str = ""
    resume: str = ""
    skills: tuple[SkillEntry, ...] = ()
    positions: tuple[PositionEntry, ...] = ()
    degrees: tuple[DegreeEntry, ...] = ()

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return split_paragraphs(self.bio)

    @property
    def skill_groups(self) -> dict[str, tuple[SkillEntry, ...]]:
        """Group -> its skills, both in the owner's order."""
        groups: dict[str, tuple[SkillEntry, ...]] = {}
        for skill in self.skills:
            groups[skill.group] = (*groups.get(skill.group, ()), skill)
        return groups

    def experience_years(self, today: date) -> float:
        """Years in positions, overlaps counted once, one decimal."""
        return round(_days_covered(self.positions, today) / 365.25, 1)


PROFILE_TEXTS = tuple(
    name for name in ProfileEntry.__dataclass_fields__ if name not in {"resume", "skills", "positions", "degrees"}
)


def load_masthead() -> ProfileEntry:
    """The profile without skills, positions and degrees: what every page shows around its content. One query."""
    profile = Profile.objects.order_by("pk").first()
    return _entry(profile) if profile else ProfileEntry()


def load_profile() -> ProfileEntry:
    """The whole profile. Four queries, one when there is none."""
    profile = Profile.objects.order_by("pk").prefetch_related("skills", "positions", "degrees").first()
    if profile is None:
        return ProfileEntry()
    return _entry(
        profile,
        skills=tuple(_skill(skill) for skill in profile.skills.all()),
        positions=tuple(_position(position) for position in profile.positions.all()),
        degrees=tuple(_degree(degree) for degree in profile.degrees.all()),
    )


def load_projects() -> tuple[ProjectEntry, ...]:
    """Every project in the owner's order. One query."""
    return tuple(
        project_entry(project) for project in Project.objects.only("title", "slug", "summary", "featured", "tech_stack")
    )


@lru_cache(maxsize=4)
def site_lexicon(profile: ProfileEntry, projects: tuple[ProjectEntry, ...]) -> Lexicon:
    """The maintained list and everything that the profile and the projects name."""
    own = (Term(skill.name, skill.aliases) for skill in profile.skills)
    used = (Term(name) for project in projects for name in project.tech_stack)
    return Lexicon.of((*known_terms(), *own, *used))


def skills_by_name(profile: ProfileEntry, projects: Iterable[ProjectEntry], lexicon: Lexicon) -> dict[str, SkillEntry]:
    """Canonical name -> what the site says about the skill, with the projects that use it."""
    used: dict[str, tuple[ProjectEntry, ...]] = {}
    for project in projects:
        for name in dict.fromkeys(lexicon.canonical(name) for name in project.tech_stack):
            used[name] = (*used.get(name, ()), project)
    known = {lexicon.canonical(skill.name): skill for skill in profile.skills}
    return {name: _with_projects(name, known.get(name), used.get(name, ())) for name in (*known, *used)}


def split_lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def split_paragraphs(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip())


def project_entry(project: Project) -> ProjectEntry:
    return ProjectEntry(
        title=project.title,
        slug=project.slug,
        url=project.get_absolute_url(),
        summary=project.summary,
        is_featured=project.featured,
        tech_stack=tuple(project.tech_stack),
    )


def _entry(
    profile: Profile,
    *,
    skills: tuple[SkillEntry, ...] = (),
    positions: tuple[PositionEntry, ...] = (),
    degrees: tuple[DegreeEntry, ...] = (),
) -> ProfileEntry:
    texts = {name: str(getattr(profile, name)) for name in PROFILE_TEXTS}
    return ProfileEntry(**texts, resume=profile.resume.name or "", skills=skills, positions=positions, degrees=degrees)


def _skill(skill: Skill) -> SkillEntry:
    return SkillEntry(
        name=skill.name,
        group=skill.group,
        level=skill.get_level_display(),
        years=float(skill.years),
        aliases=tuple(skill.aliases),
    )


def _position(position: Position) -> PositionEntry:
    return PositionEntry(
        title=position.title,
        company=position.company,
        location=position.location,
        started_on=position.started_on,
        ended_on=position.ended_on,
        summary=position.summary,
        highlights=split_lines(position.highlights),
    )


def _degree(degree: Degree) -> DegreeEntry:
    return DegreeEntry(
        title=degree.title,
        level=degree.level,
        institution=degree.institution,
        started_year=degree.started_year,
        ended_year=degree.ended_year,
        summary=degree.summary,
    )


def _with_projects(name: str, skill: SkillEntry | None, projects: tuple[ProjectEntry, ...]) -> SkillEntry:
    known = skill or SkillEntry(name=name)
    return SkillEntry(
        name=name,
        group=known.group,
        level=known.level,
        years=known.years,
        aliases=known.aliases,
        projects=projects,
    )


def _days_covered(positions: Iterable[PositionEntry], today: date) -> int:
    covered, reached = 0, date.min
    for position in sorted(positions, key=lambda position: position.started_on):
        start = max(position.started_on, reached)
        end = min(position.ended_on or today, today)
        covered += max((end - start).days, 0)
        reached = max(reached, end)
    return covered
