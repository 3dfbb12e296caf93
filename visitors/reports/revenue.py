"""Add up the money that acts brought, by any dimension.

Amounts stand in the details of acts, so these are read one by one, and their visits a thousand at a time beside them:
no fact is joined.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, Final

from django.utils import timezone

from visitors.exceptions import InvalidParameter, Rule
from visitors.models import VisitorSession
from visitors.querysets import streamed

from .answers import UNKNOWN
from .narrowing import condition_of, facts_of
from .query.language import HOUR, MINUTE, TIMES, Query, dimension_named, time_of
from .query.moments import label_of_day
from .traits import DETAIL, Fact, Kind, Trait, trait_of

ACTS_AT_ONCE: Final = 1000
FORMS: Final = {MINUTE: "%Y-%m-%dT%H:%M", HOUR: "%Y-%m-%dT%H:00"}
OF_ACT: Final = ("session_id", "day", "occurred_at", "path", "kind", "target", "details")

Key = tuple[str | int, ...]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Money:
    """The sum of `count` amounts of one currency, ISO 4217."""

    currency: str
    amount: Decimal = Decimal(0)
    count: int = 0

    def __add__(self, other: Money) -> Money:
        return Money(self.currency, self.amount + other.amount, self.count + other.count)


def revenue(query: Query) -> dict[Key, tuple[Money, ...]]:
    """By the question's dimensions, a sum for each currency, in the order of their codes; acts that it asks for alone.
    Raises `InvalidParameter` for a dimension that neither an act nor its visit carries."""
    names = [time_of(query.period) if name == "time" else dimension_named(name) for name in query.dimensions]
    visits = {name: trait for name in names if (trait := _trait_of_visit(name))}
    found: defaultdict[Key, dict[str, Money]] = defaultdict(dict)
    for act, visit in _with_visits(_acts(query), tuple(trait.session for trait in visits.values())):
        money = _money(act["details"])
        if money is not None:
            key = tuple(_value(name, act, visit, query) for name in names)
            found[key][money.currency] = found[key].get(money.currency, Money(money.currency)) + money
    return {key: tuple(sums[code] for code in sorted(sums)) for key, sums in found.items()}


def _trait_of_visit(name: str) -> Trait | None:
    """`None` for what an act has itself."""
    trait = None if name in TIMES else trait_of(name)
    if trait is None or trait.interaction:
        return None
    if not trait.session or trait.kind is Kind.NAMES:
        rule = "those that an interaction or its visit carries, for amounts"
        raise InvalidParameter("dimensions", rule, name, rule=Rule.TOGETHER)
    return trait


def _acts(query: Query) -> Iterator[Row]:
    acts = facts_of(Fact.INTERACTION, query.period).filter(is_human=True, details__has_key="currency")
    acts = acts.filter(condition_of(query.filters, fact=Fact.INTERACTION, period=query.period))
    return streamed(acts.order_by("id").values(*OF_ACT))


def _with_visits(acts: Iterator[Row], columns: tuple[str, ...]) -> Iterator[tuple[Row, Row]]:
    while some := list(islice(acts, ACTS_AT_ONCE)):
        ids = {act["session_id"] for act in some}
        rows = VisitorSession.objects.filter(id__in=ids).order_by().values("id", *columns) if columns else ()
        visits = {row["id"]: row for row in rows}
        yield from ((act, visits.get(act["session_id"], {})) for act in some)


def _money(details: Mapping[str, Any]) -> Money | None:
    try:
        amount = Decimal(str(details.get("revenue")))
    except InvalidOperation:
        return None
    return Money(str(details["currency"]), amount, 1) if amount.is_finite() else None


def _value(name: str, act: Row, visit: Row, query: Query) -> str | int:
    if name in FORMS:
        return timezone.localtime(act["occurred_at"], timezone.get_default_timezone()).strftime(FORMS[name])
    if name in TIMES:
        return label_of_day(act["day"], unit=name, period=query.period)
    if name.startswith(DETAIL):
        value = act["details"].get(name.removeprefix(DETAIL), "")
        return (value if isinstance(value, str) else json.dumps(value)) or UNKNOWN
    trait = trait_of(name)
    if trait is None:
        raise LookupError(name)
    value = act[trait.interaction] if trait.interaction else visit.get(trait.session)
    return value.isoweekday() if name == "weekday" and value else UNKNOWN if value in (None, "") else value
