"""The chat answers from what the site says, names the place, and admits what the site does not say."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from portfolio.chat.answers import Answer, answer
from portfolio.chat.search import search
from portfolio.chat.topics import Topic
from portfolio.models import Passage, Profile, Project
from portfolio.views import SUGGESTIONS

pytestmark = pytest.mark.usefixtures("site")
TODAY = date(2026, 11, 22)


def ask(question: str, *, about: str = "") -> Answer:
    return answer(question, project=Project.objects.get(slug=about) if about else None, today=TODAY)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many years with Python?", "Python: 9 years"),
        ("How long have you used psql?", "PostgreSQL: 8 years"),
        ("How many years of Golang?", "Go: 5 years"),
        ("Wie viele Jahre Erfahrung mit K8s?", "Kubernetes: 4 years"),
        ("Combien d'années avec Apache Kafka ?", "Kafka: 4.5 years"),
        ("¿Cuántos años con DRF?", "Django REST Framework: 7 years"),
        ("Years of experience with Rust?", "Rust: 1 year,"),
    ],
)
def test_years_with_a_skill_are_exact_under_each_of_its_names(question: str, text: str) -> None:
    given = ask(question)
    assert given.text.startswith(text)
    assert (given.topic, given.is_answered, given.source_url) == (Topic.YEARS, True, "/about/#skills")


@pytest.mark.parametrize(
    ("question", "topic", "part", "url"),
    [
        ("When can you start?", Topic.AVAILABILITY, "three months after an offer", "/about/#facts"),
        ("What is your notice period?", Topic.NOTICE, "Three months", "/about/#facts"),
        ("Where are you based?", Topic.LOCATION, "Based in Berlin", "/about/#facts"),
        ("Do you need a visa?", Topic.VISA, "Swedish citizen", "/about/#facts"),
        ("Is remote possible?", Topic.REMOTE, "Remote first", "/about/#facts"),
        ("Where did you go to university?", Topic.EDUCATION, "KTH", "/about/#education"),
        ("How can I reach you?", Topic.CONTACT, "ada@lindqvist.example", "/contact/"),
        ("What is your stack?", Topic.STACK, "Python (9 years)", "/about/#skills"),
        ("How many years of experience do you have?", Topic.YEARS, "9.2 years", "/about/#experience"),
        ("Which languages do you speak?", Topic.LANGUAGES, "German", "/about/#facts"),
        ("Where do you work?", Topic.EXPERIENCE, "Nordlicht Payments since March 2022", "/about/#experience"),
        ("Can I read your resume?", Topic.RESUME, "PDF", "/resume/"),
        ("Which projects should I see?", Topic.PROJECTS, "Raft KV", "/projects/"),
        ("Who are you?", Topic.ABOUT, "Ada Lindqvist", "/about/"),
    ],
)
def test_what_recruiters_ask_has_a_typed_answer(question: str, topic: Topic, part: str, url: str) -> None:
    given = ask(question)
    assert part in given.text
    assert (given.topic, given.is_answered, given.source_url) == (topic, True, url)


@pytest.mark.parametrize(
    "question", ["What is your favourite colour?", "asdfgh", "Are you married?", '"; DROP TABLE x; -- OR NEAR( *', "🦊"]
)
def test_what_the_site_does_not_say_it_does_not_know(question: str) -> None:
    assert ask(question) == Answer(
        text="I do not know: this site does not say. You can ask Ada directly with the contact form.",
        topic=Topic.UNKNOWN,
        is_answered=False,
        source_title="Contact form",
        source_url="/contact/",
    )


def test_an_empty_fact_is_not_known() -> None:
    given = ask("What salary do you expect?")
    assert (given.topic, given.is_answered, given.source_url) == (Topic.SALARY, False, "/contact/")


def test_a_skill_that_the_site_does_not_name_is_not_claimed() -> None:
    given = ask("Do you know Haskell?")
    assert (given.is_answered, given.source_url) == (False, "/contact/")
    assert "does not say that Ada has worked with Haskell" in given.text


def test_of_two_skills_the_unknown_one_is_admitted() -> None:
    text = ask("Java or JavaScript?").text
    assert "JavaScript: 5 years" in text
    assert "does not say anything about Java." in text


def test_a_skill_of_a_project_alone_has_no_years() -> None:
    assert ask("Elasticsearch?").text == "Elasticsearch: used in Open Stacks; the site gives no number of years."


def test_a_question_about_the_content_is_answered_by_the_passage_that_covers_it() -> None:
    given = ask("What happens when the leader fails?")
    assert given.text.startswith("When the leader fails, the followers notice")
    assert (given.topic, given.source_title, given.source_url) == (Topic.CONTENT, "Raft KV", "/projects/raft-kv/")


def test_a_project_named_is_summed_up() -> None:
    assert ask("What is Tiny Trace?").text.startswith("Distributed tracing for small teams")


def test_a_question_asked_on_a_project_is_answered_from_it_first() -> None:
    assert ask("Does it speak SQLite?", about="tiny-trace").source_url in {"/projects/tiny-trace/", "/about/#skills"}
    assert ask("Which stack?", about="ferry-times").text.startswith("Ferry Times is built with Python, Django")
    assert ask("What happens with delays?", about="ferry-times").source_title == "Ferry Times"


@pytest.mark.parametrize("suggestion", SUGGESTIONS)
def test_each_suggested_question_has_an_answer(suggestion: str) -> None:
    assert ask(suggestion).is_answered


def test_saved_content_is_found_at_once_and_deleted_content_no_more() -> None:
    project = Project.objects.create(
        title="Kite Radio", slug="kite", summary="Radio on a kite.", description="It hums.", year=2026
    )
    assert ask("Does the kite hum?").source_title == "Kite Radio"
    project.description = "It whistles."
    project.save()
    assert not ask("Does the kite hum?").is_answered
    assert ask("Does the kite whistle?").is_answered
    project.delete()
    assert not ask("Does the kite whistle?").is_answered


def test_an_empty_site_knows_nothing_and_fails_at_nothing() -> None:
    Profile.objects.all().delete()
    Project.objects.all().delete()
    assert Passage.objects.count() == 0
    assert [ask(question).is_answered for question in ("Where are you based?", "How many years?", "Who are you?")] == [
        False
    ] * 3


@pytest.mark.postgresql
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs DATABASE_URL of a PostgreSQL server")
def test_postgresql_finds_the_same_passage() -> None:
    assert connection.vendor == "postgresql"
    found = search("What happens when the leader fails?")
    assert found
    assert (found.title, found.url) == ("Raft KV", "/projects/raft-kv/")
