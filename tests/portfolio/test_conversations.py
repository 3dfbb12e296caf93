"""A conversation belongs to the browser that began it, and is told to the visitors app once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portfolio.models import Conversation, Message, UnansweredQuestion
from visitors.models import VisitorInteraction

Acts = Callable[[], list[tuple[str, str]]]


def ask(client: Client, question: str, **fields: str) -> None:
    assert client.post("/chat/", {"question": question, **fields}).status_code == 302


def test_chat_start_is_recorded_once_and_each_question_as_a_message(browser: Client, acts: Acts) -> None:
    ask(browser, "Where are you based?")
    ask(browser, "Do you sail?")
    assert acts() == [("chat_start", ""), ("chat_message", ""), ("chat_message", "")]
    assert Conversation.objects.count() == 1


def test_a_get_of_the_history_is_no_chat(browser: Client, acts: Acts) -> None:
    ask(browser, "Where are you based?")
    before = acts()
    assert b"Based in Berlin" in browser.get("/chat/").content
    browser.get("/chat/?question=Where+are+you+based?")
    assert acts() == before
    assert Message.objects.count() == 1


def test_the_act_holds_the_verdict_and_never_the_question(browser: Client) -> None:
    ask(browser, "What is your favourite colour, mauve?")
    details = VisitorInteraction.objects.get(kind="chat_message").details
    assert (details["answered"], details["topic"]) == (False, "unknown")
    assert "mauve" not in str(VisitorInteraction.objects.values_list())


def test_a_refused_question_is_not_recorded(browser: Client, acts: Acts) -> None:
    assert browser.post("/chat/", {"question": "  "}).status_code == 400
    assert browser.post("/chat/", {"question": "x" * 1001}).status_code == 400
    assert browser.post("/chat/", {"question": "a\x00b"}).status_code == 400
    assert browser.post("/chat/", {"question": "Why?", "project": "no-such"}).status_code == 400
    assert (acts(), Message.objects.count()) == ([], 0)


def test_a_visitor_never_reads_the_conversation_of_another(browser: Client, other_browser: Client) -> None:
    ask(browser, "Do you know Haskell?")
    assert b"Haskell" in browser.get("/chat/").content
    assert b"Haskell" not in other_browser.get("/chat/").content
    assert "no-store" in browser.get("/chat/")["Cache-Control"]


@pytest.mark.parametrize("forged", ["", "1", "abc:def:ghi", "key"])
def test_a_forged_key_opens_nothing(browser: Client, forged: str) -> None:
    ask(browser, "Do you know Haskell?")
    stranger = Client()
    stranger.cookies["conversation"] = forged or Conversation.objects.get().key_digest
    assert b"Haskell" not in stranger.get("/chat/").content
    ask(stranger, "Where are you based?")
    assert Conversation.objects.count() == 2


def test_the_key_is_kept_from_scripts_and_from_the_database(browser: Client) -> None:
    ask(browser, "Hello")
    cookie = browser.cookies["conversation"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == 86400
    assert cookie.value.partition(":")[0] != Conversation.objects.get().key_digest


def test_unanswered_questions_are_kept_for_the_owner(browser: Client) -> None:
    ask(browser, "Where are you based?")
    ask(browser, "Do you know Haskell?", project="raft-kv")
    kept = UnansweredQuestion.objects.filter(is_answered=False).values_list("question", "topic", "project__slug")
    assert list(kept) == [("Do you know Haskell?", "skill", "raft-kv")]


def test_the_sixth_question_of_a_minute_waits_and_is_not_recorded(browser: Client, acts: Acts) -> None:
    for _ in range(5):
        ask(browser, "Hello")
    answer = browser.post("/chat/", {"question": "Hello"})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert (Message.objects.count(), len(acts())) == (5, 6)


def test_page_and_api_count_together(browser: Client) -> None:
    for _ in range(5):
        ask(browser, "Hello")
    answer = browser.post("/api/chat/", {"question": "Hello"}, content_type="application/json")
    assert answer.status_code == 429
