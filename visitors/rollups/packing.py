"""Write the visits of one closed day column by column, with their pages and acts: what filters are asked of.

Nothing here says whose a visit was: visitors are numbered anew each day. A page or act of a visit that began earlier
brings that visit along, with its age in days.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from sys import intern
from typing import Any, Final, TypeAlias

from django.db.models import Aggregate, Case, Count, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from visitors.models import DayColumn, PageView, VisitorInteraction, VisitorSession
from visitors.querysets import CHUNK, Facts, streamed

from .columns import Column, column_of_texts, encode
from .dimensions import ACT, ACT_KEYS, GOAL, SESSION_DIMENSIONS
from .raw import FunnelDepths
from .totals import PAGE_SUMS, SESSION_SUMS

VISIT: Final = "visit "
VIEW: Final = "view "
LOST: Final = "not found "
DONE: Final = "act "
SUM: Final = "+"  # before the name of a sum: what each row adds to it
AGE: Final = "age"
VISITOR: Final = "visitor"
OF: Final = "of"  # the place of a page's or act's visit
PATH: Final = "path"
TITLE: Final = "title"
STATUS: Final = "status"
STEPS: Final = "steps "  # before the fingerprint of a funnel: how many a visit took
PEOPLE: Final = f"{SUM}sessions"
# What visits did, each once: places of visits beside paths or kinds of acts, in the order of these. Not of the day's
# visits one by one, so that they are longer or shorter than other columns.
SEEN: Final = "seen "
DID: Final = "did "
KEY: Final = "key"
# Of its visit, that a page or act carries itself: asked most, and found without looking the visit up.
COPIED: Final = ("source", "channel", "country", "device")
VISITS_AT_ONCE: Final = 500

KEYS: Final[Mapping[str, Any]] = {name: key for name, key in SESSION_DIMENSIONS.items() if key is not None}
# What visits are asked for and days are not divided by.
MARKS: Final[Mapping[str, Any]] = {name: F(name) for name in ("application", "label", "referrer")}
Table: TypeAlias = dict[str, list[Any]]


def pack(day: date, depths: FunnelDepths) -> Iterator[DayColumn]:
    """Four queries, and three for each 500 visits that began earlier or ended later. `depths` are of people's visits of
    the day."""
    end = day + timedelta(days=1)
    views = _read(PageView.objects.in_days(day, end), _of_views())
    acts = _read(VisitorInteraction.objects.in_days(day, end), {OF: F("session_id"), **ACT_KEYS})
    visits = _visits(day, known={*views[OF], *acts[OF]})
    ids = visits.pop("id")
    places = {visit: place for place, visit in enumerate(ids)}
    for fingerprint, by_visit in depths.items():
        visits[f"{STEPS}{fingerprint}"] = [by_visit.get(visit, 0) for visit in ids]
    over_midnight = _over_midnight(day, [visit for visit, age in zip(ids, visits[AGE], strict=True) if age])
    for name, column, facts, model in ((SEEN, PATH, views, PageView), (DID, ACT, acts, VisitorInteraction)):
        visits |= _did(name, zip(facts[column], facts[OF], strict=True), _elsewhere(model, over_midnight, day), places)
    views, lost = (_with_visits(table, visits, places, by=PATH) for table in _halves(views))
    acts = _with_visits(acts, visits, places, by=ACT)
    for kind, table in ((VISIT, visits), (VIEW, views), (LOST, lost), (DONE, acts)):
        for name, values in table.items():
            yield DayColumn(day=day, name=f"{kind}{name}", data=encode(_column(values)))


def _over_midnight(day: date, earlier: Iterable[int]) -> list[int]:
    """Visits that did something on another day too."""
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()), timezone.get_default_timezone())
    later = VisitorSession.objects.filter(day=day, last_activity_at__gte=end).order_by().values_list("id", flat=True)
    return [*earlier, *later]


def _elsewhere(model: type[PageView] | type[VisitorInteraction], visits: Sequence[int], day: date) -> Iterator[Any]:
    """What they did on other days: path or kind, and whose it was."""
    key = "path" if model is PageView else "kind"
    for start in range(0, len(visits), VISITS_AT_ONCE):
        rows = model._default_manager.filter(session_id__in=visits[start : start + VISITS_AT_ONCE]).exclude(day=day)
        yield from rows.order_by().values_list(key, "session_id")


def _did(name: str, here: Iterable[Any], elsewhere: Iterable[Any], places: Mapping[int, int]) -> Table:
    pairs = sorted({(key, places[visit]) for key, visit in chain(here, elsewhere) if visit in places})
    return {f"{name}{KEY}": [key for key, _ in pairs], f"{name}{OF}": [place for _, place in pairs]}


def per_row(aggregate: Aggregate) -> Any:
    """What one row adds to a sum or a count."""
    (value, *_), only = aggregate.get_source_expressions(), _only(aggregate)
    if isinstance(aggregate, Count):
        return Case(When(only & Q(**{f"{value.name}__isnull": False}), then=Value(1)), default=Value(0))
    added = Coalesce(value, Value(0), output_field=IntegerField())
    return Case(When(only, then=added), default=Value(0)) if only else added


def _only(aggregate: Aggregate) -> Q:
    """Django 5 keeps the condition bare, Django 6 within an expression."""
    kept: Any = aggregate.filter
    return Q() if kept is None else getattr(kept, "condition", kept)


def _of_visits() -> dict[str, Any]:
    return {"id": F("id"), AGE: F("day"), GOAL: F("converted_goals"), **KEYS, **MARKS, **_sums(SESSION_SUMS)}


def _of_views() -> dict[str, Any]:
    keys = {PATH: F("path"), TITLE: F("title"), STATUS: F("status")}
    return {OF: F("session_id"), **keys, **_sums(PAGE_SUMS)}


def _sums(sums: Mapping[str, Any]) -> dict[str, Any]:
    """Visitors are told apart by their number."""
    return {f"{SUM}{name}": per_row(sum_) for name, sum_ in sums.items() if name != "visitors"}


def _visits(day: date, *, known: Iterable[int]) -> Table:
    visits = VisitorSession.objects
    table = _read(visits.in_days(day, day + timedelta(days=1)), _of_visits())
    before = sorted({*known} - {*table["id"]})
    for start in range(0, len(before), VISITS_AT_ONCE):
        more = _read(visits.filter(id__in=before[start : start + VISITS_AT_ONCE], day__lt=day), _of_visits())
        for name, values in more.items():
            table[name] += values
    table[AGE] = [(day - began).days for began in table[AGE]]
    table[GOAL] = [json.dumps(goals) for goals in table[GOAL]]
    return table


def _read(facts: Facts, columns: Mapping[str, Any]) -> Table:
    """Each text is kept once: rows bring their own copies, which would take most of the memory."""
    aliases = {f"_c{number}": expression for number, expression in enumerate(columns.values())}
    rows = streamed(facts.order_by("id").annotate(**aliases).values_list("visitor_id", *aliases))
    table: Table = {name: [] for name in (VISITOR, *columns)}
    while some := list(islice(rows, CHUNK)):
        for values, more in zip(table.values(), zip(*some, strict=True), strict=True):
            values.extend(map(intern, more) if isinstance(more[0], str) else more)
    numbers: dict[int, int] = {}
    return table | {VISITOR: [numbers.setdefault(visitor, len(numbers)) for visitor in table[VISITOR]]}


def _halves(views: Table) -> tuple[Table, Table]:
    """Those found, and those not found."""
    status = views.pop(STATUS)
    shown = (place for place, code in enumerate(status) if code < 400)
    lost = (place for place, code in enumerate(status) if code == 404)
    return _rows(views, shown), _rows(views, lost)


def _with_visits(table: Table, visits: Table, places: Mapping[int, int], *, by: str) -> Table:
    """Rows of people's visits, and what they carry of them. No filter finds the others: those of bots, and those whose
    visit is gone. Sorted, so that the rows of a key lie together."""
    people, of = visits[PEOPLE], table[OF]
    kept = (place for place, visit in enumerate(of) if visit in places and people[places[visit]])
    table = _rows(table, sorted(kept, key=table[by].__getitem__))
    table[OF] = [places[visit] for visit in table[OF]]
    return table | {name: [visits[name][place] for place in table[OF]] for name in (AGE, *COPIED)}


def _rows(table: Table, places: Iterable[int]) -> Table:
    kept = list(places)
    return {name: [values[place] for place in kept] for name, values in table.items()}


def _column(values: list[Any]) -> Column:
    if values and isinstance(values[0], str):
        return column_of_texts(values)
    return Column(values)
