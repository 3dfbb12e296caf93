"""Plausible's filters become this project's conditions, or a reason."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.exceptions import InvalidParameter
from visitors.plausible.filters import conditions_of
from visitors.plausible.regexes import patterns_of
from visitors.plausible.stats_v1 import filters_of
from visitors.reports.query.written import written
from visitors.reports.wildcards import stars_of

DOWNLOADED = "Résumé downloaded"


def joined(inner: Any) -> Any:
    """Expressions made of others: one after the other, one or the other."""
    pairs = st.tuples(inner, inner)
    return st.one_of(pairs.map("".join), pairs.map(lambda pair: f"({pair[0]}|{pair[1]})"))


PARTS = st.recursive(st.sampled_from(["/a", "b", ".*", r"\."]), joined, max_leaves=5)
FORMS = st.sampled_from(["{}", "^{}", "{}$", "^{}$", "^{}$|{}b"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["is", "visit:source", ["LinkedIn", "Google"]], ["is", "source", ["LinkedIn", "Google"]]),
        (["is_not", "visit:country", ["DE"]], ["is_not", "country", ["DE"]]),
        (["contains_not", "event:page", ["/blog"]], ["has_done", ["not_contains", "page", ["/blog"]]]),
        (["contains", "visit:utm_campaign", ["May"], {"case_sensitive": True}], ["contains", "campaign", ["May"]]),
        (
            ["contains", "visit:city", ["ber"], {"case_sensitive": False}],
            ["contains", "city", ["ber"], {"case_sensitive": False}],
        ),
        (["matches", "event:page", ["^/blog/.*"]], ["matches", "page", ["/blog/**"]]),
        (["is", "visit:source", ["Direct / None"]], ["is", "source", ["Direct"]]),
        (["is", "visit:device", ["Mobile"]], ["is", "device", ["mobile"]]),
        (["is", "visit:country_name", ["Poland"]], ["is", "country", ["PL"]]),
        (["contains_not", "visit:country_name", ["olan"]], ["is_not", "country", ["PL"]]),
        (["is", "event:props:plan", ["pro", 3]], ["is", "detail:plan", ["pro", "3"]]),
        (["is", "event:props:plan", ["(none)"]], ["is", "detail:plan", ["(unknown)"]]),
        (["is", "event:props:url", ["github.com/me"]], ["is", "target", ["github.com/me"]]),
        (["is", "event:goal", [DOWNLOADED]], ["is", "goal", [DOWNLOADED]]),
        (["has_done", ["is", "event:goal", [DOWNLOADED]]], ["has_done", ["is", "goal", [DOWNLOADED]]]),
        (["has_not_done", ["is", "event:page", ["/a"]]], ["has_not_done", ["is", "page", ["/a"]]]),
        (
            ["not", ["or", [["is", "visit:os", ["Linux"]], ["and", [["is", "visit:city", ["Bonn"]]]]]]],
            ["not", ["or", [["is", "os", ["Linux"]], ["and", [["is", "city", ["Bonn"]]]]]]],
        ),
    ],
)
def test_a_filter_says_the_same_in_other_words(given: Any, expected: Any) -> None:
    (condition,) = conditions_of([given])
    assert written(condition) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "`filters` must be a list of filters"),
        (["is"], "`filters` must be"),
        ([["is", "visit:source"]], "`filters` must be an operator"),
        ([["is", "visit:source", []]], "`filters` must be with a list of 1 to 100 values"),
        ([["is", "visit:source", [None]]], "`filters` must be with values that are texts"),
        ([["is", "visit:source", ["a"], {"regex": True}]], "`filters` must be with no options but"),
        ([["is", "visit:source", ["a"], {"case_sensitive": 1}]], "`case_sensitive` must be true or false"),
        ([["is", "time:day", ["2026-01-01"]]], "`filters` must be of anything but time"),
        ([["is", "visit:planet", ["x"]]], "`filters` must be of dimensions out of"),
        ([["is", ["visit:source"], ["x"]]], "`filters` must be of dimensions out of"),
        ([["is", "event:goal", ["Signup"]]], "`event:goal` must be a goal of this site"),
        ([["is", "visit:country_name", ["Atlantis"]]], "`filters` must be of a country's name"),
        ([["matches", "visit:country_name", ["P.*"]]], "`filters` must be without patterns"),
        ([["matches", "event:page", ["/[ab]"]]], "`filters` must be a pattern of plain text"),
        ([["and", []]], "`filters` must be"),
        ([["nor", [["is", "visit:os", ["x"]]]]], "`filters` must be with an operator out of"),
        ([["not", "x"]], "`filters` must be"),
        ([["is", "visit:os", ["x" * 2001]]], "`os` must be at most 2000"),
    ],
)
def test_a_filter_that_breaks_a_rule_is_refused_with_it(given: Any, message: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        conditions_of(given)
    assert refused.value.message.startswith(message)


def test_filters_nest_only_so_deep() -> None:
    given: Any = ["is", "visit:os", ["Linux"]]
    for _ in range(10_000):
        given = ["not", given]
    with pytest.raises(InvalidParameter):
        conditions_of([given])


@pytest.mark.parametrize(
    ("regex", "stars"),
    [
        ("^/blog/.*$", "/blog/**"),
        ("^/blog$", "/blog"),
        ("blog", "**blog**"),
        (".*", "**"),
        (r"^/a\.b\*$", r"/a.b\*"),
        (r"^costs \$$", "costs $"),
        ("^$", ""),
    ],
)
def test_a_regular_expression_of_plain_parts_is_a_pattern_with_stars(regex: str, stars: str) -> None:
    assert patterns_of(regex) == (stars,)


@pytest.mark.parametrize(
    ("regex", "stars"),
    [
        ("a|b", ("**a**", "**b**")),
        ("^/(blog|news)/.*", ("/blog/**", "/news/**")),
        ("^/(?:a|b(c|d))$|^/e$", ("/a", "/e", "/bc", "/bd")),
        (r"^(a\|b|c\))$", ("a|b", "c)")),
        ("^/x(|/y)$", ("/x", "/x/y")),
        ("(a)(a)", ("**aa**",)),
    ],
)
def test_choices_are_several_patterns(regex: str, stars: tuple[str, ...]) -> None:
    assert set(patterns_of(regex)) == set(stars)


@given(PARTS, FORMS, st.text("/ab.", max_size=6))
def test_patterns_fit_what_the_expression_fits(part: str, form: str, text: str) -> None:
    regex = form.format(part, part)
    fits = [fnmatchcase(text, stars_of(pattern, name="x").glob) for pattern in patterns_of(regex)]
    assert any(fits) is (re.search(regex, text) is not None)


def test_an_expression_of_too_many_choices_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="at most 50 choices"):
        patterns_of("(a|b)" * 40)


@pytest.mark.parametrize(
    "regex", ["(a)*", "((a)", "a)", "[ab]", "a+", "a?", "a*", "a{2}", r"\d", "a\\", "a.b", "x^y", "x$y"]
)
def test_an_expression_that_stars_cannot_say_is_refused(regex: str) -> None:
    with pytest.raises(InvalidParameter):
        patterns_of(regex)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("visit:browser==Firefox", [["is", "browser", ["Firefox"]]]),
        (
            "visit:source==Google|Bing;event:page!=/a",
            [["is", "source", ["Google", "Bing"]], ["has_done", ["is_not", "page", ["/a"]]]],
        ),
        ("event:page==/blog/**|/news/**", [["matches", "page", ["/blog/**", "/news/**"]]]),
        ("event:page!=/a*", [["has_done", ["not_matches", "page", ["/a*"]]]]),
        (
            "event:page==/a;event:props:b==c",
            [["has_done", ["and", [["is", "page", ["/a"]], ["is", "detail:b", ["c"]]]]]],
        ),
        (
            "event:hostname==a.example;event:page==/a;event:props:b==c",
            [
                [
                    "has_done",
                    [
                        "and",
                        [
                            *(
                                ["is", name, [value]]
                                for name, value in (
                                    ("hostname", "a.example"),
                                    ("page", "/a"),
                                    ("detail:b", "c"),
                                )
                            )
                        ],
                    ],
                ]
            ],
        ),
        ("visit:city~Ber", [["contains", "city", ["Ber"]]]),
        (r"event:props:title==a\|b\;c", [["is", "detail:title", ["a|b;c"]]]),
        ("visit:medium==email", [["is", "utm_medium", ["email"]]]),
    ],
)
def test_filters_of_the_older_api(text: str, expected: Any) -> None:
    assert [written(condition) for condition in filters_of(text)] == expected


@pytest.mark.parametrize("text", ["visit:browser", "==x", "visit:browser==", "event:goal==Nope", "visit:x==y"])
def test_a_bad_filter_of_the_older_api_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter):
        filters_of(text)
