"""The story of a visit in words: pages as they were read, acts as a person would tell them, goals by their names."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.visitors.builders import NOON
from visitors.dashboard.moments import LISTED, Moment, moments_of
from visitors.dashboard.visits import _reasons
from visitors.reports.timeline import TimelineEntry
from visitors.reports.verdicts import SignalShown
from visitors.reports.visits import VisitRow


def an_entry(kind="page", **columns):
    values = {"at": NOON + timedelta(minutes=2), "offset_ms": 0, "kind": kind, "path": "/resume/"}
    return TimelineEntry(**(values | columns))


@pytest.mark.parametrize(
    ("entry", "moment"),
    [
        (
            an_entry(time_on_page_ms=65_000, scroll_depth=90),
            Moment("12:02", "eye", "", "/resume/", "1m 05s engaged · scrolled 90%", "90%"),
        ),
        (
            an_entry(time_on_page_ms=65_000, is_estimated=True),
            Moment("12:02", "eye", "", "/resume/", "1m 05s until the next page"),
        ),
        (an_entry(), Moment("12:02", "eye", "", "/resume/", "time unknown")),
        (an_entry("not_found", path="/cv"), Moment("12:02", "x", "", "/cv", "Not found")),
        (
            an_entry("download", target="cv.pdf"),
            Moment("12:02", "down", "g", "Downloaded cv.pdf", "Goal: Résumé downloaded"),
        ),
        (an_entry("contact"), Moment("12:02", "mail", "g", "Sent the contact form", "Goal: Contact form sent")),
        (
            an_entry("outbound", target="github.com/ada"),
            Moment("12:02", "out", "a", "Opened github.com/ada", "Outbound link"),
        ),
        (
            an_entry("chat_message", details={"topic": "availability"}),
            Moment("12:02", "chat", "a", "Asked a question", "About availability"),
        ),
        (
            an_entry("chat_message", details={"topic": ["x"]}),
            Moment("12:02", "chat", "a", "Asked a question", "On /resume/"),
        ),
        (an_entry("newsletter_signup"), Moment("12:02", "act", "a", "Newsletter signup", "On /resume/")),
        (an_entry("video_play", target="intro"), Moment("12:02", "act", "a", "Video play", "intro")),
    ],
)
def test_a_moment_is_told_in_words(entry, moment):
    assert moments_of([entry], total=1) == ((moment,), 0)


def test_what_a_page_records_by_being_shown_is_told_once():
    told, left = moments_of([an_entry(), an_entry("project_view", target="raft-kv")], total=2)
    assert ([moment.icon for moment in told], left) == (["eye"], 0)


def test_a_long_visit_is_cut_and_says_how_much_is_left():
    told, left = moments_of([an_entry()] * 60, total=70)
    assert (len(told), left) == (LISTED, 30)


def test_reasons_name_goals_first_and_nothing_twice():
    signals = [("resume_downloaded", 0.7), ("cv_tag", 2.4), ("weekend", -1.0), ("desktop", 0.2), ("long_read", 0.2)]
    row = VisitRow(
        session_id=None,
        score=92,
        band="likely",
        label="",
        signals=tuple(SignalShown(name, weight, "") for name, weight in signals),
        goals=("Résumé downloaded",),
        last_seen_at=NOON,
        source="CV",
        application="",
        entry_path="/",
        country="",
        network="",
        page_views=1,
        engaged_ms=22_000,
        duration_ms=41_000,
    )
    assert [(reason.text, reason.is_strong) for reason in _reasons(row)] == [
        ("Résumé downloaded", True),
        ("Link from the CV", False),
        ("At a desk", False),
        ("1 page", False),
        ("0m 41s", False),
    ]
