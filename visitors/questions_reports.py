"""Read what a caller asks of goals, funnels, journeys and lists. Raises `InvalidParameter`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from . import analytics_service as service
from .conf import conf
from .exceptions import InvalidParameter, Rule
from .funnels.rules import MAX_STEPS, Funnel, funnel_of
from .reports.filters import MAX_PAGE_SIZE, PAGE_SIZE
from .reports.funnel import Outcome, StepAsked
from .reports.intervals import Interval
from .reports.journeys import MAX_PAGES, MIN_PAGES, PAGES
from .reports.periods import whole_number

MAX_NAME: Final = 200
OF_LIST: Final = frozenset({"cursor", "page_size"})
OF_STEP: Final = OF_LIST | {"step", "outcome"}

Choice = TypeVar("Choice", bound=StrEnum)


class Format(StrEnum):
    """One row a line: for spreadsheets, or as JSON objects."""

    CSV = "csv"
    NDJSON = "ndjson"


def interval_of(asked: Mapping[str, str]) -> Interval | None:
    return choice_of(asked, "interval", Interval) if "interval" in asked else None


def format_of(asked: Mapping[str, str]) -> Format:
    return choice_of(asked, "format", Format) if "format" in asked else Format.CSV


def choice_of(asked: Mapping[str, str], name: str, choices: type[Choice]) -> Choice:
    if asked[name] not in set(choices):
        raise InvalidParameter(name, f"one of {', '.join(choices)}", asked[name])
    return choices(asked[name])


def page_size_of(asked: Mapping[str, str]) -> int:
    return _number(asked, "page_size", default=PAGE_SIZE, least=1, most=MAX_PAGE_SIZE)


def length_of(asked: Mapping[str, str]) -> int:
    """Pages of a journey."""
    return _number(asked, "length", default=PAGES, least=MIN_PAGES, most=MAX_PAGES)


def path_of(asked: Mapping[str, str]) -> str:
    """A page of the site, or "" when none is asked about."""
    path = asked.get("path", "")
    if "path" in asked and not path.startswith("/"):
        raise InvalidParameter("path", "the path of a page, beginning with /", path)
    return path


def step_of(asked: Mapping[str, str]) -> StepAsked | None:
    """The visits behind a step, or `None` when only counts are asked for."""
    if "step" not in asked:
        extra = sorted(OF_STEP & set(asked))
        if extra:
            rule = "left out unless `step` is given"
            raise InvalidParameter(extra[0], rule, asked[extra[0]], rule=Rule.TOGETHER)
        return None
    return StepAsked(
        step=_number(asked, "step", default=1, least=1, most=MAX_STEPS),
        outcome=choice_of(asked, "outcome", Outcome) if "outcome" in asked else Outcome.REACHED,
        cursor=asked.get("cursor", ""),
        page_size=page_size_of(asked),
    )


def funnel_named(asked: Mapping[str, str]) -> Funnel:
    return service.named_funnel(asked.get("funnel", ""))


def funnel_in(body: object) -> Funnel:
    """A funnel that the caller defines in the body, `{"steps": [...], "window_minutes": n, "name": "..."}`."""
    if not isinstance(body, Mapping):
        raise InvalidParameter("steps", "in an object with the steps of the funnel", type(body).__name__)
    name = body.get("name", "")
    if not isinstance(name, str) or len(name) > MAX_NAME:
        raise InvalidParameter("name", f"a text of at most {MAX_NAME} characters", name)
    return funnel_of(name, {key: value for key, value in body.items() if key != "name"}, goals=conf.GOALS)


def _number(asked: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> int:
    given = asked.get(name)
    return default if given is None else whole_number(name, given=given, least=least, most=most)
