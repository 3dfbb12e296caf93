"""Any tree of filters keeps the visits that a reading in plain Python keeps, on every database."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.visitors.builders import NOON, a_session, an_interaction
from visitors.exceptions import InvalidParameter
from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.reports.conditions import AllOf, AnyOf, Condition, Filter, HasDone, Not, Operator, SameRow
from visitors.reports.narrowing import condition_of, facts_of
from visitors.reports.periods import Period
from visitors.reports.traits import DETAIL, Fact, Kind

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23))
TEXTS = ("", "A", "a", "/a", "/A/b", "/a/b/c", "ä", "Ä%", "a_b", "a*b", "[a]", "a?", 'q"', "\\")
VALUES = st.sampled_from((*TEXTS, "/*", "/**", "**a**", "(unknown)", "*", r"a\*b", "%", "_"))
NAMES = st.sampled_from(("source", "country", "page", "title", "act", "target", "detail:k", "goal", "weekday", "hour"))


@st.composite
def filters(draw):
    name = draw(NAMES)
    numbers = {"hour": ("4", "12", "20"), "weekday": ("5", "6", "7")}.get(name)
    operators = (Operator.IS, Operator.IS_NOT) if numbers or name == "goal" else tuple(Operator)
    value, *more = draw(st.lists(st.sampled_from(numbers) if numbers else VALUES, min_size=1, max_size=3))
    return name, value, draw(st.sampled_from(operators)), tuple(more), draw(st.booleans())


def trees(leaf):
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(("and", "or")), st.lists(inner, min_size=1, max_size=3)),
            st.tuples(st.sampled_from(("not", "done", "row")), inner),
        ),
        max_leaves=4,
    )


def built(tree) -> Condition:
    match tree:
        case ("and", parts):
            return AllOf(tuple(map(built, parts)))
        case ("or", parts):
            return AnyOf(tuple(map(built, parts)))
        case ("not", part):
            return Not(built(part))
        case ("done", part):
            return HasDone(built(part))
        case ("row", part):
            return SameRow(built(part))
    return Filter(*tree)


@pytest.fixture
def visits():
    """Each text stands in each place once."""
    for number, text in enumerate(TEXTS):
        visit = a_session(
            NOON + timedelta(hours=8 * (number % 5)),
            pages=(text or "/", "/a"),
            source=text,
            country="DE" if number % 2 else "",
            converted_goals=[text] if text else [],
        )
        PageView.objects.filter(session_id=visit.id, path=text).update(title=text)
        an_interaction(visit, f"kind{text}", target=text, details={"k": text} if number % 3 else {})
    a_session(pages=())


def values_of(row, leaf):
    """What a row has of a trait, or `None` when it does not carry it."""
    trait = leaf.trait
    fact = {VisitorSession: Fact.SESSION, PageView: Fact.PAGE_VIEW, VisitorInteraction: Fact.INTERACTION}[type(row)]
    column = trait.column(fact)
    if not column:
        return None
    if trait.name == "weekday":
        return [str(row.day.isoweekday())]
    if trait.kind is Kind.NAMES:
        return row.converted_goals or [""]
    if trait.kind is Kind.DETAIL:
        return [row.details.get(trait.name.removeprefix(DETAIL), "")]
    return [str(getattr(row, column))]


def is_fit(leaf, text):
    wanted = ["" if value == "(unknown)" else value for value in leaf.values]
    if leaf.trait.kind is Kind.NUMBER:
        return int(text) in map(int, wanted)
    if leaf.ignores_case and leaf.trait.takes_patterns:
        text, wanted = ascii_lower(text), list(map(ascii_lower, wanted))
    match leaf.operator.positive:
        case Operator.IS:
            return text in wanted
        case Operator.CONTAINS:
            return any(value in text for value in wanted)
    return any(re.fullmatch(pattern(value), text, re.DOTALL) for value in wanted)


def ascii_lower(text):
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def pattern(value):
    tokens = re.findall(r"\\[*\\]|\*+|[^*\\]+|\\", value)
    places = {"*": "[^/]*"}
    return "".join(
        places.get(token, ".*")
        if token.startswith("*")
        else re.escape(token[1:] if token in {"\\*", "\\\\"} else token)
        for token in tokens
    )


def holds(condition, row, book):
    """`book` finds the visit and the facts of a row."""
    match condition:
        case AllOf():
            return all(holds(each, row, book) for each in condition.conditions)
        case AnyOf():
            return any(holds(each, row, book) for each in condition.conditions)
        case Not():
            return not holds(condition.condition, row, book)
        case SameRow() if all(values_of(row, leaf) is not None for leaf in condition.leaves):
            return holds(condition.condition, row, book)
        case HasDone():
            facts = book.facts(row, condition.fact)
            return any(holds(condition.condition, each, book) for each in facts)
    found = values_of(row, condition)
    if found is None:
        found = [text for fact in book.facts(row, condition.trait.owner) for text in values_of(fact, condition)]
    fits = any(is_fit(condition, text) for text in found)
    return not fits if condition.operator.is_negative else fits


class Book:
    def __init__(self):
        self.rows = {
            Fact.SESSION: list(VisitorSession.objects.all()),
            Fact.PAGE_VIEW: list(PageView.objects.all()),
            Fact.INTERACTION: list(VisitorInteraction.objects.all()),
        }

    def facts(self, row, fact):
        visit = getattr(row, "session_id", None) if not isinstance(row, VisitorSession) else row.id
        return [each for each in self.rows[fact] if visit == (each.id if fact is Fact.SESSION else each.session_id)]


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(tree=trees(filters()), fact=st.sampled_from(Fact))
@pytest.mark.django_db
@pytest.mark.usefixtures("visits")
def test_a_tree_of_filters_means_what_it_says(tree, fact):
    try:
        condition = built(tree)
    except InvalidParameter:
        return
    book = Book()
    kept = facts_of(fact, WEEK).filter(condition_of([condition], fact=fact, period=WEEK))
    assert set(kept.values_list("id", flat=True)) == {row.id for row in book.rows[fact] if holds(condition, row, book)}
