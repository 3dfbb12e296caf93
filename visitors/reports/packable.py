"""Ask filters of the columns of closed days, where every one of them is about a trait that visits carry whole. Pure."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Final, TypeAlias

from visitors.rollups.columns import Column
from visitors.rollups.dimensions import GOAL
from visitors.rollups.packed import Narrowing
from visitors.rollups.packing import AGE, DID, KEY, KEYS, MARKS, OF, SEEN

from .answers import UNKNOWN
from .conditions import AllOf, AnyOf, Condition, Filter, HasDone, Not, Operator
from .traits import Kind

Fits: TypeAlias = Callable[[Mapping[str, Column]], int]

# Column of a session -> name under which days keep it.
KEPT: Final[Mapping[str, str]] = {key.name: name for name, key in {**KEYS, **MARKS}.items() if hasattr(key, "name")}
# Trait of what a visit did -> what days keep of that.
WHAT_VISITS_DID: Final[Mapping[str, str]] = {"page": SEEN, "act": DID}


def narrowing_of(conditions: Sequence[Condition]) -> Narrowing | None:
    """`None` when only the facts can tell."""
    leaves = [leaf for condition in conditions for leaf in condition.leaves]
    if any(map(_has_done, conditions)) or not all(map(_is_kept, leaves)):
        return None
    names = {name for leaf in leaves for name in _names(leaf)}
    return Narrowing(frozenset({AGE, *names}), _all(conditions))


def _has_done(condition: Condition) -> bool:
    match condition:
        case HasDone():
            return True
        case AllOf() | AnyOf():
            return any(map(_has_done, condition.conditions))
        case Not():
            return _has_done(condition.condition)
    return False


def _is_kept(leaf: Filter) -> bool:
    """Patterns and letters of either case are left to the databases."""
    is_plain = leaf.operator.positive is not Operator.MATCHES and not leaf.ignores_case
    return is_plain and bool(_names(leaf))


def _names(leaf: Filter) -> tuple[str, ...]:
    if kept := WHAT_VISITS_DID.get(leaf.trait.name):
        return f"{kept}{KEY}", f"{kept}{OF}"
    if leaf.trait.kind is Kind.NAMES:
        return (GOAL,)
    return (KEPT[leaf.trait.session],) if leaf.trait.session in KEPT else ()


def _fits(condition: Condition) -> Fits:
    match condition:
        case AllOf():
            return _all(condition.conditions)
        case AnyOf():
            some = [_fits(each) for each in condition.conditions]
            return lambda columns: reduce(or_, (fits(columns) for fits in some))
        case Not():
            fits = _fits(condition.condition)
            return lambda columns: _every(columns) ^ fits(columns)
        case Filter():
            return _filter(condition)
    raise LookupError("what was done is asked of the facts")


def _all(conditions: Sequence[Condition]) -> Fits:
    every = [_every, *map(_fits, conditions)]
    return lambda columns: reduce(and_, (fits(columns) for fits in every))


def _every(columns: Mapping[str, Column]) -> int:
    return int.from_bytes(b"\1" * len(columns[AGE].numbers), "little")


def _filter(asked: Filter) -> Fits:
    name, *of = _names(asked)
    fitting = _fitting(asked)

    def fits(columns: Mapping[str, Column]) -> int:
        wanted = fitting(columns[name])
        if of:
            flags = _flags_of_those(columns[name].numbers, columns[of[0]].numbers, wanted, len(columns[AGE].numbers))
        else:
            flags = _flags(columns[name].numbers, wanted)
        found = int.from_bytes(flags, "little")
        return _every(columns) ^ found if asked.operator.is_negative else found

    return fits


def _fitting(asked: Filter) -> Callable[[Column], set[int]]:
    """Which numbers of a column fit."""
    values = {"" if value == UNKNOWN else value for value in asked.values}
    if asked.trait.kind is Kind.NUMBER:
        numbers = {int(value) for value in values}
        return lambda _: numbers
    does_fit = _goal_fits if asked.trait.kind is Kind.NAMES else _text_fits[asked.operator.positive]
    return lambda column: {place for place, text in enumerate(column.texts) if does_fit(text, values)}


def _goal_fits(goals: str, values: set[str]) -> bool:
    """The names of the goals that a visit reached; "" is asked for where it reached none."""
    reached = json.loads(goals)
    return not values.isdisjoint(reached or {""})


_text_fits: Final[Mapping[Operator, Callable[[str, set[str]], bool]]] = {
    Operator.IS: lambda text, values: text in values,
    Operator.CONTAINS: lambda text, values: any(value in text for value in values),
}


def _flags_of_those(keys: Sequence[int], visits: Sequence[int], wanted: set[int], count: int) -> bytes:
    """Of `count` visits, those beside a wanted key; equal keys lie together, in order."""
    flags = bytearray(count)
    for key in wanted:
        for visit in visits[bisect_left(keys, key) : bisect_right(keys, key)]:
            flags[visit] = 1
    return bytes(flags)


def _flags(numbers: Sequence[int], wanted: set[int]) -> bytes:
    if isinstance(numbers, bytes):
        return numbers.translate(bytes(number in wanted for number in range(256)))
    return bytes(map(wanted.__contains__, numbers))
