"""Ask filters of the columns of closed days, where every one of them is about a trait that visits carry whole. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Final, TypeAlias

from visitors.rollups.columns import Column
from visitors.rollups.packed import Narrowing
from visitors.rollups.packing import AGE, KEYS

from .answers import UNKNOWN
from .conditions import AllOf, AnyOf, Condition, Filter, HasDone, Not, Operator
from .traits import Kind

Fits: TypeAlias = Callable[[Mapping[str, Column]], int]

# Column of a session -> name under which days keep it.
KEPT: Final[Mapping[str, str]] = {key.name: name for name, key in KEYS.items() if hasattr(key, "name")}


def narrowing_of(conditions: Sequence[Condition]) -> Narrowing | None:
    """`None` when only the facts can tell."""
    leaves = [leaf for condition in conditions for leaf in condition.leaves]
    if any(map(_has_done, conditions)) or not all(map(_is_kept, leaves)):
        return None
    names = {KEPT[leaf.trait.session] for leaf in leaves}
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
    is_plain = leaf.operator.positive is Operator.IS and not leaf.ignores_case
    return is_plain and leaf.trait.kind in {Kind.TEXT, Kind.NUMBER} and leaf.trait.session in KEPT


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
    name = KEPT[asked.trait.session]
    values = {"" if value == UNKNOWN else value for value in asked.values}
    numbers = {int(value) for value in values} if asked.trait.kind is Kind.NUMBER else set()
    is_negative = asked.operator.is_negative

    def fits(columns: Mapping[str, Column]) -> int:
        column = columns[name]
        wanted = numbers or {place for place, text in enumerate(column.texts) if text in values}
        found = int.from_bytes(_flags(column.numbers, wanted), "little")
        return _every(columns) ^ found if is_negative else found

    return fits


def _flags(numbers: Sequence[int], wanted: set[int]) -> bytes:
    if isinstance(numbers, bytes):
        return numbers.translate(bytes(number in wanted for number in range(256)))
    return bytes(map(wanted.__contains__, numbers))
