"""Skills are found as whole words, by every name, and only where a skill can stand."""

from __future__ import annotations

import time

import pytest

from portfolio.lexicon import Lexicon, Match, Mention, Term, known_terms

LEXICON = Lexicon.of(known_terms())


def found(text: str) -> list[str]:
    return [mention.skill for mention in LEXICON.find(text)]


def test_the_list_knows_more_than_400_skills_each_once() -> None:
    names = [term.name.casefold() for term in known_terms()]
    assert len(names) > 400
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("JavaScript and TypeScript", ["JavaScript", "TypeScript"]),
        ("Java", ["Java"]),
        ("We maintain trains in the rain", []),
        ("AI products", ["AI"]),
        ("C++, C# and C", ["C++", "C#", "C"]),
        ("C/C++ on ARM", ["C", "C++"]),
        ("C-level talks, Series C, vitamin C and plan C", []),
        (".NET Core or ASP.NET", [".NET", "ASP.NET"]),
        ("a net salary", []),
        ("Experience with Go", ["Go"]),
        ("golang", ["Go"]),
        ("Go to market, go-to-market, and away we go", []),
        ("Languages: Go; R", ["Go", "R"]),
        ("- Go\n- R\n", ["Go", "R"]),
        ("R&D department", []),
        ("Spring Boot", ["Spring Boot"]),
        ("We start in spring 2027. Spring is lovely.", []),
        ("Express yourself in React, Node.js and Express", ["React", "Node.js", "Express"]),
        ("react to incidents and excel at it", []),
        ("CI/CD, CI-CD, ci cd", ["CI/CD", "CI/CD", "CI/CD"]),
        ("REST APIs, not the rest", ["REST"]),
        ("Postgres, PSQL, PostgreSQL", ["PostgreSQL"] * 3),
        ("K8s on AWS (EC2, S3)", ["Kubernetes", "AWS", "Amazon EC2", "Amazon S3"]),
        ("I know Node. JS is another matter", ["Node.js"]),
        ("Objective-C", ["Objective-C"]),
        ("PL/SQL and T-SQL", ["PL/SQL", "T-SQL"]),
    ],
)
def test_a_skill_is_found_only_where_it_is_meant(text: str, skills: list[str]) -> None:
    assert found(text) == skills


def test_java_is_not_found_in_javascript_nor_ai_in_maintain() -> None:
    assert found("javascript javascripts maintain email") == ["JavaScript"]


def test_a_mention_says_where_it_stands() -> None:
    assert LEXICON.find("We like Apache Kafka.") == [Mention("Kafka", 8, 20)]


def test_an_own_term_adds_its_aliases_to_the_known_skill() -> None:
    lexicon = Lexicon.of((*known_terms(), Term("Postgres", ("PG",)), Term("Zettel DB", ("zdb",), Match.ANY)))
    assert [mention.skill for mention in lexicon.find("pg and zdb and Zettel DB")] == [
        "PostgreSQL",
        "Zettel DB",
        "Zettel DB",
    ]
    assert lexicon.canonical("psql") == "PostgreSQL"
    assert lexicon.canonical("Unheard of") == "Unheard of"


@pytest.mark.parametrize("unit", ["C", "C ", "a.b-", "Go\n", "++", "java script ", "R&", "  "])
def test_the_time_grows_with_the_length_only(unit: str) -> None:
    LEXICON.find(unit * 1000)
    short, long = (_seconds(unit * (size // len(unit))) for size in (30_000, 240_000))
    assert long < max(0.05, short) * 24


def _seconds(text: str) -> float:
    before = time.process_time()
    LEXICON.find(text)
    return time.process_time() - before
