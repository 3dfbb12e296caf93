"""How much of its details an act may keep."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Final, TypeVar

DETAIL_NAME_LIMIT: Final = 300
DETAIL_LIMIT: Final = 2000
MAX_DETAILS: Final = 30
MAX_DETAIL_BYTES: Final = MAX_DETAILS * (DETAIL_NAME_LIMIT + DETAIL_LIMIT)  # of one act, all names and texts together

Value = TypeVar("Value")


def within(details: Mapping[str, Value], *, most: int) -> dict[str, Value]:
    """As many details as `most` bytes hold, short ones before long ones."""
    sizes = {name: len(f"{name}{value}".encode()) for name, value in details.items()}
    if sum(sizes.values()) <= most:
        return dict(details)
    ends = dict(zip(sorted(sizes, key=sizes.__getitem__), accumulate(sorted(sizes.values())), strict=True))
    return {name: value for name, value in details.items() if ends[name] <= most}
