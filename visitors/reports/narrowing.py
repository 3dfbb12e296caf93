"""Turn conditions into database conditions that mean the same on every database, and never join two facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, CharField, F, Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable, Expression
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, StrIndex
from django.db.models.lookups import GreaterThan
from django.db.models.sql.compiler import SQLCompiler

from visitors.models import PageView, VisitorInteraction, VisitorSession

from .answers import UNKNOWN
from .conditions import AllOf, AnyOf, Condition, Filter, HasDone, Not, Operator, SameRow
from .periods import Period
from .traits import DETAIL, Fact, Kind, Trait
from .wildcards import Wildcards, stars_of

EVERY: Final = Q()
ONE_DAY: Final = timedelta(days=1)


def facts_of(fact: Fact, period: Period) -> QuerySet[Any]:
    """Rows of the period, of people, bots and the owner alike; of a running one up to now."""
    model, moment = {
        Fact.SESSION: (VisitorSession, "started_at"),
        Fact.PAGE_VIEW: (PageView, "viewed_at"),
        Fact.INTERACTION: (VisitorInteraction, "occurred_at"),
    }[fact]
    rows: QuerySet[Any] = model._default_manager.filter(day__gte=period.start, day__lt=period.end).order_by()
    if period.since:
        rows = rows.filter(**{f"{moment}__gte": period.since})
    return rows.filter(**{f"{moment}__lte": period.until}) if period.until else rows


def first_day() -> date | None:
    """The local day of the first visit; `None` before it."""
    return VisitorSession.objects.order_by("day").values_list("day", flat=True).first()


def condition_of(conditions: Iterable[Condition], *, fact: Fact, period: Period) -> Q:
    """What a row must fulfil. Where the fact carries a trait, the row itself is asked; otherwise its visit is."""
    return _all(tuple(conditions), fact, period)


def _condition(condition: Condition, fact: Fact, period: Period) -> Q:
    match condition:
        case AllOf():
            return _all(condition.conditions, fact, period)
        case AnyOf():
            return reduce(or_, (_condition(each, fact, period) for each in condition.conditions))
        case Not():
            return ~_condition(condition.condition, fact, period)
        case SameRow() if _is_own(condition, fact):
            return _condition(condition.condition, fact, period)
        case HasDone():
            return _of_visit(fact, _did(condition, period))
        case Filter():
            return _filter(condition, fact, period)


def _all(conditions: tuple[Condition, ...], fact: Fact, period: Period) -> Q:
    """What is known of the visit alone is asked in one question, however many filters it has."""
    own = [each for each in conditions if _is_own(each, fact)]
    visit = tuple(each for each in conditions if not _is_own(each, fact))
    found = reduce(and_, (_condition(each, fact, period) for each in own), EVERY)
    if not visit:
        return found
    if fact is Fact.SESSION or len(visit) == 1 or any(_has_own(each, fact) for each in visit):
        return reduce(and_, (_condition(each, fact, period) for each in visit), found)
    around = _around(period)
    sessions = facts_of(Fact.SESSION, around).filter(_all(visit, Fact.SESSION, around))
    return found & _of_visit(fact, sessions.values("id"))


def _is_own(condition: Condition, fact: Fact) -> bool:
    is_of_row = isinstance(condition, SameRow) or not isinstance(condition, HasDone)
    return is_of_row and all(leaf.trait.column(fact) for leaf in condition.leaves)


def _has_own(condition: Condition, fact: Fact) -> bool:
    return not isinstance(condition, HasDone) and any(leaf.trait.column(fact) for leaf in condition.leaves)


def _around(period: Period) -> Period:
    """A visit may begin on the day before what it does in the period, and go on after its end: looked for within the
    period alone it would be missed, and one that is missed fits every "not". It is judged as a whole, also where the
    period ends while it went on."""
    return Period(period.start - ONE_DAY, period.end + ONE_DAY)


def _did(condition: HasDone, period: Period) -> QuerySet[Any]:
    """Ids of the visits that did it."""
    fact, around = condition.fact, _around(period)
    rows = facts_of(fact, around).filter(_condition(condition.condition, fact, around))
    return rows.values("id" if fact is Fact.SESSION else "session_id")


def _of_visit(fact: Fact, ids: QuerySet[Any]) -> Q:
    return Q(id__in=ids) if fact is Fact.SESSION else Q(session_id__in=ids)


def _filter(asked: Filter, fact: Fact, period: Period) -> Q:
    trait = asked.trait
    if trait.column(fact):
        found = _fits(asked, trait, trait.column(fact), period)
    else:
        around = _around(period)
        rows = facts_of(trait.owner, around).filter(_fits(asked, trait, trait.column(trait.owner), around))
        found = _of_visit(fact, rows.values("id" if trait.owner is Fact.SESSION else "session_id"))
    return ~found if asked.operator.is_negative else found


def _fits(asked: Filter, trait: Trait, column: str, period: Period) -> Q:
    values = tuple("" if value == UNKNOWN else value for value in asked.values)
    if trait.kind is Kind.NUMBER:
        numbers = {int(value) for value in values}
        return Q(day__in=_days(period, numbers)) if trait.name == "weekday" else Q(**{f"{column}__in": numbers})
    if trait.kind is Kind.NAMES:
        return reduce(or_, map(_reached, values))
    place: Combinable = detail(trait) if trait.kind is Kind.DETAIL else F(column)
    if asked.ignores_case:
        place, values = AsciiLower(place), tuple(map(_ascii_lower, values))
    if asked.operator.positive is Operator.IS:
        return _is(place, column, values)
    test: Callable[[Combinable, str], Q] = _contains if asked.operator.positive is Operator.CONTAINS else _matches
    return reduce(or_, (test(place, value) for value in values))


def _is(place: Combinable, column: str, values: tuple[str, ...]) -> Q:
    if isinstance(place, F):
        return Q(**{f"{column}__in": values}) if len(values) > 1 else Q(**{column: values[0]})
    return reduce(or_, (_matches_whole(place, Wildcards((value,), has_slashes=True)) for value in values))


def _contains(place: Combinable, value: str) -> Q:
    return Q(GreaterThan(StrIndex(place, Value(value)), 0))


def _matches(place: Combinable, pattern: str) -> Q:
    stars = stars_of(pattern, name="pattern")
    found = _matches_whole(place, stars)
    excess = stars.too_many_slashes
    return found & ~_matches_whole(place, excess) if excess else found


def _matches_whole(place: Combinable, stars: Wildcards) -> Q:
    return Q(Fits(place, Value(stars.like), Value(stars.glob)))


def _days(period: Period, weekdays: set[int]) -> list[date]:
    days = (period.start + timedelta(days=number) for number in range(period.days))
    return [day for day in days if day.isoweekday() in weekdays]


def _reached(goal: str) -> Q:
    """In the stored text of the list: databases differ in how they write letters beyond ASCII, so both ways."""
    if not goal:
        return Q(is_converted=False)
    text = Cast("converted_goals", TextField())
    written = {json.dumps(goal), json.dumps(goal, ensure_ascii=False)}
    return Q(is_converted=True) & reduce(or_, (_contains(text, each) for each in sorted(written)))


def detail(trait: Trait) -> Expression:
    """The detail as text; "" for acts without it."""
    key = KeyTextTransform(trait.name.removeprefix(DETAIL), "details")
    return Coalesce(Cast(key, TextField()), Value(""), output_field=TextField())


def _ascii_lower(value: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in value)


class AsciiLower(Func):
    """SQLite lowers the letters of ASCII alone; so does PostgreSQL by the rules of C."""

    function = "LOWER"
    output_field = CharField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='LOWER(%(expressions)s COLLATE "C")', **context)


class Fits(Func):
    """A text fits a pattern, given for `LIKE` and for `GLOB`: the `LIKE` of SQLite takes A for a."""

    arity = 3
    output_field = BooleanField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:  # type: ignore[override]
        text, like, glob = self.source_expressions
        is_sqlite = connection.vendor == "sqlite"
        pair = Func(text, glob if is_sqlite else like, output_field=self.output_field)
        joiner = " GLOB " if is_sqlite else " LIKE "
        return pair.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=joiner)
