"""Write the visits of one closed day column by column, with their pages and acts: what filters are asked of.

Nothing here says whose a visit was: visitors are numbered anew each day. A page or act of a visit that began earlier
brings that visit along, with its age in days.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

from django.db.models import Aggregate, Case, Count, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce

from visitors.models import DayColumn, PageView, VisitorInteraction, VisitorSession
from visitors.querysets import Facts

from .columns import Column, column_of_texts, encode
from .dimensions import ACT_KEYS, GOAL, NOT_FOUND, PAGE, SESSION_DIMENSIONS
from .totals import PAGE_SUMS, SESSION_SUMS

VISIT: Final = "visit "
VIEW: Final = "view "
DONE: Final = "act "
SUM: Final = "+"  # before the name of a sum: what each row adds to it
AGE: Final = "age"
VISITOR: Final = "visitor"
OF: Final = "of"  # the place of a page's or act's visit
TITLE: Final = "title"
CHUNK: Final = 500

KEYS: Final[Mapping[str, Any]] = {name: key for name, key in SESSION_DIMENSIONS.items() if key is not None}
Table: TypeAlias = dict[str, list[Any]]


def pack(day: date) -> Iterator[DayColumn]:
    """Four queries, and one for each 500 visits that began earlier."""
    end = day + timedelta(days=1)
    views = _read(PageView.objects.in_days(day, end).humans(), _of_views())
    acts = _read(VisitorInteraction.objects.in_days(day, end).humans(), {OF: F("session_id"), **ACT_KEYS})
    visits = _visits(day, known={*views[OF], *acts[OF]})
    places = {visit: place for place, visit in enumerate(visits.pop("id"))}
    for kind, table in ((VISIT, visits), (VIEW, _placed(views, places)), (DONE, _placed(acts, places))):
        for name, values in table.items():
            yield DayColumn(day=day, name=f"{kind}{name}", data=encode(_column(values)))


def per_row(aggregate: Aggregate) -> Any:
    """What one row adds to a sum or a count."""
    (value, *_), only = aggregate.get_source_expressions(), aggregate.filter or Q()
    if isinstance(aggregate, Count):
        return Case(When(only & Q(**{f"{value.name}__isnull": False}), then=Value(1)), default=Value(0))
    added = Coalesce(value, Value(0), output_field=IntegerField())
    return Case(When(only, then=added), default=Value(0)) if only else added


def _of_visits() -> dict[str, Any]:
    return {"id": F("id"), AGE: F("day"), GOAL: F("converted_goals"), **KEYS, **_sums(SESSION_SUMS)}


def _of_views() -> dict[str, Any]:
    found = Case(When(status__lt=400, then=Value(1)), default=Value(0))
    lost = Case(When(status=404, then=Value(1)), default=Value(0))
    keys = {"path": F("path"), TITLE: F("title"), PAGE: found, NOT_FOUND: lost}
    return {OF: F("session_id"), **keys, **_sums(PAGE_SUMS)}


def _sums(sums: Mapping[str, Any]) -> dict[str, Any]:
    """Visitors are told apart by their number."""
    return {f"{SUM}{name}": per_row(sum_) for name, sum_ in sums.items() if name != "visitors"}


def _visits(day: date, *, known: Iterable[int]) -> Table:
    visits = VisitorSession.objects
    table = _read(visits.in_days(day, day + timedelta(days=1)), _of_visits())
    before = sorted({*known} - {*table["id"]})
    for start in range(0, len(before), CHUNK):
        more = _read(visits.filter(id__in=before[start : start + CHUNK], day__lt=day), _of_visits())
        for name, values in more.items():
            table[name] += values
    table[AGE] = [(day - began).days for began in table[AGE]]
    table[GOAL] = [json.dumps(goals) for goals in table[GOAL]]
    return table


def _read(facts: Facts, columns: Mapping[str, Any]) -> Table:
    aliases = {f"_c{number}": expression for number, expression in enumerate(columns.values())}
    rows = list(facts.order_by("id").annotate(**aliases).values_list("visitor_id", *aliases))
    visitors, *found = map(list, zip(*rows, strict=True)) if rows else ([] for _ in range(len(columns) + 1))
    numbers: dict[int, int] = {}
    return {VISITOR: [numbers.setdefault(each, len(numbers)) for each in visitors]} | dict(
        zip(columns, found, strict=True)
    )


def _placed(table: Table, places: Mapping[int, int]) -> Table:
    """Without rows whose visit is gone or is yet to come: no filter finds them."""
    kept = [number for number, visit in enumerate(table[OF]) if visit in places]
    table = {name: [values[number] for number in kept] for name, values in table.items()}
    return table | {OF: [places[visit] for visit in table[OF]]}


def _column(values: list[Any]) -> Column:
    if values and isinstance(values[0], str):
        return column_of_texts(values)
    return Column(values)
