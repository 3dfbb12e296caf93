"""Say where a list goes on, in a text that its reader hands back unread. Pure; raises `InvalidParameter`."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from visitors.exceptions import InvalidParameter, Rule

MAX_NUMBER: Final = 2**63


def cursor_of(*numbers: int) -> str:
    return urlsafe_b64encode(".".join(map(str, numbers)).encode()).decode().rstrip("=")


def numbers_of(cursor: str, *, count: int) -> tuple[int, ...]:
    """The numbers that a cursor of this list was made of."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        text = ""
    numbers = tuple(map(int, text.split("."))) if re.fullmatch(r"[0-9]{1,19}(\.[0-9]{1,19})*", text) else ()
    if len(numbers) != count or max(numbers, default=0) >= MAX_NUMBER or cursor_of(*numbers) != cursor:
        raise InvalidParameter("cursor", "the `next` of an answer before", cursor, rule=Rule.UNKNOWN)
    return numbers
