"""Turn Plausible's filters into this project's conditions; raises `InvalidParameter` with the rule that one breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from visitors.conf import conf
from visitors.exceptions import InvalidParameter, Rule, breaking
from visitors.reports.conditions import MAX_DEPTH, AllOf, AnyOf, Condition, Filter, HasDone, Not, Operator, SameRow
from visitors.reports.traits import Fact

from .names import (
    DETAIL,
    DIMENSIONS,
    GOAL,
    OPERATORS,
    PROPERTIES,
    PROPS,
    TIMES,
)
from .regexes import patterns_of
from .values import asked, country_codes

FORMS: Final = (
    '["is", dimension, [values]], ["and" or "or", [filters]], ["not", filter] or ["has_done" or "has_not_done", filter]'
)
MAX_CLAUSES: Final = 100


def conditions_of(given: Any) -> tuple[Condition, ...]:
    """All of a question's filters, which must hold together."""
    if not isinstance(given, list):
        raise InvalidParameter("filters", "a list of filters", given)
    with breaking(Rule.LANGUAGE):
        return of_events(tuple(_condition(each, depth=1) for each in given))


def of_events(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """What is asked of pages and properties must hold for one event together: "not this page" is another page that was
    seen, not a visit that never saw this one, which `has_not_done` asks for."""
    events = tuple(each for each in conditions if _is_of_event(each))
    match events:
        case () | (Filter(operator=Operator.IS | Operator.CONTAINS | Operator.MATCHES),):
            return conditions  # any event will do
        case (one,):
            same: Condition = SameRow(one)
        case _:
            same = SameRow(AllOf(events))
    return (*(each for each in conditions if not _is_of_event(each)), same)


def _is_of_event(condition: Condition) -> bool:
    match condition:
        case Filter():
            return condition.trait.owner is not Fact.SESSION
        case AllOf() | AnyOf():
            return all(map(_is_of_event, condition.conditions))
        case Not():
            return _is_of_event(condition.condition)
    return False


def _condition(given: Any, *, depth: int) -> Condition:
    if not isinstance(given, list) or len(given) < 2 or not isinstance(given[0], str):
        raise InvalidParameter("filters", FORMS, given)
    if depth > MAX_DEPTH:
        raise InvalidParameter("filters", f"at most {MAX_DEPTH} levels deep", "more")
    word, inner = given[0], given[1]
    if word in OPERATORS:
        return _leaf(given)
    if len(given) != 2:
        raise InvalidParameter("filters", FORMS, given)
    if word in {"and", "or"}:
        return _joined(word, inner, depth=depth)
    if word not in {"not", "has_done", "has_not_done"}:
        raise InvalidParameter("filters", f"with an operator out of {', '.join(OPERATORS)}, or {FORMS}", word)
    condition = _condition(inner, depth=depth + 1)
    if word == "not":
        return Not(condition)
    return HasDone(condition) if word == "has_done" else Not(HasDone(condition))


def _joined(word: str, given: Any, *, depth: int) -> Condition:
    if not isinstance(given, list) or not given:
        raise InvalidParameter("filters", f'["{word}", [filters]] with at least one', given)
    conditions = tuple(_condition(each, depth=depth + 1) for each in given)
    return AllOf(conditions) if word == "and" else AnyOf(conditions)


def _leaf(given: Sequence[Any]) -> Filter:
    if not 3 <= len(given) <= 4:
        raise InvalidParameter("filters", "an operator, a dimension, a list of values and perhaps options", given)
    dimension, ignores_case = given[1], _ignores_case(given[3] if len(given) == 4 else {})
    clauses = given[2]
    if not isinstance(clauses, list) or not 1 <= len(clauses) <= MAX_CLAUSES:
        raise InvalidParameter("filters", f"with a list of 1 to {MAX_CLAUSES} values", clauses)
    if not all(isinstance(each, str) or (isinstance(each, int) and not isinstance(each, bool)) for each in clauses):
        raise InvalidParameter("filters", "with values that are texts", clauses)
    return filter_on(given[0], dimension, [str(each) for each in clauses], ignores_case=ignores_case)


def _ignores_case(options: Any) -> bool:
    if not isinstance(options, dict) or set(options) - {"case_sensitive"}:
        raise InvalidParameter("filters", 'with no options but {"case_sensitive": true or false}', options)
    value = options.get("case_sensitive", True)
    if not isinstance(value, bool):
        raise InvalidParameter("case_sensitive", "true or false", value)
    return not value


def filter_on(
    word: str, dimension: Any, values: Sequence[str], *, ignores_case: bool = False, has_stars: bool = False
) -> Filter:
    """One filter; `word` is one of Plausible's operators, and `is` may be given patterns with stars."""
    name, operator = trait_named(dimension, parameter="filters"), Operator(OPERATORS[word])
    if has_stars:
        operator = Operator.NOT_MATCHES if operator.is_negative else Operator.MATCHES
    if dimension == "visit:country_name":
        is_part = operator.positive is Operator.CONTAINS
        if operator.positive is Operator.MATCHES:
            raise InvalidParameter("filters", "without patterns of a country's name", ", ".join(values))
        values = country_codes(values, is_part=is_part, ignores_case=ignores_case)
        operator = Operator.IS_NOT if operator.is_negative else Operator.IS
    elif dimension == GOAL:
        _check_goals(values)
        ignores_case = False
    values = [asked(dimension, value) for value in values]
    if operator.positive is Operator.MATCHES and not has_stars:
        values = [pattern for value in values for pattern in patterns_of(value)]
    first, *more = values
    return Filter(name, first, operator, tuple(more), ignores_case)


def trait_named(dimension: Any, *, parameter: str) -> str:
    """This project's name of a dimension that is not time."""
    if dimension in TIMES:
        raise InvalidParameter(parameter, "of anything but time; `date_range` says which time is asked for", dimension)
    if isinstance(dimension, str):
        for known in (DIMENSIONS, PROPERTIES):
            if dimension in known:
                return known[dimension]
        if dimension.startswith(PROPS) and len(dimension) > len(PROPS):
            return DETAIL + dimension.removeprefix(PROPS)
    raise InvalidParameter(parameter, f"of dimensions out of {', '.join(DIMENSIONS)} or {PROPS}NAME", dimension)


def own_dimensions(names: Sequence[str]) -> tuple[str, ...]:
    """This project's names of dimensions, time among them."""
    own = tuple(name if name in TIMES else trait_named(name, parameter="dimensions") for name in names)
    if len(set(own)) < len(own):
        raise InvalidParameter("dimensions", "different dimensions", ", ".join(names), rule=Rule.TOGETHER)
    return own


def _check_goals(values: Sequence[str]) -> None:
    for value in values:
        if value not in conf.GOALS:
            rule = f"a goal of this site ({', '.join(conf.GOALS) or 'there is none'})"
            raise InvalidParameter(GOAL, rule, value, rule=Rule.UNKNOWN)
