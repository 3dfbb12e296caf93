r"""Read filters: one as a text of an address, any tree of them as lists. Raises `InvalidParameter`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from .exceptions import InvalidParameter, Rule, breaking
from .reports.conditions import MAX_DEPTH
from .reports.scope import AllOf, AnyOf, Condition, Filter, HasDone, Not, Operator

MAX_NAME: Final = 60  # of a name that nobody knows, as it is told back
FILTER: Final = re.compile(
    r"(?P<done>has_done:|has_not_done:)?(?P<name>detail:[^:]*|[a-z_]+)"
    rf":(?P<operator>{'|'.join(Operator)}):(?P<values>.*)",
    re.DOTALL,
)
FILTER_FORM: Final = (
    "NAME:OPERATOR:VALUE, several values parted by |, such as source:is:LinkedIn|Google, or a list as JSON"
)
LEAF_FORM: Final = (
    'a list such as ["is", "source", ["LinkedIn"]], ["and", [...]], ["or", [...]], ["not", ...] or ["has_done", ...]'
)


@breaking(Rule.LANGUAGE)
def filter_of(text: str) -> Condition:
    r"""One filter, such as `page:contains:raft`, `source:is_not:Google|Bing` or `has_done:act:is:download`; a `|`
    within a value is written `\|`. A text that begins with `[` is a tree as JSON."""
    if text.startswith("["):
        return condition_in(_list_of(text), parameter="filter")
    found = FILTER.fullmatch(text)
    if found is None:
        raise InvalidParameter("filter", FILTER_FORM, text)
    first, *more = (value.replace("\\|", "|") for value in re.split(r"(?<!\\)\|", found["values"]))
    narrowed = Filter(found["name"], first, Operator(found["operator"]), tuple(more))
    match found["done"]:
        case "has_done:":
            return HasDone(narrowed)
        case "has_not_done:":
            return Not(HasDone(narrowed))
    return narrowed


@breaking(Rule.LANGUAGE)
def condition_in(given: object, *, parameter: str, depth: int = 1) -> Condition:
    """One filter as a list, and those within it; `parameter` is what a fault is told of."""
    if depth > MAX_DEPTH:
        raise InvalidParameter(parameter, f"at most {MAX_DEPTH} levels deep", "deeper")

    def inner(part: object) -> Condition:
        return condition_in(part, parameter=parameter, depth=depth + 1)

    match given:
        case ["and", [*parts]]:
            return AllOf(tuple(map(inner, parts)))
        case ["or", [*parts]]:
            return AnyOf(tuple(map(inner, parts)))
        case ["not", part]:
            return Not(inner(part))
        case ["has_done", part]:
            return HasDone(inner(part))
        case ["has_not_done", part]:
            return Not(HasDone(inner(part)))
        case [str(operator), str(name), [*values], *options] if operator in set(Operator) and len(options) < 2:
            minds_case = _minds_case(options[0], parameter) if options else True
            return _filter_in(Operator(operator), name, values, parameter, minds_case=minds_case)
    raise InvalidParameter(parameter, LEAF_FORM, given)


def _list_of(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidParameter("filter", FILTER_FORM, text) from None


def _filter_in(operator: Operator, name: str, values: Sequence[object], parameter: str, *, minds_case: bool) -> Filter:
    texts = [_value_in(value, parameter) for value in values]
    if not texts:
        raise InvalidParameter(parameter, f"given at least one value for {name[:MAX_NAME]}", "[]")
    return Filter(name, texts[0], operator, tuple(texts[1:]), ignores_case=not minds_case)


def _value_in(value: object, parameter: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
        return str(value)
    raise InvalidParameter(parameter, "given texts or whole numbers as values", value)


def _minds_case(options: object, parameter: str) -> bool:
    match options:
        case None:
            return True
        case {"case_sensitive": bool(minds), **rest} if not rest:
            return minds
    raise InvalidParameter(parameter, 'given {"case_sensitive": false} as the only option', options)
