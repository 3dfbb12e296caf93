"""Read a caller's question: each parameter by its rule, and none that nobody knows. Raises `InvalidParameter`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.http import QueryDict

from .exceptions import InvalidParameter
from .reports.filters import MAX_PAGE, MAX_PAGE_SIZE, PAGE_SIZE, Paging
from .reports.periods import DEFAULT_DAYS, MAX_DAYS, whole_number
from .reports.recruiters import MAX_SCORE
from .reports.session import LABELS

MAX_NAME: Final = 60  # of a name that nobody knows, as it is told back


def refuse_unknown(asked: QueryDict, *, known: frozenset[str]) -> None:
    """A misspelt parameter would be answered as if it had not been there, and one given twice by its last value."""
    for name in sorted(asked):
        if name not in known:
            raise InvalidParameter(
                name[:MAX_NAME], f"left out: the parameters are {', '.join(sorted(known)) or 'none'}", asked[name]
            )
        if len(asked.getlist(name)) > 1:
            raise InvalidParameter(name, "given once", len(asked.getlist(name)))


def days_of(asked: Mapping[str, str]) -> int:
    return _number(asked, "days", default=DEFAULT_DAYS, least=1, most=MAX_DAYS)


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
