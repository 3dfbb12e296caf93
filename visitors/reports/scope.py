"""Narrow the facts of a period to the visits that the owner asks about: one rule for every figure of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from visitors.querysets import InteractionQuerySet, PageViewQuerySet, SessionQuerySet

from .conditions import AllOf, AnyOf, Condition, Filter, HasDone, Not, Operator, check_size
from .filters import interactions_of, page_views_of, sessions_of
from .narrowing import condition_of
from .periods import Period
from .traits import TRAITS, Fact

__all__ = (
    "ACT",
    "COLUMNS",
    "FILTERS",
    "PAGE",
    "AllOf",
    "AnyOf",
    "Condition",
    "Filter",
    "HasDone",
    "Not",
    "Operator",
    "Scope",
    "humans_in",
    "interactions_in",
    "page_views_in",
    "sessions_in",
)

PAGE: Final = "page"
ACT: Final = "act"
# Every name that a filter may have, but for `detail:NAME`.
FILTERS: Final = tuple(TRAITS)
# Filter name -> column of the session, of the traits that a session keeps as one text.
COLUMNS: Final[Mapping[str, str]] = {name: trait.session for name, trait in TRAITS.items() if trait.session}


@dataclass(frozen=True, slots=True)
class Scope:
    """A period and what its visits have in common, all of it; a page or act narrows to the visits that saw or did
    it. Raises `InvalidParameter` for too many filters."""

    period: Period
    filters: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        check_size(self.filters)

    def during(self, period: Period) -> Scope:
        return replace(self, period=period)


def sessions_in(scope: Scope) -> SessionQuerySet:
    """Sessions of people, bots and the owner alike."""
    sessions = sessions_of(scope.period)
    return sessions.filter(condition_of(scope.filters, fact=Fact.SESSION, period=scope.period))


def humans_in(scope: Scope) -> SessionQuerySet:
    return sessions_in(scope).humans()


def page_views_in(scope: Scope) -> PageViewQuerySet:
    """Page views of people, found or not."""
    views = page_views_of(scope.period)
    return views.filter(session_id__in=humans_in(scope).order_by().values("id")) if scope.filters else views


def interactions_in(scope: Scope) -> InteractionQuerySet:
    acts = interactions_of(scope.period)
    return acts.filter(session_id__in=humans_in(scope).order_by().values("id")) if scope.filters else acts
