"""Answer a question from what the profile and the projects say, or say that they do not. Pure but for the search.

Nothing is guessed: a fact that the owner left empty is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse

from portfolio.chat.search import search
from portfolio.chat.topics import Topic, topics_of
from portfolio.content import (
    ProfileEntry,
    ProjectEntry,
    SkillEntry,
    load_profile,
    load_projects,
    site_lexicon,
    skills_by_name,
)
from portfolio.models import Project

# Asked together with a skill, these ask for the skill: "your experience with Kafka", "projects in Rust".
WIDE_TOPICS: Final = frozenset({Topic.EXPERIENCE, Topic.PROJECTS, Topic.STACK, Topic.ABOUT, Topic.GREETING})
MOST_SKILLS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`source_url` is the page that says so, or the contact form when the site does not say."""

    text: str
    topic: Topic
    is_answered: bool
    source_title: str
    source_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What an answer may draw on. `project` is the one that the question was asked about, if any."""

    profile: ProfileEntry
    projects: tuple[ProjectEntry, ...]
    skills: dict[str, SkillEntry]
    asked_skills: tuple[str, ...]
    project: ProjectEntry | None
    today: date


def answer(question: str, *, project: Project | None, today: date) -> Answer:
    """The typed answer, else the passage that covers the question, else "I do not know" with the contact form."""
    site = _site(question, project=project, today=today)
    return _typed(question, site) or _searched(question, site, project) or _unknown(site, asked=site.asked_skills)


def _site(question: str, *, project: Project | None, today: date) -> Site:
    profile, projects = load_profile(), load_projects()
    lexicon = site_lexicon(profile, projects)
    asked = dict.fromkeys(mention.skill for mention in lexicon.find(question))
    return Site(
        profile=profile,
        projects=projects,
        skills=skills_by_name(profile, projects, lexicon),
        asked_skills=tuple(asked)[:MOST_SKILLS],
        project=next((entry for entry in projects if project and entry.slug == project.slug), None),
        today=today,
    )


def _typed(question: str, site: Site) -> Answer | None:
    topics = topics_of(question)
    if site.asked_skills and set(topics) <= WIDE_TOPICS | {Topic.YEARS}:
        return _skills(site, topic=Topic.YEARS if Topic.YEARS in topics else Topic.SKILL)
    for topic in topics:
        if answered := TYPED[topic](site):
            return answered
        if topic in FACTS:
            return _unknown(site, topic=topic)
    return None


def _searched(question: str, site: Site, project: Project | None) -> Answer | None:
    ignored = (site.profile.name,)
    found = search(question, project_id=project.pk, ignored=ignored) if project else None
    found = found or search(question, ignored=ignored)
    if found is None:
        return None
    return Answer(
        text=found.text, topic=Topic.CONTENT, is_answered=True, source_title=found.title, source_url=found.url
    )


def _unknown(site: Site, *, topic: Topic = Topic.UNKNOWN, asked: tuple[str, ...] = ()) -> Answer:
    who = site.profile.first_name or "the owner"
    if asked:
        text = f"This site does not say that {who} has worked with {_listed(asked)}. The contact form reaches {who}."
    else:
        text = f"I do not know: this site does not say. You can ask {who} directly with the contact form."
    return Answer(
        text=text,
        topic=Topic.SKILL if asked else topic,
        is_answered=False,
        source_title="Contact form",
        source_url=reverse("portfolio:contact"),
    )


def _skills(site: Site, *, topic: Topic) -> Answer | None:
    known = [site.skills[name] for name in site.asked_skills if name in site.skills]
    if not known:
        return None
    missing = tuple(name for name in site.asked_skills if name not in site.skills)
    parts = [_skill_sentence(skill) for skill in known]
    if missing:
        parts.append(f"This site does not say anything about {_listed(missing)}.")
    return _from_about(" ".join(parts), topic, "Skills", "skills")


def _skill_sentence(skill: SkillEntry) -> str:
    used = f"used in {_listed(tuple(project.title for project in skill.projects[:3]))}" if skill.projects else ""
    if skill.years is None:
        return f"{skill.name}: {used}; the site gives no number of years."
    facts = f"{_years(skill.years)}, {skill.level.lower()}"
    return f"{skill.name}: {facts}{', ' + used if used else ''}."


def _total_years(site: Site) -> Answer | None:
    if not site.profile.positions:
        return None
    years = site.profile.experience_years(site.today)
    first = min(position.started_on for position in site.profile.positions)
    text = f"{_years(years)} of professional experience, since {first:%B %Y}."
    return _from_about(text, Topic.YEARS, "Experience", "experience")


def _education(site: Site) -> Answer | None:
    degrees = [
        f"{degree.title}, {degree.institution} ({degree.started_year}–{degree.ended_year or 'now'})."
        for degree in site.profile.degrees
    ]
    return _from_about(" ".join(degrees), Topic.EDUCATION, "Education", "education") if degrees else None


def _contact(site: Site) -> Answer | None:
    links = (site.profile.email, site.profile.linkedin_url, site.profile.github_url)
    ways = ("the contact form on this site", *(link for link in links if link))
    return Answer(
        text=f"The best way is {_listed(ways, last='or')}.",
        topic=Topic.CONTACT,
        is_answered=True,
        source_title="Contact form",
        source_url=reverse("portfolio:contact"),
    )


def _stack(site: Site) -> Answer | None:
    if site.project and site.project.tech_stack:
        return Answer(
            text=f"{site.project.title} is built with {_listed(site.project.tech_stack)}.",
            topic=Topic.STACK,
            is_answered=True,
            source_title=site.project.title,
            source_url=site.project.url,
        )
    main = [f"{skill.name} ({_years(skill.years)})" for skill in site.profile.skills[:8] if skill.years is not None]
    return _from_about(f"Mainly {_listed(tuple(main))}.", Topic.STACK, "Skills", "skills") if main else None


def _experience(site: Site) -> Answer | None:
    if not site.profile.positions:
        return None
    latest = site.profile.positions[0]
    period = "since" if latest.ended_on is None else "until"
    moment = latest.ended_on or latest.started_on
    text = f"{latest.title} at {latest.company} {period} {moment:%B %Y}. {latest.summary}"
    earlier = tuple(f"{position.title} at {position.company}" for position in site.profile.positions[1:])
    text = f"{text} Before that: {_listed(earlier)}." if earlier else text
    return _from_about(text, Topic.EXPERIENCE, "Experience", "experience")


def _projects(site: Site) -> Answer | None:
    if not site.projects:
        return None
    titles = _listed(tuple(project.title for project in site.projects[:4]))
    return Answer(
        text=f"Good ones to begin with are {titles}; the project page has all {len(site.projects)}.",
        topic=Topic.PROJECTS,
        is_answered=True,
        source_title="Projects",
        source_url=reverse("portfolio:projects"),
    )


def _about(site: Site) -> Answer | None:
    text = f"{site.profile.name}. {site.profile.headline}. {' '.join(site.profile.paragraphs[:1])}"
    return _from_about(text, Topic.ABOUT, f"About {site.profile.first_name}", "") if site.profile.name else None


def _greeting(site: Site) -> Answer | None:
    who = site.profile.first_name or "the owner"
    text = f"Hello! Ask me about {who}'s skills, projects, availability or location."
    return _from_about(text, Topic.GREETING, "About", "")


def _resume(_: Site) -> Answer | None:
    return Answer(
        text="The résumé is on its own page, as text and as a PDF to download.",
        topic=Topic.RESUME,
        is_answered=True,
        source_title="Résumé",
        source_url=reverse("portfolio:resume"),
    )


def _fact(topic: Topic, field: str, title: str, opening: str = "") -> Callable[[Site], Answer | None]:
    """The answer that one text of the profile gives; none when it is empty."""

    def stated(site: Site) -> Answer | None:
        text: str = getattr(site.profile, field)
        return _from_about(f"{opening}{text}", topic, title, "facts") if text else None

    return stated


def _from_about(text: str, topic: Topic, title: str, anchor: str) -> Answer:
    url = reverse("portfolio:about") + (f"#{anchor}" if anchor else "")
    return Answer(text=text, topic=topic, is_answered=True, source_title=title, source_url=url)


def _years(years: float) -> str:
    return "1 year" if years == 1 else f"{years:g} years"


def _listed(words: tuple[str, ...], *, last: str = "and") -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


TYPED: Final[dict[Topic, Callable[[Site], Answer | None]]] = {
    Topic.YEARS: _total_years,
    Topic.NOTICE: _fact(Topic.NOTICE, "notice_period", "Notice period"),
    Topic.AVAILABILITY: _fact(Topic.AVAILABILITY, "availability", "Availability"),
    Topic.VISA: _fact(Topic.VISA, "work_permit", "Work permit"),
    Topic.RELOCATION: _fact(Topic.RELOCATION, "relocation", "Relocation"),
    Topic.REMOTE: _fact(Topic.REMOTE, "remote", "Remote work"),
    Topic.SALARY: _fact(Topic.SALARY, "salary", "Salary expectation"),
    Topic.LANGUAGES: _fact(Topic.LANGUAGES, "spoken_languages", "Languages"),
    Topic.LOCATION: _fact(Topic.LOCATION, "location", "Location", "Based in "),
    Topic.EDUCATION: _education,
    Topic.RESUME: _resume,
    Topic.CONTACT: _contact,
    Topic.STACK: _stack,
    Topic.EXPERIENCE: _experience,
    Topic.PROJECTS: _projects,
    Topic.ABOUT: _about,
    Topic.GREETING: _greeting,
}
FACTS: Final = frozenset(
    {
        Topic.NOTICE,
        Topic.AVAILABILITY,
        Topic.VISA,
        Topic.RELOCATION,
        Topic.REMOTE,
        Topic.SALARY,
        Topic.LANGUAGES,
        Topic.LOCATION,
    }
    | {Topic.EDUCATION, Topic.YEARS}
)
