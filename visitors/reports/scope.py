"""Narrow the facts of a period to the visits that the owner asks about: one rule for every figure of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import Q

from visitors.querysets import InteractionQuerySet, PageViewQuerySet, SessionQuerySet

from .answers import UNKNOWN
from .filters import interactions_of, page_views_of, sessions_of
from .periods import Period

# Filter name -> column of the session.
COLUMNS: Final[Mapping[str, str]] = {
    "source": "source",
    "channel": "channel",
    "campaign": "utm_campaign",
    "entry": "entry_path",
    "exit": "exit_path",
    "country": "country",
    "device": "device_type",
    "browser": "browser",
    "os": "os",
}
PAGE: Final = "page"
ACT: Final = "act"
FILTERS: Final = (PAGE, *COLUMNS, ACT)


@dataclass(frozen=True, slots=True)
class Filter:
    """`name` is one of `FILTERS`; the value `(unknown)` stands for visits that do not say."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Scope:
    """A period and what its visits have in common; a page or act narrows to the visits that saw or did it."""

    period: Period
    filters: tuple[Filter, ...] = ()

    def during(self, period: Period) -> Scope:
        return replace(self, period=period)


def sessions_in(scope: Scope) -> SessionQuerySet:
    """Sessions of people, bots and the owner alike."""
    sessions = sessions_of(scope.period)
    for narrowed in scope.filters:
        sessions = sessions.filter(_condition(scope, narrowed))
    return sessions


def humans_in(scope: Scope) -> SessionQuerySet:
    return sessions_in(scope).humans()


def page_views_in(scope: Scope) -> PageViewQuerySet:
    """Page views of people, found or not."""
    views = page_views_of(scope.period)
    return views.filter(session_id__in=humans_in(scope).order_by().values("id")) if scope.filters else views


def interactions_in(scope: Scope) -> InteractionQuerySet:
    acts = interactions_of(scope.period)
    return acts.filter(session_id__in=humans_in(scope).order_by().values("id")) if scope.filters else acts


def _condition(scope: Scope, narrowed: Filter) -> Q:
    if narrowed.name == PAGE:
        views = page_views_of(scope.period).filter(path=narrowed.value)
        return Q(id__in=views.order_by().values("session_id"))
    if narrowed.name == ACT:
        acts = interactions_of(scope.period).of_kind(narrowed.value)
        return Q(id__in=acts.order_by().values("session_id"))
    return Q(**{COLUMNS[narrowed.name]: "" if narrowed.value == UNKNOWN else narrowed.value})
