"""How far a visit came through a funnel, and which funnels are none."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.exceptions import InvalidParameter
from visitors.funnels.rules import funnel_of
from visitors.funnels.steps import Event, Rule, Step, steps_taken

GOALS = {"Read": {"page": "/a/*", "scroll": 75}, "Got": {"interaction": "download"}, "Broken": {"scroll": 0}}
A, B, C = (Step(name, (Rule(page=f"/{name}"),)) for name in "abc")
MINUTE = 60_000


def visit(text):
    """A letter a minute: small ones are pages, capital ones acts."""
    return [
        Event(at * MINUTE, "" if letter.isupper() else f"/{letter}", letter if letter.isupper() else "")
        for at, letter in enumerate(text)
    ]


@pytest.mark.parametrize(
    ("events", "taken"),
    [
        ("", 0),
        ("x", 0),
        ("a", 1),
        ("ab", 2),
        ("abc", 3),
        ("axbxc", 3),
        ("bac", 1),
        ("cba", 1),
        ("bca", 1),
        ("abab", 2),
        ("bcabc", 3),
    ],
)
def test_steps_are_taken_one_after_the_other(events, taken):
    assert steps_taken(visit(events), (A, B, C)) == taken


@pytest.mark.parametrize(
    ("events", "minutes", "taken"),
    [
        ("abc", 2, 3),
        ("abc", 1, 2),
        ("axxbc", 2, 1),
        ("axxabc", 2, 3),
        ("abxxc", 3, 2),
        ("abaxbc", 3, 3),
        ("abaxc", 4, 3),
    ],
)
def test_the_window_bounds_first_to_last_and_the_best_way_counts(events, minutes, taken):
    assert steps_taken(visit(events), (A, B, C), window_ms=minutes * MINUTE) == taken


def test_one_event_takes_one_step():
    assert steps_taken(visit("a"), (A, A)) == 1
    assert steps_taken(visit("aa"), (A, A)) == 2


def test_coming_takes_no_event():
    assert steps_taken(visit("a"), (Step("came"), A)) == 2


def test_any_rule_of_a_step_takes_it():
    either = Step("either", (Rule(page="/a"), Rule(kind="X")))
    assert [steps_taken(visit(events), (either, B)) for events in ("ab", "Xb", "xb")] == [2, 2, 0]


def test_an_act_on_a_page_is_not_the_page():
    assert steps_taken([Event(0, "/a", "X")], (A,)) == 0


def test_reading_adds_up_over_the_pages_of_a_rule():
    read = Step("read", (Rule(page="/p*", scroll=50, engaged_ms=1000),))
    pages = [
        Event(0, "/p1", scroll=60, engaged_ms=400),
        Event(1, "/q", engaged_ms=900),
        Event(2, "/p2", engaged_ms=600),
    ]
    assert steps_taken(pages, (read,)) == 1
    assert steps_taken(pages[:2], (read,)) == 0
    assert steps_taken([*pages, Event(3, "/b")], (read, B)) == 2


def ways(events, steps, window):
    """By trying every choice of events: the most steps taken."""
    for count in range(len(steps), 0, -1):
        for chosen in combinations(events, count):
            fits = all(event.path == step.rules[0].page for event, step in zip(chosen, steps, strict=False))
            if fits and chosen[-1].at_ms - chosen[0].at_ms <= window:
                return count
    return 0


@given(st.text("abc", max_size=9), st.text("abc", min_size=1, max_size=4), st.integers(0, 9))
def test_no_way_through_is_overlooked(events, names, minutes):
    steps = tuple(Step(name, (Rule(page=f"/{name}"),)) for name in names)
    taken = steps_taken(visit(events), steps, window_ms=minutes * MINUTE)
    assert taken == ways(visit(events), steps, minutes * MINUTE)


def test_a_definition_names_its_steps_and_rules():
    chosen = funnel_of(
        "Mine",
        {
            "steps": [{}, {"page": "/a/*"}, {"name": "Did", "interaction": "x", "goal": "Got"}, {"goal": "Read"}],
            "window_minutes": 30,
        },
        goals=GOALS,
    )
    assert (chosen.name, chosen.window_minutes) == ("Mine", 30)
    assert chosen.steps == (
        Step("Came"),
        Step("/a/*", (Rule(page="/a/*"),)),
        Step("Did", (Rule(kind="x"), Rule(kind="download"))),
        Step("Read", (Rule(page="/a/*", scroll=75),)),
    )


TWO = [{"page": "/a"}, {"page": "/b"}]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "`steps` must be in an object with the steps of the funnel, not 'list'."),
        ({"steps": TWO, "windows": 3}, "`windows` must be one of steps, window_minutes, not 'windows'."),
        ({}, "`steps` must be a list of 2-8 steps, not 'NoneType'."),
        ({"steps": "ab"}, "`steps` must be a list of 2-8 steps, not 'str'."),
        ({"steps": TWO[:1]}, "`steps` must be a list of 2-8 steps, not 1."),
        ({"steps": TWO * 5}, "`steps` must be a list of 2-8 steps, not 10."),
        ({"steps": TWO, "window_minutes": 0}, "`window_minutes` must be a whole number between 1 and 1440, not 0."),
        ({"steps": TWO, "window_minutes": "9"}, "`window_minutes` must be a whole number between 1 and 1440, not '9'."),
        (
            {"steps": TWO, "window_minutes": True},
            "`window_minutes` must be a whole number between 1 and 1440, not True.",
        ),
        (
            {"steps": [{"page": "/"}, 7]},
            "`steps.1` must be an object with one or more of page, interaction, goal",
        ),
        ({"steps": [{"act": "x"}, *TWO]}, "`steps.0.act` must be one of name, page, interaction, goal, not 'act'."),
        ({"steps": [{"page": 1}, *TWO]}, "`steps.0.page` must be a text of 1-200 characters, not 1."),
        ({"steps": [{"page": "/" * 201}, *TWO]}, "`steps.0.page` must be a text of 1-200 characters, not "),
        ({"steps": [*TWO, {"name": "all"}]}, "`steps.2` must be taken by one or more of page, interaction, goal"),
        ({"steps": [*TWO, {"goal": "Bought"}]}, "`steps.2.goal` must be one of Broken, Got, Read, not 'Bought'."),
        ({"steps": [*TWO, {"goal": "Broken"}]}, "`steps.2.goal` must be one of Broken, Got, Read, not 'Broken'."),
    ],
)
def test_a_faulty_definition_is_refused_by_name(given, message):
    with pytest.raises(InvalidParameter) as fault:
        funnel_of("", given, goals=GOALS)
    assert fault.value.message.startswith(message)
