"""Say which visits are asked for: filters, joined by and, or, not and "has done". Pure: the database comes later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from visitors.details import DETAIL_LIMIT
from visitors.exceptions import InvalidParameter, Rule

from .traits import DETAIL, TRAITS, Fact, Kind, Trait, trait_of
from .wildcards import stars_of

MAX_VALUE: Final = DETAIL_LIMIT  # characters; nothing that is kept is longer
MAX_VALUES: Final = 100  # of one filter
MAX_FILTERS: Final = 40  # of one question
MAX_DEPTH: Final = 6


class Operator(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    MATCHES = "matches"
    NOT_MATCHES = "not_matches"

    @property
    def is_negative(self) -> bool:
        return self in NEGATED

    @property
    def positive(self) -> Operator:
        return NEGATED.get(self, self)


NEGATED: Final = {
    Operator.IS_NOT: Operator.IS,
    Operator.NOT_CONTAINS: Operator.CONTAINS,
    Operator.NOT_MATCHES: Operator.MATCHES,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """`name` is a trait; one of the values must fit, or none for the negative operators. The value `(unknown)` stands
    for visits that do not say. Raises `InvalidParameter` for what the trait cannot be asked."""

    name: str
    value: str
    operator: Operator = Operator.IS
    more: tuple[str, ...] = ()
    ignores_case: bool = False  # of the 26 letters of ASCII

    def __post_init__(self) -> None:
        trait = self.trait
        if not trait.takes_patterns and self.operator.positive is not Operator.IS:
            raise InvalidParameter(self.name, "asked with `is` or `is_not`", self.operator.value)
        if len(self.more) >= MAX_VALUES:
            raise InvalidParameter(self.name, f"given at most {MAX_VALUES} values", len(self.values))
        for value in self.values:
            _check_value(self, trait, value)

    @property
    def values(self) -> tuple[str, ...]:
        return (self.value, *self.more)

    @property
    def trait(self) -> Trait:
        found = trait_of(self.name)
        if found is None:
            raise InvalidParameter("filter", f"one of {', '.join(TRAITS)} or {DETAIL}NAME", self.name)
        return found

    @property
    def leaves(self) -> tuple[Filter, ...]:
        return (self,)


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple[Condition, ...]

    @property
    def leaves(self) -> tuple[Filter, ...]:
        return _leaves(self.conditions)


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        if not self.conditions:
            raise InvalidParameter("or", "a list of at least one filter", "[]")

    @property
    def leaves(self) -> tuple[Filter, ...]:
        return _leaves(self.conditions)


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition

    @property
    def leaves(self) -> tuple[Filter, ...]:
        return self.condition.leaves


@dataclass(frozen=True, slots=True)
class HasDone:
    """Visits with one page view or one interaction to which all of the condition applies."""

    condition: Condition

    def __post_init__(self) -> None:
        if not self.leaves:
            raise InvalidParameter("has_done", "about a page view, an interaction or a goal", "nothing")
        _ = self.fact

    @property
    def leaves(self) -> tuple[Filter, ...]:
        return self.condition.leaves

    @property
    def fact(self) -> Fact:
        """What was done; raises `InvalidParameter` when that is of two kinds. A goal is known of the session."""
        traits = [leaf.trait for leaf in self.leaves]
        for fact in (Fact.PAGE_VIEW, Fact.INTERACTION):
            if all(trait.column(fact) and trait.owner is not Fact.SESSION for trait in traits):
                return fact
        if all(trait.kind is Kind.NAMES for trait in traits):
            return Fact.SESSION
        names = ", ".join(dict.fromkeys(leaf.name for leaf in self.leaves))
        raise InvalidParameter("has_done", "about one page view, one interaction or goals alone", names)


@dataclass(frozen=True, slots=True)
class SameRow(HasDone):
    """One page view or interaction to which all of the condition applies: the row itself where such rows are counted,
    else visits that have one."""


Condition: TypeAlias = Filter | AllOf | AnyOf | Not | HasDone


def check_size(conditions: tuple[Condition, ...]) -> None:
    """Raises `InvalidParameter` for more filters than a question may have."""
    count = len(_leaves(conditions))
    if count > MAX_FILTERS:
        raise InvalidParameter("filters", f"at most {MAX_FILTERS}", count, rule=Rule.LANGUAGE)


def each_filter(conditions: tuple[Condition, ...]) -> Iterator[Filter]:
    for condition in conditions:
        yield from condition.leaves


def _leaves(conditions: tuple[Condition, ...]) -> tuple[Filter, ...]:
    return tuple(each_filter(conditions))


def _check_value(asked: Filter, trait: Trait, value: str) -> None:
    if len(value) > MAX_VALUE or "\0" in value or not _is_unicode(value):
        raise InvalidParameter(asked.name, f"at most {MAX_VALUE} characters of Unicode without NUL", value)
    if trait.kind is Kind.NUMBER and not (
        value.isascii() and value.isdigit() and len(value) < 4 and trait.least <= int(value) <= trait.most
    ):
        raise InvalidParameter(asked.name, f"a whole number between {trait.least} and {trait.most}", value)
    if asked.operator.positive is Operator.CONTAINS and not value:
        raise InvalidParameter(asked.name, "given a text that is contained", value)
    if asked.operator.positive is Operator.MATCHES:
        stars_of(value, name=asked.name)


def _is_unicode(value: str) -> bool:
    """JSON can carry halves of a character, which no database takes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
