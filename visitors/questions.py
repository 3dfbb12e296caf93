"""Read a caller's question: each parameter by its rule, and none that nobody knows. Raises `InvalidParameter`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import QueryDict

from . import analytics_service as service
from .exceptions import InvalidParameter, Rule
from .questions_filters import MAX_NAME, filter_of
from .reports.filters import MAX_PAGE, MAX_PAGE_SIZE, PAGE_SIZE, Paging
from .reports.kept import as_kept, kept_whole
from .reports.periods import (
    DEFAULT_DAYS,
    MAX_DAYS,
    Comparison,
    Period,
    compared_with,
    period_between,
    period_named,
    period_of_days,
    whole_number,
)
from .reports.recruiters import MAX_SCORE
from .reports.scope import Condition, Scope
from .reports.session import LABELS

# What every report of a period may be asked with.
OF_PERIOD: Final = frozenset({"days", "period", "from", "to"})
OF_COMPARISON: Final = frozenset({"compare", "compare_from", "compare_to"})
OF_SCOPE: Final = OF_PERIOD | {"filter"}
REPEATED: Final = frozenset({"filter"})


@dataclass(frozen=True, slots=True)
class Window:
    """A period, the name that it was asked by ("" for days), and what it is compared with."""

    period: Period
    word: str = ""
    comparison: Comparison | None = None
    against: Period | None = None


def refuse_unknown(asked: QueryDict, *, known: frozenset[str]) -> None:
    """A misspelt parameter would be answered as if it had not been there, and one given twice by its last value."""
    for name in sorted(asked):
        if name not in known:
            raise InvalidParameter(
                name[:MAX_NAME], f"left out: the parameters are {', '.join(sorted(known)) or 'none'}", asked[name]
            )
        if len(asked.getlist(name)) > 1 and name not in REPEATED:
            raise InvalidParameter(name, "given once", len(asked.getlist(name)))


def days_of(asked: Mapping[str, str]) -> int:
    return _number(asked, "days", default=DEFAULT_DAYS, least=1, most=MAX_DAYS)


def scope_of(asked: QueryDict, now: datetime, *, default: str = "30d") -> Scope:
    """The visits that `days`, `period` or `from` and `to`, and `filter` ask about. `now` is the service's clock."""
    period, filters = window_of(asked, now, default=default).period, filters_of(asked)
    return Scope(as_kept(period) if filters else period, filters)


def against_of(asked: QueryDict, now: datetime, *, default: str = "30d") -> Period | None:
    """What `compare` asks the period to be compared with; `None` when it does not, or when visits that filters need are
    not kept for so long."""
    against = window_of(asked, now, default=default).against
    return kept_whole(against) if against and "filter" in asked else against


def window_of(asked: Mapping[str, str], now: datetime, *, default: str = "30d") -> Window:
    """`days`, `period`, or `from` and `to`: one of the three, or the default."""
    given = [name for name in ("days", "period", "from", "to") if name in asked]
    if len(given) > 1 and given != ["from", "to"]:
        rule = f"left out when `{given[0]}` is given"
        raise InvalidParameter(given[-1], rule, asked[given[-1]], rule=Rule.TOGETHER)
    word = asked.get("period", default) if not given or given == ["period"] else ""
    if "days" in asked:
        period = period_of_days(days_of(asked), now=now)
    elif word:
        first_day = service.first_day() if word == "all" else None
        period = period_named(word, now=now, first_day=first_day)
    else:
        period = _between(asked, ("from", "to"), now)
    return _compared(asked, Window(period, word), now)


def _compared(asked: Mapping[str, str], window: Window, now: datetime) -> Window:
    ends = [name for name in ("compare_from", "compare_to") if name in asked]
    if "compare" not in asked:
        if ends:
            raise _not_custom(asked, ends[0])
        return window
    if asked["compare"] not in set(Comparison):
        raise InvalidParameter("compare", f"one of {', '.join(Comparison)}", asked["compare"])
    comparison = Comparison(asked["compare"])
    custom = None
    if comparison is Comparison.CUSTOM:
        custom = _between(asked, ("compare_from", "compare_to"), now)
    elif ends:
        raise _not_custom(asked, ends[0])
    against = compared_with(window.period, comparison, word=window.word, custom=custom)
    return Window(window.period, window.word, comparison, against)


def _not_custom(asked: Mapping[str, str], name: str) -> InvalidParameter:
    return InvalidParameter(name, "left out unless `compare` is custom", asked[name], rule=Rule.TOGETHER)


def _between(asked: Mapping[str, str], names: tuple[str, str], now: datetime) -> Period:
    """The days from one to the other, of which neither goes without the other."""
    for name, other in (names, names[::-1]):
        if name not in asked:
            raise InvalidParameter(name, f"given with `{other}`", "left out", rule=Rule.TOGETHER)
    return period_between(asked[names[0]], asked[names[1]], now=now, names=names)


def filters_of(asked: QueryDict) -> tuple[Condition, ...]:
    """Every `filter` of an address; all must hold."""
    return tuple(filter_of(text) for text in asked.getlist("filter"))


def paging_of(asked: Mapping[str, str]) -> Paging:
    return Paging(
        page=_number(asked, "page", default=1, least=1, most=MAX_PAGE),
        page_size=_number(asked, "page_size", default=PAGE_SIZE, least=1, most=MAX_PAGE_SIZE),
    )


def min_score_of(asked: Mapping[str, str]) -> int | None:
    given = asked.get("min_score")
    return None if given is None else whole_number("min_score", given=given, least=0, most=MAX_SCORE)


def label_of(body: object) -> str:
    """The label in the body, or "" to take it back."""
    requirement = f"one of {', '.join(LABELS)} or empty"
    if not isinstance(body, Mapping) or "label" not in body:
        raise InvalidParameter("label", requirement, "missing")
    label = body["label"]
    if not isinstance(label, str) or (label and label not in LABELS):
        raise InvalidParameter("label", requirement, label)
    return label


def _number(asked: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    given = asked.get(name)
    return default if given is None else whole_number(name, given=given, least=least, most=most)
