"""A visit in one sentence."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from visitors.reports.story import Visit, story_of, time_text
from visitors.reports.timeline import TimelineEntry

TUESDAY = datetime(2026, 11, 17, 14, 2)


def entry(kind="page", path="/", **more):
    return TimelineEntry(at=TUESDAY, offset_ms=0, kind=kind, path=path, **more)


def page(title="", path="", **more):
    return entry(path=path or f"/{title.lower()}/", title=title, **more)


def told(*timeline, **visit):
    return story_of(Visit(started_at=TUESDAY, **{"source": "Direct"} | visit), timeline)


def test_the_whole_story_of_a_visit():
    assert (
        told(
            page("Raft KV · Jane Doe", "/projects/raft-kv/", time_on_page_ms=200_000, scroll_depth=91),
            entry("chat_start"),
            entry("chat_message", target="x"),
            entry("chat_message", target="y"),
            entry("download", target="/media/jane-resume-2026.pdf"),
            source="LinkedIn",
            duration_ms=372_000,
        )
        == "Tue 14:02, from LinkedIn, 6 min 12 s: read Raft KV to 91 %, asked the chat two questions, "
        "downloaded the resume."
    )


@pytest.mark.parametrize(
    ("visit", "opening"),
    [
        ({}, "Tue 14:02, directly: "),
        ({"source": ""}, "Tue 14:02: "),
        ({"source": "LinkedIn", "application": "acme"}, "Tue 14:02, by the link of acme: "),
        ({"bot": "GPTBot"}, "Tue 14:02, a bot (GPTBot), directly: "),
        ({"duration_ms": 999}, "Tue 14:02, directly: "),
        ({"duration_ms": 1000}, "Tue 14:02, directly, 1 s: "),
        ({"source": "x" * 99}, f"Tue 14:02, from {'x' * 59}…: "),
    ],
)
def test_a_story_begins_with_when_from_where_and_how_long(visit, opening):
    assert told(page("Home", "/"), **visit) == f"{opening}saw Home."


@pytest.mark.parametrize(
    ("timeline", "done"),
    [
        ([], "saw nothing and did nothing"),
        ([entry(path="/untitled/")], "saw /untitled/"),
        ([page("A", scroll_depth=50)], "read A to 50 %"),
        ([page("A", scroll_depth=49, time_on_page_ms=29_000)], "saw A"),
        ([page("A", scroll_depth=20, time_on_page_ms=30_000)], "read A to 20 %"),
        ([page("A", time_on_page_ms=90_000)], "read A for 1 min 30 s"),
        ([page("A", scroll_depth=30), page("A", scroll_depth=80)], "read A to 80 %"),
        ([page("A"), page("B", engaged_ms=9), page("C", engaged_ms=8)], "saw B, saw C, saw one more page"),
        ([page("A"), entry("not_found", "/x"), entry("not_found", "/y")], "saw A, asked for two pages in vain"),
        ([entry("project_view", target="raft")], "saw nothing and did nothing"),
        ([entry("chat_start")], "opened the chat"),
        ([entry("chat_message")], "asked the chat one question"),
        ([entry("chat_message")] * 13, "asked the chat 13 questions"),
        ([entry("job_analysis", target="Typed title")], "had one job matched"),
        ([entry("contact")], "sent a message"),
        ([entry("contact")] * 2, "sent two messages"),
        ([entry("download", target="paper.pdf")], "downloaded paper.pdf"),
        ([entry("download")], "downloaded one"),
        ([entry("download", target=name) for name in ("a", "b", "c", "d")], "downloaded a, b and two more"),
        ([entry("outbound", target="https://github.com/jane?x=1")], "left for github.com"),
        ([entry("outbound", target="mail")], "left for mail"),
        ([entry("video")], "did video"),
        ([entry("video"), entry("video")], "did video two times"),
        ([entry(kind) for kind in "abcdefg"], "did a, did b, did c, did d, did e, did two more things"),
    ],
)
def test_what_was_read_and_done(timeline, done):
    assert told(*timeline) == f"Tue 14:02, directly: {done}."


def test_a_title_cannot_break_the_sentence_into_lines():
    assert told(page("One\n two\t" + "x" * 80, "/a/")).count("\n") == 0


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=9), "9 s"),
        (timedelta(minutes=6, seconds=12), "6 min 12 s"),
        (timedelta(hours=1, minutes=2, seconds=59), "1 h 2 min"),
    ],
)
def test_times_read_as_people_say_them(length, text):
    assert time_text(length // timedelta(milliseconds=1)) == text
