"""Facts about what is kept of a text that a visitor typed."""

from __future__ import annotations

import time
import timeit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visitors.detection.recruiters import company_address, match_typed_text
from visitors.detection.tables import rows_of

DESCRIPTION = """Job title: Platform Engineer
Company: Example
Location: Remote (EU)

What you bring:
- 5+ years of experience with Python and Django
- Familiarity with CI/CD
- Bachelor's degree in Computer Science or equivalent
- Competitive salary, 30 days of holiday

Apply with your CV."""
STELLE = """Wir suchen eine Backend-Entwicklerin (m/w/d).
Deine Aufgaben: Entwicklung unserer Plattform in einem kleinen Team.
Dein Profil: abgeschlossenes Studium, mehrjährige Erfahrung, gute Kenntnisse in Python.
Wir bieten: unbefristeter Vertrag, 30 Tage Urlaub, Homeoffice."""


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "What is your notice period?"),
        ("en", "Do you need visa sponsorship?"),
        ("en", "How many years of Django experience does he have?"),
        ("en", "Is she available for an interview next week?"),
        ("en", "When could you start?"),
        ("de", "Wie lang ist Ihre Kündigungsfrist?"),
        ("de", "WELCHE GEHALTSVORSTELLUNGEN HABEN SIE?"),
        ("de", "Wann könnten Sie frühestens anfangen?"),
        ("fr", "Quelles sont vos prétentions salariales ?"),
        ("fr", "Combien d'années d'expérience avec Python ?"),
        ("es", "¿Cuándo podrías empezar?"),
        ("es", "¿Estás abierto a nuevas oportunidades?"),
        ("pt", "Qual é a sua pretensão salarial?"),
        ("pt", "Está disponível para uma entrevista?"),
        ("it", "Qual è il tuo periodo di preavviso?"),
        ("it", "Sei disponibile per un colloquio?"),
        ("nl", "Wat is je opzegtermijn?"),
        ("nl", "Sta je open voor een nieuwe baan?"),
        ("pl", "Jakie są Twoje oczekiwania finansowe?"),
        ("pl", "Kiedy możesz zacząć?"),
    ],
)
def test_hiring_questions_are_known_in_eight_languages(language: str, question: str) -> None:
    kept = match_typed_text("chat_message", question)
    assert kept["language"] == language
    assert kept["hiring_phrase"] in {row["phrase"] for row in rows_of("hiring_phrases.csv")}


@pytest.mark.parametrize(
    "question",
    [
        "Is the code open source?",
        "Which embedding model does the project use?",
        "How did you shard the event table?",
        "Can I maintain a fork in javascript?",
        "Does it retrain on new data?",
        "What is the license?",
        "How long does a build take?",
        "Wie funktioniert die Suche?",
        "Great work, quick question about your project.",
    ],
)
def test_technical_questions_leave_nothing_but_their_length(question: str) -> None:
    assert match_typed_text("chat_message", question) == {"length_band": "short"}


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("We have a role that may fit you.", {"hiring_phrase": "have a role", "language": "en"}),
        ("Wir haben eine spannende Stelle für Sie", {"hiring_phrase": "haben ... stelle", "language": "de"}),
        ("Tenemos una vacante que encaja contigo", {"hiring_phrase": "tenemos una vacante", "language": "es"}),
        ("Hi, we need a website, do you freelance?", {"client_phrase": "need a website", "language": "en"}),
        ("Was kostet eine neue Website?", {"client_phrase": "was kostet", "language": "de"}),
        ("How did you learn Django?", {"learner_phrase": "how did you learn", "language": "en"}),
        (
            "We increase your ranking, talent hiring deals http://spam.test",
            {"looks_like_spam": True, "spam_phrase": "increase ... ranking"},
        ),
        ("SEO and backlinks for your site", {"looks_like_spam": True, "spam_phrase": "seo"}),
        ("http://a.test http://b.test http://c.test", {"looks_like_spam": True, "spam_phrase": "links"}),
        ("Our role is at https://firm.test/jobs, we have a role", {"hiring_phrase": "have a role", "language": "en"}),
    ],
)
def test_of_a_message_only_the_listed_phrase_is_kept(message: str, kept: dict[str, object]) -> None:
    assert match_typed_text("contact", message) == {"length_band": "short"} | kept


def test_a_pasted_job_description_is_known_by_its_phrases_and_length() -> None:
    assert match_typed_text("job_analysis", DESCRIPTION) == {
        "length_band": "medium",
        "looks_like_job_description": True,
        "phrase_count": 13,
        "language": "en",
    }


def test_a_job_description_in_german_is_known() -> None:
    kept = match_typed_text("job_analysis", STELLE)
    assert (kept["looks_like_job_description"], kept["language"]) == (True, "de")


@pytest.mark.parametrize("text", ["", "test", "asdf", "python developer", "remote", "x" * 5_000])
def test_a_few_words_are_no_job_description(text: str) -> None:
    assert not match_typed_text("job_analysis", text).get("looks_like_job_description")


def test_a_job_description_pasted_into_the_chat_counts_and_plain_words_do_not() -> None:
    assert match_typed_text("chat_message", DESCRIPTION)["looks_like_job_description"] is True
    chatty = "Which location is the demo served from, and is the remote cache a benefit for the company? " * 3
    assert "looks_like_job_description" not in match_typed_text("chat_message", chatty)


@pytest.mark.parametrize(
    ("length", "band"), [(0, "empty"), (1, "short"), (199, "short"), (200, "medium"), (999, "medium"), (1_000, "long")]
)
def test_the_length_is_kept_as_a_band(length: int, band: str) -> None:
    assert match_typed_text("chat_message", "z" * length) == {"length_band": band}


@settings(deadline=None)
@given(st.sampled_from(["chat_message", "contact", "job_analysis", ""]), st.text(max_size=400))
def test_no_text_raises_and_none_of_it_is_kept(kind: str, text: str) -> None:
    allowed = {row["phrase"] for row in rows_of("hiring_phrases.csv")} | {"links"}
    kept = match_typed_text(kind, text)
    assert set(kept) <= {
        "length_band", "language", "hiring_phrase", "client_phrase", "learner_phrase", "looks_like_spam",
        "spam_phrase", "looks_like_job_description", "phrase_count",
    }  # fmt: skip
    assert {value for key, value in kept.items() if key.endswith("_phrase")} <= allowed


@pytest.mark.parametrize(
    "hostile",
    [
        "looking for a " * 5_000,
        "an " * 22_000,
        "a" * 65_000,
        "\ufdfa" * 65_000,
        "https://" * 8_000,
        "years of " * 7_000,
        "\ud800" * 65_000,
    ],
)
def test_hostile_texts_are_matched_within_ten_milliseconds(hostile: str) -> None:
    match_typed_text("contact", "")
    assert (
        min(timeit.repeat(lambda: match_typed_text("contact", hostile), timer=time.process_time, number=1, repeat=5))
        < 0.010
    )


@pytest.mark.parametrize(
    ("domain", "is_company"),
    [
        ("stark.example", True),
        ("Siemens.de", True),
        ("jo@siemens.de", True),
        ("gmail.com", False),
        ("GMAIL.com.", False),
        ("x.yopmail.com", False),
        ("mail.example", False),
        ("notgmail.com", True),
        ("localhost", False),
        ("a b.test", False),
        ("", False),
        ("@", False),
    ],
)
def test_a_company_address_is_neither_free_mail_nor_disposable(domain: str, is_company: bool) -> None:
    assert company_address(domain) is is_company


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_mail_domain_raises(domain: str) -> None:
    assert company_address(domain) in (True, False)
