"""The questions of recruiters are understood in four languages."""

from __future__ import annotations

import pytest

from portfolio.chat.topics import Topic, fold, topics_of


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("When can you start?", Topic.AVAILABILITY),
        ("Are you open to work right now?", Topic.AVAILABILITY),
        ("Wann sind Sie verfügbar?", Topic.AVAILABILITY),
        ("Quand pouvez-vous commencer ?", Topic.AVAILABILITY),
        ("¿Cuándo puede empezar?", Topic.AVAILABILITY),
        ("What is your notice period?", Topic.NOTICE),
        ("Wie lange ist Ihre Kündigungsfrist?", Topic.NOTICE),
        ("Quel est votre préavis ?", Topic.NOTICE),
        ("Where are you based?", Topic.LOCATION),
        ("Wo wohnen Sie?", Topic.LOCATION),
        ("Où habitez-vous ?", Topic.LOCATION),
        ("¿Dónde vives?", Topic.LOCATION),
        ("Do you need visa sponsorship?", Topic.VISA),
        ("Haben Sie eine Arbeitserlaubnis?", Topic.VISA),
        ("Avez-vous un permis de travail ?", Topic.VISA),
        ("¿Necesita permiso de trabajo?", Topic.VISA),
        ("Do you work remotely?", Topic.REMOTE),
        ("Ist Homeoffice möglich?", Topic.REMOTE),
        ("Acceptez-vous le télétravail ?", Topic.REMOTE),
        ("¿Trabaja en remoto?", Topic.REMOTE),
        ("How many years have you worked?", Topic.YEARS),
        ("Wie viele Jahre Erfahrung haben Sie?", Topic.YEARS),
        ("Combien d’années d’expérience avez-vous ?", Topic.YEARS),
        ("¿Cuántos años de experiencia tiene?", Topic.YEARS),
        ("What did you study?", Topic.EDUCATION),
        ("Welchen Abschluss haben Sie?", Topic.EDUCATION),
        ("Quelles études avez-vous faites ?", Topic.EDUCATION),
        ("¿Qué estudios tiene?", Topic.EDUCATION),
        ("How can I contact you?", Topic.CONTACT),
        ("Wie kann ich Sie erreichen?", Topic.CONTACT),
        ("Comment vous contacter ?", Topic.CONTACT),
        ("What is your tech stack?", Topic.STACK),
        ("Mit welchen Technologien arbeiten Sie?", Topic.STACK),
        ("¿Qué tecnologías usa?", Topic.STACK),
        ("What salary do you expect?", Topic.SALARY),
        ("Would you relocate to Munich?", Topic.RELOCATION),
        ("Do you speak English?", Topic.LANGUAGES),
        ("Can I see your CV?", Topic.RESUME),
    ],
)
def test_the_topic_of_a_question(question: str, topic: Topic) -> None:
    assert topics_of(question)[0] is topic


@pytest.mark.parametrize(
    "question", ["", "???", "What is your favourite colour?", "Advice on this evisaged cvs", "\x00"]
)
def test_what_nobody_foresaw_has_no_topic(question: str) -> None:
    assert topics_of(question) == []


def test_folding_forgets_case_accents_and_punctuation() -> None:
    assert fold("  Où ÊTES-vous,\n d’où ?") == "ou etes vous d ou"
