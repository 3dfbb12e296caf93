"""Add up what a filter leaves of closed days, from their columns: as `raw` adds up the facts, all keys of them."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import compress, repeat
from operator import itemgetter
from typing import Any, Final

from .dimensions import ENTRY, EXIT, GOAL, NOT_FOUND, PAGE, PAGES, WHOLE
from .packing import AGE, COPIED, DONE, LOST, OF, PATH, PEOPLE, STEPS, SUM, TITLE, VIEW, VISIT, VISITOR
from .raw import ByDay, ranking
from .totals import ActTotals, PageTotals, Sums, Totals, names_of
from .unpacking import Columns, stored_columns

ENDS: Final = {"entries": ENTRY, "exits": EXIT}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which columns of visits a filter reads, and which visits fit: a byte each, 0 or 1, all of them as one number, so
    that filters are joined for a whole day at once."""

    names: frozenset[str]
    fits: Callable[[Columns], int]

    @property
    def is_copied(self) -> bool:
        """Whether pages and acts carry all of it themselves."""
        return self.names <= {AGE, *COPIED}

    @property
    def names_beside(self) -> frozenset[str]:
        """Columns of pages and acts."""
        return self.names if self.is_copied else frozenset({AGE, OF})

    @property
    def names_of_visits(self) -> frozenset[str]:
        """Columns of visits that pages and acts need."""
        return frozenset() if self.is_copied else self.names

    def flags(self, columns: Columns) -> bytes:
        return self.fits(columns).to_bytes(len(columns[AGE].numbers), "little")


def session_sums(
    days: Sequence[date], narrowing: Narrowing, *, dimension: str, only: Sequence[str] = ()
) -> ByDay[Totals]:
    """Visits that began on each day. With `only`, the other sums are left 0."""
    asked = ranking(Totals, only)
    names = [name for name in asked if name != "visitors"]
    of_visitors = {VISITOR, PEOPLE} if "visitors" in asked else set()
    needed = {*narrowing.names, AGE, *of_visitors, *map(SUM.__add__, names), *({dimension} - {WHOLE})}
    by_day: ByDay[Totals] = {}
    for day, tables in stored_columns(days, {VISIT: needed}):
        visits = tables[VISIT]
        rows = _Rows(visits, _own(visits, narrowing), key=dimension)
        sums = {name: rows.sum(f"{SUM}{name}") for name in names}
        if of_visitors:
            sums["visitors"] = rows.where(PEOPLE).distinct(VISITOR)
        _put(by_day, day, rows.totals(Totals, sums))
    return by_day


def page_sums(
    days: Sequence[date], narrowing: Narrowing, *, dimension: str, since: date, only: Sequence[str] = ()
) -> ByDay[PageTotals]:
    """People's page views on each day, of visits that began no earlier than `since`. With `only`, the other sums are
    left 0."""
    asked = {*(only or names_of(PageTotals))} - ({"title", *ENDS} if dimension == PAGES else set())
    names = {"page_views", *asked} - {"visitors", "title", *ENDS}
    key = WHOLE if dimension == PAGES else PATH
    kind = LOST if dimension == NOT_FOUND else VIEW
    named = {name: of for name, of in (("visitors", VISITOR), ("title", TITLE)) if name in asked}
    needed = {*narrowing.names_beside, *named.values(), *map(SUM.__add__, names), *({key} - {WHOLE})}
    ends = {name: of for name, of in ENDS.items() if name in asked and dimension == PAGE}
    of_ends = {*narrowing.names, PEOPLE, f"{SUM}page_views", *ends.values()} if ends else set()
    by_day: ByDay[PageTotals] = {}
    for day, tables in stored_columns(days, {VISIT: {*narrowing.names_of_visits, *of_ends}, kind: needed}):
        visits, views = tables[VISIT], tables[kind]
        rows = _Rows(views, _beside(visits, views, narrowing, day=day, since=since), key=key)
        sums: dict[str, Mapping[int, Any]] = {name: rows.sum(f"{SUM}{name}") for name in names}
        if "visitors" in named:
            sums["visitors"] = rows.distinct(VISITOR)
        if "title" in named:
            sums["title"] = rows.last_text(TITLE)
        found = rows.totals(PageTotals, sums)
        for name, of in ends.items():
            _add_ends(found, visits, narrowing, of=of, name=name)
        _put(by_day, day, found)
    return by_day


def act_sums(
    days: Sequence[date], narrowing: Narrowing, *, dimension: str, since: date, only: Sequence[str] = ()
) -> ByDay[ActTotals]:
    """People's acts on each day by kind, or kind and target, of visits that began no earlier than `since`. With
    `only`, the other sums are left 0."""
    by_day: ByDay[ActTotals] = {}
    distinct = {name: of for name, of in {"visitors": VISITOR, "sessions": OF}.items() if not only or name in only}
    needed = {*narrowing.names_beside, *distinct.values(), dimension}
    for day, tables in stored_columns(days, {VISIT: narrowing.names_of_visits, DONE: needed}):
        acts = tables[DONE]
        rows = _Rows(acts, _beside(tables[VISIT], acts, narrowing, day=day, since=since), key=dimension)
        sums = {name: rows.distinct(of) for name, of in distinct.items()} | {"interactions": rows.count()}
        _put(by_day, day, rows.totals(ActTotals, sums))
    return by_day


def goal_sums(days: Sequence[date], narrowing: Narrowing) -> ByDay[ActTotals]:
    """People's visits by goal reached; a visit counts at each of its goals."""
    by_day: ByDay[ActTotals] = {}
    reached = f"{SUM}conversions"
    for day, tables in stored_columns(days, {VISIT: {*narrowing.names, AGE, VISITOR, GOAL, reached}}):
        visits = tables[VISIT]
        rows = _Rows(visits, _own(visits, narrowing), key=GOAL).where(reached)
        goals = list(map(json.loads, visits[GOAL].texts))
        pairs = [(goal, who) for place, who in zip(rows.keys, rows.pick(VISITOR), strict=True) for goal in goals[place]]
        visitors = Counter(goal for goal, _ in set(pairs))
        counts = Counter(goal for goal, _ in pairs)
        _put(by_day, day, {goal: ActTotals(visitors[goal], counts[goal]) for goal in counts})
    return by_day


def funnel_depths(days: Sequence[date], narrowing: Narrowing, fingerprint: str) -> dict[date, Counter[int]]:
    """People's visits by how many steps of a funnel they took and no more; 0 holds all of them. Days that do not know
    the funnel are left out."""
    by_day: dict[date, Counter[int]] = {}
    steps = f"{STEPS}{fingerprint}"
    for day, tables in stored_columns(days, {VISIT: {*narrowing.names, AGE, PEOPLE, steps}}):
        visits = tables[VISIT]
        if steps in visits:
            taken = by_day[day] = Counter(_Rows(visits, _own(visits, narrowing), key=steps).where(PEOPLE).keys)
            taken[0] = taken.total()
    return by_day


class _Rows:
    """Rows of one day's table that are left (a byte each, 0 or 1), divided by one of its columns or by none."""

    def __init__(self, columns: Columns, left: bytes, *, key: str = WHOLE) -> None:
        self._columns, self._left, self._key = columns, left, key

    def where(self, flag: str) -> _Rows:
        left = self._left_number & _number(self._flags(flag))
        return _Rows(self._columns, left.to_bytes(len(self._left), "little"), key=self._key)

    @cached_property
    def _left_number(self) -> int:
        return _number(self._left)

    @cached_property
    def keys(self) -> Sequence[int]:
        return self.pick(self._key) if self._key != WHOLE else ()

    @cached_property
    def _places(self) -> Sequence[int]:
        return list(compress(_places_within(len(self._left).bit_length()), self._left))

    @cached_property
    def _getter(self) -> Callable[[Sequence[int]], Sequence[int]]:
        places = self._places
        return itemgetter(*places) if len(places) > 1 else lambda numbers: [numbers[place] for place in places]

    @cached_property
    def _runs(self) -> dict[int, slice] | None:
        """Of a path, whose rows lie together, everything is a slice."""
        return _runs(self.keys) if self._key == PATH else None

    def pick(self, name: str) -> Sequence[int]:
        return self._getter(self._columns[name].numbers)

    def sum(self, name: str) -> Mapping[int, int]:
        is_flags = self._columns[name].is_flags
        if self._key == WHOLE and is_flags:
            return {0: (self._left_number & _number(self._flags(name))).bit_count()}
        values = self.pick(name)
        if self._key == WHOLE:
            return {0: sum(values)}
        if self._runs is not None:
            return {key: sum(values[run]) for key, run in self._runs.items()}
        if is_flags:
            return Counter(compress(self.keys, values))
        sums: defaultdict[int, int] = defaultdict(int)
        for key, value in zip(compress(self.keys, values), filter(None, values), strict=True):
            sums[key] += value
        return sums

    def _flags(self, name: str) -> bytes:
        """Whether a row has any of it."""
        numbers = self._columns[name].numbers
        return numbers if isinstance(numbers, bytes) and self._columns[name].is_flags else bytes(map(bool, numbers))

    def count(self) -> Mapping[int, int]:
        return Counter(self.keys)

    def distinct(self, name: str) -> Mapping[int, int]:
        if self._key == WHOLE:
            return {0: len(set(self.pick(name)))}
        if self._runs is not None:
            values = self.pick(name)
            return {key: len(set(values[run])) for key, run in self._runs.items()}
        # Most come under one key alone: of them no pair is made.
        values = self.pick(name)
        last = dict(zip(values, self.keys, strict=True))
        counts = Counter(last.values())
        others = {(key, value) for key, value in zip(self.keys, values, strict=True) if last[value] != key}
        counts.update(map(itemgetter(0), others))
        return counts

    def last_text(self, name: str) -> Mapping[int, str]:
        """By bytes, as databases compare."""
        texts = self._columns[name].texts
        last: dict[int, str] = {}
        for key, place in set(zip(self.keys, self.pick(name), strict=True)):
            last[key] = max(last.get(key, ""), texts[place], key=str.encode)
        return last

    def totals(self, shape: type[Sums], sums: Mapping[str, Mapping[int, Any]]) -> dict[str, Sums]:
        if not any(self._left):
            return {}
        if self._key == WHOLE:
            return {WHOLE: shape(**{name: values[0] for name, values in sums.items()})}
        texts, keys, nothing = self._columns[self._key].texts, set(self.keys), shape()
        values = [
            map(dict(sums[name]).get, keys, repeat(none)) if name in sums else repeat(none)
            for name, none in ((name, getattr(nothing, name)) for name in names_of(shape))
        ]
        return dict(zip(map(texts.__getitem__ if texts else str, keys), map(shape, *values), strict=True))


def _runs(keys: Sequence[int]) -> dict[int, slice]:
    runs: dict[int, slice] = {}
    start = 0
    while start < len(keys):
        end = bisect_right(keys, keys[start], start)
        runs[keys[start]] = slice(start, end)
        start = end
    return runs


def _own(visits: Columns, narrowing: Narrowing) -> bytes:
    """Which visits began on the day and fit."""
    return _joined(narrowing.flags(visits), _no_older(visits, 0))


def _beside(visits: Columns, rows: Columns, narrowing: Narrowing, *, day: date, since: date) -> bytes:
    """Which pages or acts are of a visit that fits; they are of people's visits alone."""
    near = _no_older(rows, (day - since).days)
    if narrowing.is_copied:
        return _joined(narrowing.flags(rows), near)
    fitting = list(narrowing.flags(visits))  # which is read faster than bytes
    return _joined(bytes(map(fitting.__getitem__, rows[OF].numbers)), near)


def _no_older(visits: Columns, days: int) -> bytes:
    ages = visits[AGE].numbers
    if isinstance(ages, bytes):
        return ages.translate(bytes(age <= days for age in range(256)))
    return bytes(age <= days for age in ages)


def _joined(one: bytes, other: bytes) -> bytes:
    return (_number(one) & _number(other)).to_bytes(len(one), "little")


def _number(flags: bytes) -> int:
    """All rows at once."""
    return int.from_bytes(flags, "little")


@lru_cache(maxsize=2)
def _places_within(bits: int) -> tuple[int, ...]:
    """Of a table of so many bits of rows: made once, since making the numbers takes longer than choosing among them."""
    return tuple(range(1 << bits))


def _add_ends(found: dict[str, PageTotals], visits: Columns, narrowing: Narrowing, *, of: str, name: str) -> None:
    """Visits that saw a page, by their first or last one."""
    seen = _Rows(visits, _own(visits, narrowing), key=of).where(PEOPLE).where(f"{SUM}page_views")
    for path, sums in seen.totals(PageTotals, {name: seen.count()}).items():
        found[path] = found.get(path, PageTotals()) + sums


def _put(by_day: ByDay[Sums], day: date, keys: dict[str, Sums]) -> None:
    if keys:
        by_day[day] = keys
