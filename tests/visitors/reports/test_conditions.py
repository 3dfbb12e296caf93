"""What filters mean, alone and joined, for visits and for pages; the same on every database."""

from __future__ import annotations

from datetime import date, timedelta
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.visitors.builders import NOON, a_page_view, a_session, an_interaction
from visitors.exceptions import InvalidParameter
from visitors.models import VisitorSession
from visitors.reports.conditions import MAX_FILTERS, MAX_VALUES
from visitors.reports.narrowing import condition_of, facts_of
from visitors.reports.periods import Period
from visitors.reports.scope import (
    FILTERS,
    AllOf,
    AnyOf,
    Filter,
    HasDone,
    Not,
    Operator,
    Scope,
    humans_in,
    interactions_in,
    page_views_in,
    sessions_in,
)
from visitors.reports.traits import TRAITS, Fact
from visitors.reports.wildcards import literal, stars_of

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
IS_NOT, CONTAINS, MATCHES = Operator.IS_NOT, Operator.CONTAINS, Operator.MATCHES


def labels(*conditions):
    """The visits that are kept, by the label that a test gave them."""
    return set(humans_in(Scope(WEEK, conditions)).values_list("browser_version", flat=True))


def named(name, **columns):
    return a_session(**({"browser_version": name} | columns))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("operator", "values", "kept"),
    [
        (Operator.IS, ("/a",), {"a"}),
        (Operator.IS, ("/a", "/A"), {"a", "A"}),
        (Operator.IS, ("(unknown)",), {"none"}),
        (Operator.IS_NOT, ("/a", "/A"), {"a/b", "none", "odd"}),
        (Operator.CONTAINS, ("a",), {"a", "a/b"}),
        (Operator.CONTAINS, ("%_",), {"odd"}),
        (Operator.CONTAINS, ("b", "A"), {"a/b", "A"}),
        (Operator.NOT_CONTAINS, ("a", "A"), {"none", "odd"}),
        (Operator.MATCHES, ("/*",), {"a", "A", "odd"}),
        (Operator.MATCHES, ("/**",), {"a", "A", "a/b", "odd"}),
        (Operator.MATCHES, ("/*/b",), {"a/b"}),
        (Operator.MATCHES, ("*%_[?*",), set()),
        (Operator.MATCHES, (r"**%_[?\*]\\**",), {"odd"}),
        (Operator.NOT_MATCHES, ("/*",), {"a/b", "none"}),
    ],
)
def test_an_operator_compares_whole_texts_letter_by_letter(operator, values, kept):
    for name, path in {"a": "/a", "A": "/A", "a/b": "/a/b", "none": "", "odd": r"/%_[?*]\é"}.items():
        named(name, referrer=path)
    assert labels(Filter("referrer", values[0], operator, values[1:])) == kept


@pytest.mark.django_db
@pytest.mark.parametrize("operator", [Operator.IS, Operator.CONTAINS, Operator.MATCHES])
def test_case_is_ignored_of_ascii_letters_alone(operator):
    for source in ("LinkedIn é", "linkedin é", "LINKEDIN É"):
        named(source, source=source)
    found = labels(Filter("source", "Linkedin é", operator, ignores_case=True))
    assert found == {"LinkedIn é", "linkedin é"}


@pytest.mark.django_db
def test_every_text_filter_can_be_asked_in_every_way():
    visit = a_session(acts=("download",))
    an_interaction(visit, "download", details={"file": "cv"})
    for name in (*FILTERS, "detail:file"):
        value = "5" if name == "weekday" else "12"
        for operator in Operator:
            try:
                condition = Filter(name, value, operator)
            except InvalidParameter:
                assert name in {"hour", "weekday", "goal"}
                continue
            scope = Scope(WEEK, (condition,))
            for rows in (sessions_in, page_views_in, interactions_in):
                assert rows(scope).count() >= 0


@pytest.mark.django_db
def test_pages_and_acts_are_those_that_the_visit_saw_and_did():
    named("both", pages=("/a/", "/b/"), acts=("download",))
    named("one", pages=("/a/",))
    named("none", pages=("/c/",))
    assert labels(Filter("page", "/a/")) == {"both", "one"}
    assert labels(Filter("page", "/a/"), Filter("page", "/b/")) == {"both"}
    assert labels(Filter("page", "/a/", IS_NOT)) == {"none"}
    assert labels(Filter("act", "download", IS_NOT)) == {"one", "none"}
    assert labels(Filter("title", "of /b", CONTAINS)) == {"both"}
    assert labels(HasDone(Filter("page", "/a/", IS_NOT))) == {"both", "none"}
    assert labels(Not(HasDone(Filter("page", "/*/", MATCHES)))) == set()


@pytest.mark.django_db
def test_what_was_done_is_one_act():
    split = named("split")
    an_interaction(split, "download", target="cv.pdf")
    an_interaction(split, "outbound", target="https://x", details={"via": "footer", "n": 3})
    kind, target = Filter("act", "outbound"), Filter("target", "cv.pdf")
    assert labels(kind, target) == {"split"}
    assert labels(HasDone(AllOf((kind, target)))) == set()
    assert labels(HasDone(AllOf((kind, Filter("detail:via", "footer"))))) == {"split"}
    assert labels(Filter("detail:via", "(unknown)")) == {"split"}
    assert labels(Filter("detail:n", "3")) == {"split"}


@pytest.mark.django_db
def test_conditions_are_joined():
    named("x", source="X", country="DE")
    named("y", source="Y", country="DE", pages=("/y/",))
    named("z", source="Z", country="US")
    x, y, de = Filter("source", "X"), Filter("source", "Y"), Filter("country", "DE")
    assert labels(AnyOf((x, y))) == {"x", "y"}
    assert labels(AllOf((de, Not(x)))) == {"y"}
    assert labels(Not(AnyOf((x, Filter("page", "/y/"))))) == {"z"}
    assert labels(AllOf(())) == {"x", "y", "z"}


@pytest.mark.django_db
@pytest.mark.parametrize("goal", ["Résumé downloaded", 'a "quoted" one', "100 %"])
def test_a_goal_is_found_in_any_writing(goal):
    named("it", converted_goals=["Other", goal])
    named("other", converted_goals=["Other"])
    named("none")
    assert labels(Filter("goal", goal)) == {"it"}
    assert labels(HasDone(Filter("goal", goal))) == {"it"}
    assert labels(Filter("goal", "Other", IS_NOT)) == {"none"}
    assert labels(Filter("goal", "(unknown)")) == {"none"}
    assert labels(Filter("goal", goal[:3])) == set()


@pytest.mark.django_db
def test_hours_and_weekdays_are_those_at_which_visits_began():
    named("friday noon")
    named("saturday", at=NOON + timedelta(days=1, hours=3))
    assert labels(Filter("weekday", "5")) == {"friday noon"}
    assert labels(Filter("weekday", "5", IS_NOT)) == {"saturday"}
    assert labels(Filter("hour", "15", more=("16",))) == {"saturday"}


@pytest.mark.django_db
def test_bots_are_asked_by_their_pages_too():
    a_session(is_bot=True, pages=("/robots/",))
    assert sessions_in(Scope(WEEK, (Filter("page", "/robots/"),))).count() == 1
    assert humans_in(Scope(WEEK, (Filter("page", "/robots/"),))).count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("operator", "kept"), [(Operator.IS, {"/after"}), (IS_NOT, set())])
def test_a_visit_over_midnight_is_known_by_what_it_was_on_both_days(operator, kept):
    midnight = NOON.replace(hour=0)
    visit = a_session(midnight - timedelta(minutes=10), pages=("/before",), language="de")
    a_page_view(visit, "/after", after=timedelta(minutes=20))
    an_interaction(visit, "download", after=timedelta(minutes=20))

    friday, thursday = (Period(day.date(), day.date() + timedelta(days=1)) for day in (NOON, NOON - timedelta(days=1)))
    asked = [Filter("language", "de", operator)]
    views = facts_of(Fact.PAGE_VIEW, friday).filter(condition_of(asked, fact=Fact.PAGE_VIEW, period=friday))
    assert set(views.values_list("path", flat=True)) == kept
    for name, value in (("page", "/after"), ("act", "download")):
        did = Scope(thursday, (Filter(name, value, operator),))
        assert humans_in(did).exists() is (operator is Operator.IS)


@pytest.mark.django_db
def test_many_filters_of_visits_are_one_question(django_assert_num_queries):
    conditions = (Filter("country", "DE"), Filter("browser", "Firefox"), Filter("page", "/"))
    with django_assert_num_queries(1) as asked:
        list(page_views_in(Scope(WEEK, conditions)))
    assert "JOIN" not in asked[0]["sql"]
    assert VisitorSession._meta.db_table in asked[0]["sql"]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Filter("colour", "red"), "`filter` must be one of page, title, hostname, entry"),
        (lambda: Filter("detail:", "x"), "`filter` must be one of"),
        (lambda: Filter('detail:a"b', "x"), "`filter` must be one of"),
        (lambda: Filter("hour", "24"), "`hour` must be a whole number between 0 and 23, not '24'."),
        (lambda: Filter("weekday", "٣"), "`weekday` must be a whole number between 1 and 7, not"),
        (lambda: Filter("hour", "1", CONTAINS), "`hour` must be asked with `is` or `is_not`, not 'contains'."),
        (lambda: Filter("goal", "x", MATCHES), "`goal` must be asked with `is` or `is_not`, not 'matches'."),
        (lambda: Filter("page", "x" * 2001), "`page` must be at most 2000 characters of Unicode without NUL"),
        (lambda: Filter("page", "a\0"), "`page` must be at most 2000 characters of Unicode without NUL"),
        (lambda: Filter("page", "\ud800"), "`page` must be at most 2000 characters of Unicode without NUL"),
        (lambda: Filter("page", "", CONTAINS), "`page` must be given a text that is contained, not ''."),
        (lambda: Filter("page", "/*/**", MATCHES), "`page` must be a pattern with either `*` (no slash) or"),
        (lambda: Filter("page", "*-" * 9, MATCHES), "`page` must be a pattern with at most 8 stars"),
        (lambda: Filter("page", "x", more=("y",) * MAX_VALUES), f"`page` must be given at most {MAX_VALUES} values"),
        (lambda: AnyOf(()), "`or` must be a list of at least one filter, not '[]'."),
        (lambda: HasDone(AllOf(())), "`has_done` must be about a page view, an interaction or a goal"),
        (lambda: HasDone(Filter("country", "DE")), "`has_done` must be about one page view, one interaction or goals"),
        (
            lambda: HasDone(AllOf((Filter("title", "x"), Filter("act", "y")))),
            "`has_done` must be about one page view, one interaction or goals alone, not 'title, act'.",
        ),
        (
            lambda: Scope(WEEK, (AllOf((Filter("page", "/"),) * MAX_FILTERS), Filter("page", "/"))),
            f"`filters` must be at most {MAX_FILTERS}, not {MAX_FILTERS + 1}.",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(build, message):
    with pytest.raises(InvalidParameter) as refused:
        build()
    assert refused.value.message.startswith(message)


@given(st.text(max_size=20))
def test_a_literal_pattern_fits_its_text_alone(text):
    assert stars_of(literal(text), name="x").texts == (text,)


@given(st.text(alphabet="a/*?[%_", max_size=8), st.text(alphabet="a/*?[%_", max_size=8))
def test_a_glob_fits_what_its_texts_say(text, other):
    stars = stars_of(literal(text) + "**" + literal(other), name="x")
    assert fnmatchcase(f"{text}a/{other}", stars.glob)


def test_every_trait_is_kept_somewhere_and_says_what_it_is():
    for trait in TRAITS.values():
        assert trait.text
        assert trait.column(trait.owner)
        assert trait.owner in Fact
