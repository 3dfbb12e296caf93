"""Read the sums of one part of a question, by its dimensions: from the rollup where it knows them, else from facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

from django.db.models import Count, F, Q, QuerySet

from visitors.exceptions import InvalidParameter, Rule
from visitors.querysets import streamed
from visitors.reports.answers import UNKNOWN
from visitors.reports.conditions import Filter
from visitors.reports.narrowing import condition_of, detail, facts_of
from visitors.reports.sums import Split
from visitors.reports.traits import Fact, Kind, Trait, trait_of
from visitors.rollups.totals import ACT_SUMS, PAGE_SUMS, SESSION_SUMS

from .formulas import Part, column_name
from .language import HOUR, MINUTE, TIMES, Query
from .moments import label_of_day, label_of_hour, label_of_number, number_of
from .rolled import rolled

Key: TypeAlias = tuple[str | int, ...]
Table: TypeAlias = dict[Key, list[int]]  # sums in the order of their names

MAX_ROWS: Final = 100_000
SUMS: Final[dict[Fact, dict[str, Any]]] = {
    Fact.SESSION: SESSION_SUMS,
    Fact.PAGE_VIEW: PAGE_SUMS | {"sessions": Count("session_id", distinct=True)},
    Fact.INTERACTION: ACT_SUMS,
}
MOMENTS: Final = {Fact.SESSION: "started_at", Fact.PAGE_VIEW: "viewed_at", Fact.INTERACTION: "occurred_at"}


def table_of(part: Part, query: Query, names: Sequence[str], *, days: Split | None = None) -> Table:
    """Sums by key. Visitors of several days are the sum of daily ones. Raises `InvalidParameter` for more rows than an
    answer can hold. `days` are those that rollups know. One query of the facts; with the dimension `goal` one more for
    each goal."""
    known = rolled(part, query, names, days)
    rows = _labelled(known, query) if known is not None else _read(part, query, names)
    table: Table = {}
    for key, sums in rows:
        found = table.get(key)
        if found is None:
            if len(table) >= MAX_ROWS:
                rule = f"such that at most {MAX_ROWS:,} rows come of them"
                raise InvalidParameter("dimensions", rule, "more", rule=Rule.TOGETHER)
            table[key] = list(sums)
        else:
            for place, number in enumerate(sums):
                found[place] += number
    return table


def _labelled(rows: Iterable[tuple[date, dict[str, str], tuple[int, ...]]], query: Query) -> Iterator[tuple[Key, Any]]:
    for day, values, sums in rows:
        yield tuple(_of_day(name, day, values, query) for name in query.dimensions), sums


def _of_day(name: str, day: date, values: dict[str, str], query: Query) -> str | int:
    if name == HOUR:
        return label_of_hour(day, int(values["hour"]))
    if name in TIMES:
        return label_of_day(day, unit=name, period=query.period)
    if name == "weekday":
        return day.isoweekday()
    return int(values[name]) if name == "hour" else values[name] or UNKNOWN


def _read(part: Part, query: Query, names: Sequence[str]) -> Iterator[tuple[Key, Sequence[int]]]:
    rows = _narrowed(part, query, names)
    if "goal" not in query.dimensions:
        yield from _grouped(rows, part, query, names, goal="")
        return
    reached = {goal for (goals,) in rows.values_list("converted_goals").distinct() for goal in goals}
    for goal in sorted(reached):
        some = rows.filter(condition_of([Filter("goal", goal)], fact=Fact.SESSION, period=query.period))
        yield from _grouped(some, part, query, names, goal=goal)


def _narrowed(part: Part, query: Query, names: Sequence[str]) -> QuerySet[Any]:
    fact = part.fact
    rows = facts_of(fact, query.period).filter(condition_of(query.filters, fact=fact, period=query.period))
    rows = rows.filter(Q(is_human=True) | Q(is_bot=True) if "bots" in names else Q(is_human=True))
    if fact is Fact.PAGE_VIEW:
        rows = rows.filter(status__lt=400)
    if part in {Part.ENTRY, Part.EXIT}:
        rows = rows.filter(page_views_count__gte=1)
    for name in query.dimensions:
        trait = None if name in TIMES else trait_of(column_name(name, part))
        if trait is not None and trait.is_optional and trait.kind is Kind.TEXT:
            rows = rows.exclude(**{trait.column(fact): ""})
    return rows


def _grouped(
    rows: QuerySet[Any], part: Part, query: Query, names: Sequence[str], *, goal: str
) -> Iterator[tuple[Key, Sequence[int]]]:
    """The columns are aliased, so that no name meets a column of the same name."""
    columns: dict[str, Any] = {}
    if "visitors" in names or any(_needs_day(name, part) for name in query.dimensions):
        columns["_day"] = F("day")
    readers = [_reader(name, part, query, columns, goal) for name in query.dimensions]
    places = {name: place for place, name in enumerate(columns)}
    sums = {f"_{name}_sum": SUMS[part.fact][name] for name in names}
    if columns:
        found = streamed(rows.annotate(**columns).values_list(*columns).annotate(**sums))
    else:
        found = iter([tuple(rows.aggregate(**sums).values())])
    for row in found:
        values = {name: row[place] for name, place in places.items()}
        yield tuple(read(values) for read in readers), row[len(columns) :]


def _needs_day(name: str, part: Part) -> bool:
    if name in TIMES:
        return name != MINUTE and not (name == HOUR and part.fact is not Fact.SESSION)
    return name == "weekday"


def _reader(
    name: str, part: Part, query: Query, columns: dict[str, Any], goal: str
) -> Callable[[dict[str, Any]], str | int]:
    """How a value of the dimension is read from a row; adds the columns that it needs."""
    fact = part.fact
    if name == MINUTE or (name == HOUR and fact is not Fact.SESSION):
        columns["_number"] = number_of(MOMENTS[fact], unit=name, period=query.period)
        return lambda row: label_of_number(row["_number"], unit=name)
    if name in {HOUR, "hour"}:
        columns["_hour"] = F("hour")
        return (lambda row: label_of_hour(row["_day"], row["_hour"])) if name == HOUR else lambda row: row["_hour"]
    if name in TIMES:
        return lambda row: label_of_day(row["_day"], unit=name, period=query.period)
    if name == "weekday":
        return lambda row: row["_day"].isoweekday()
    if name == "goal":
        return lambda _: goal
    return _text_reader(trait_of(column_name(name, part)), fact, columns)


def _text_reader(trait: Trait | None, fact: Fact, columns: dict[str, Any]) -> Callable[[dict[str, Any]], str]:
    if trait is None:
        raise LookupError("a dimension without a column")
    alias = f"_text{len(columns)}"
    columns[alias] = detail(trait) if trait.kind is Kind.DETAIL else F(trait.column(fact))
    return lambda row: row[alias] or UNKNOWN
