"""What a job description asks for is read with its sentence, its weight and its years."""

from __future__ import annotations

import time

import pytest

from portfolio.jobs.education import BACHELOR, DOCTORATE, MASTER, VOCATIONAL, EducationAsked, education_of
from portfolio.jobs.requirements import Importance, JobRequirements, SkillAsked, job_title, read_job
from portfolio.jobs.years import years_of_work
from portfolio.lexicon import Lexicon, known_terms

LEXICON = Lexicon.of(known_terms())
MUST, NICE = Importance.MUST, Importance.NICE


def read(text: str) -> JobRequirements:
    return read_job(text, lexicon=LEXICON)


def asked(text: str) -> dict[str, tuple[Importance, int | None]]:
    return {skill.skill: (skill.importance, skill.years) for skill in read(text).skills}


def test_a_whole_job_description() -> None:
    job = read(
        "Backend Engineer\nWe are 20 years old.\n\nRequirements:\n- 3-5 years of Python\n- Bachelor's degree\n"
        "Nice to have:\n- Redis\nWhat we offer:\n- A Java course"
    )
    assert job == JobRequirements(
        title="Backend Engineer",
        skills=(
            SkillAsked(skill="Python", importance=MUST, years=3, evidence="3-5 years of Python"),
            SkillAsked(skill="Redis", importance=NICE, years=None, evidence="Redis"),
        ),
        years=3,
        education=BACHELOR,
        accepts_equivalent=False,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Docker is a plus.", {"Docker": (NICE, None)}),
        ("Must have: Docker", {"Docker": (MUST, None)}),
        ("Ideally you know Kafka. You know Django.", {"Kafka": (NICE, None), "Django": (MUST, None)}),
        ("Von Vorteil: Kubernetes", {"Kubernetes": (NICE, None)}),
        ("Django serait un plus", {"Django": (NICE, None)}),
        ("Valorable Terraform", {"Terraform": (NICE, None)}),
        ("Nice to have:\n- Go\n\nRequirements:\n- Rust", {"Go": (NICE, None), "Rust": (MUST, None)}),
        ("Bonus points\n- GraphQL\n- Vue.js", {"GraphQL": (NICE, None), "Vue.js": (NICE, None)}),
        ("Redis is a plus.\nWe need Redis", {"Redis": (MUST, None)}),
        ("5+ years of Python and Django", {"Python": (MUST, 5), "Django": (MUST, 5)}),
        ("Python (5+ years), Django", {"Python": (MUST, 5), "Django": (MUST, None)}),
        ("Python: 4 years, Kafka: 2 years", {"Python": (MUST, 4), "Kafka": (MUST, 2)}),
        ("at least three years with PostgreSQL", {"PostgreSQL": (MUST, 3)}),
        ("3 to 5 years of Java. 2 years of Java", {"Java": (MUST, 3)}),
        ("Mindestens 3 Jahre Erfahrung mit Docker", {"Docker": (MUST, 3)}),
        ("Benefits:\n- a Scala course", {}),
    ],
)
def test_importance_and_years_of_each_skill(text: str, expected: dict[str, tuple[Importance, int | None]]) -> None:
    assert asked(text) == expected


def test_an_or_makes_alternatives() -> None:
    kafka, rabbit = read("Experience with Kafka or RabbitMQ").skills
    assert (kafka.alternatives, rabbit.alternatives) == (("RabbitMQ",), ("Kafka",))


@pytest.mark.parametrize(
    ("sentence", "years"),
    [
        ("5+ years of experience", 5),
        ("3-5 years experience", 3),
        ("3 – 5 years' experience", 3),
        ("between 2 to 4 yrs in backend development", 2),
        ("five or more years of professional software development", 5),
        ("7 Jahre Berufserfahrung", 7),
        ("3 ans d'expérience", 3),
        ("5 años de experiencia", 5),
        ("Founded 12 years ago", None),
        ("For over 30 years we have built ships", None),
        ("Our office is 5 years old", None),
        ("a two year contract", None),
        ("no number at all", None),
    ],
)
def test_years_of_work(sentence: str, years: int | None) -> None:
    assert years_of_work(sentence) == years


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Bachelor's or Master's degree in CS", EducationAsked(BACHELOR, False)),
        ("M.Sc. in Physics or equivalent experience", EducationAsked(MASTER, True)),
        ("PhD required", EducationAsked(DOCTORATE, False)),
        ("BS/MS in Computer Science", EducationAsked(BACHELOR, False)),
        ("Abgeschlossenes Studium oder vergleichbare Ausbildung", EducationAsked(BACHELOR, True)),
        ("Ausbildung als Fachinformatiker", EducationAsked(VOCATIONAL, False)),
        ("Certified Scrum Master", None),
        ("You master data and the master branch", None),
        ("MS Office", None),
    ],
)
def test_the_degree_asked_for(sentence: str, expected: EducationAsked | None) -> None:
    assert education_of(sentence) == expected


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Senior Python Developer (m/f/d)\nBerlin", "Senior Python Developer (m/f/d)"),
        ("Acme GmbH\n\n# Data Engineer\nWe are", "Data Engineer"),
        ("Job title: Site Reliability Engineer", "Site Reliability Engineer"),
        ("We look for an engineer who cares about customers.", ""),
        ("", ""),
    ],
)
def test_the_title_is_the_first_line_that_names_a_profession(text: str, title: str) -> None:
    assert job_title(text) == title


@pytest.mark.parametrize(
    "unit", ["Python 5 years, ", "5 - ", "a ", "- ", ". ", "C, ", "years ", "nice to have ", "\n\n", "Go or "]
)
def test_the_largest_text_is_read_in_bounded_time(unit: str) -> None:
    before = time.process_time()
    read(unit * (256 * 1024 // len(unit)))
    assert time.process_time() - before < 8
