"""Turn values into Plausible's and back: devices with a capital, unknown ones as "(none)", countries by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from visitors.exceptions import InvalidParameter
from visitors.reports.answers import UNKNOWN
from visitors.texts import countries, country_name

from .names import DIRECT, NOBODY_SAID, TIMES

HOUR_LENGTH = len("2026-01-31T14:00")


def shown(dimension: str, value: Any) -> str:
    """A value of this project's answer as Plausible's clients read it."""
    text = str(value)
    if dimension in TIMES:
        return f"{text.replace('T', ' ')}:00" if len(text) == HOUR_LENGTH else text
    if text == UNKNOWN:
        return NOBODY_SAID
    if dimension == "visit:source" and text == "Direct":
        return DIRECT
    if dimension == "visit:device":
        return text.capitalize()
    return country_name(text) if dimension == "visit:country_name" else text


def asked(dimension: str, value: str) -> str:
    """The value of a filter as this project keeps it."""
    if value == NOBODY_SAID:
        return UNKNOWN
    if dimension == "visit:source" and value == DIRECT:
        return "Direct"
    return value.lower() if dimension == "visit:device" else value


def country_codes(names: Iterable[str], *, is_part: bool, ignores_case: bool) -> tuple[str, ...]:
    """The countries of these names, or with these texts in them; raises `InvalidParameter` when there is none."""
    wanted = [name.casefold() if ignores_case else name for name in names]
    codes = tuple(
        code
        for code, name in countries().items()
        if any(_fits(name.casefold() if ignores_case else name, one, is_part=is_part) for one in wanted)
    )
    if not codes:
        raise InvalidParameter("filters", "of a country's name in English", ", ".join(wanted))
    return codes


def _fits(name: str, wanted: str, *, is_part: bool) -> bool:
    return wanted in name if is_part else wanted == name
