"""What reaches a goal, and which goals of the settings are none."""

from __future__ import annotations

import pytest

from visitors.detection.goals import SeenPage, fault_of_goal, reached_goals

DEEP = SeenPage("/projects/raft/", scroll_depth=91, engaged_ms=40_000)
TOP = SeenPage("/projects/chat/", scroll_depth=20, engaged_ms=25_000)
HOME = SeenPage("/")


@pytest.mark.parametrize(
    ("goal", "is_reached"),
    [
        ({"interaction": "download"}, True),
        ({"interaction": "contact"}, False),
        ({"page": "/"}, True),
        ({"page": "/projects/*"}, True),
        ({"page": "/Projects/*"}, False),
        ({"page": "/projects/*", "scroll": 91}, True),
        ({"page": "/projects/*", "scroll": 92}, False),
        ({"page": "/", "scroll": 1}, False),
        ({"scroll": 90}, True),
        ({"page": "/projects/*", "engaged_seconds": 65}, True),
        ({"page": "/projects/*", "engaged_seconds": 66}, False),
        ({"engaged_seconds": 65}, True),
        ({"page": "/projects/chat/", "scroll": 20, "engaged_seconds": 25}, True),
        ({"page": "/projects/chat/", "scroll": 21, "engaged_seconds": 25}, False),
        ({"page": "/projects/raft/", "scroll": 20, "engaged_seconds": 41}, False),
    ],
)
def test_all_that_a_goal_asks_for_must_hold(goal, is_reached):
    reached = reached_goals({"it": goal}, pages=[HOME, DEEP, TOP], kinds=["download"])
    assert reached == (["it"] if is_reached else [])


def test_a_visit_without_pages_reaches_no_goal_about_pages():
    assert reached_goals({"any": {"page": "*"}, "act": {"interaction": "x"}}, pages=[], kinds=["x"]) == ["act"]


@pytest.mark.parametrize(
    "goal",
    [
        {"interaction": "download"},
        {"page": "/a/*"},
        {"scroll": 100},
        {"engaged_seconds": 1},
        {"page": "/", "scroll": 1, "engaged_seconds": 86_400},
    ],
)
def test_a_goal_without_fault_is_none(goal):
    assert fault_of_goal(goal) == ""


@pytest.mark.parametrize(
    ("goal", "fault"),
    [
        ("download", "must say what reaches it"),
        ({}, "must say what reaches it"),
        ({"act": "x"}, "must ask for engaged_seconds, interaction, page, scroll, not 'act'"),
        ({"interaction": "x", "page": "/"}, "must ask for an interaction or for pages, not for both"),
        ({"page": ""}, "must have a text as 'page', not ''"),
        ({"interaction": 7}, "must have a text as 'interaction', not 7"),
        ({"scroll": 0}, "must have a whole number of 1-100 as 'scroll', not 0"),
        ({"scroll": 101}, "must have a whole number of 1-100 as 'scroll', not 101"),
        ({"scroll": True}, "must have a whole number of 1-100 as 'scroll', not True"),
        ({"engaged_seconds": 1.5}, "must have a whole number of 1-86400 as 'engaged_seconds', not 1.5"),
    ],
)
def test_a_faulty_goal_is_told_what_is_wrong_with_it(goal, fault):
    assert fault_of_goal(goal) == fault
