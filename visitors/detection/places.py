"""Tell the country and the local hour from the time zone that a browser reports, by tzdata's tables alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH, ZoneInfo

EASTERNMOST_MINUTES: Final = 14 * 60
WESTERNMOST_MINUTES: Final = -12 * 60

_MINUTES = re.compile(r"[+-]?[0-9]{1,4}")

# tzdata links these names to a zone of another country that kept the same clocks since 1970.
_ALIASES_ACROSS_BORDERS: Final = {
    "Africa/Asmera": "ER",
    "Africa/Timbuktu": "ML",
    "America/Coral_Harbour": "CA",
    "America/Virgin": "VI",
    "Antarctica/South_Pole": "AQ",
    "Atlantic/Jan_Mayen": "SJ",
    "Iceland": "IS",
    "Pacific/Johnston": "UM",
    "Pacific/Ponape": "FM",
    "Pacific/Truk": "FM",
    "Pacific/Yap": "FM",
}
# Links to one country's zone, though the abbreviation is in use in many.
_ABBREVIATIONS: Final = frozenset(
    {"CET", "CST6CDT", "EET", "EST", "EST5EDT", "HST", "MET", "MST", "MST7MDT", "PST8PDT", "WET"}
)


def country_of_time_zone(tz: str) -> str:
    """ISO 3166-1 alpha-2 of an IANA zone name, old aliases included; `""` for minutes, `UTC` and unknown names."""
    return _countries().get(tz, "")


def local_hour(tz: str, at_ms: int) -> tuple[int, int] | None:
    """(weekday, hour) where Monday is 0, on the clock of an IANA zone or of minutes east of UTC such as `"-300"`.

    `None` when the zone is empty or unknown, or the time (Unix milliseconds) outside the calendar.
    """
    try:
        at = datetime.fromtimestamp(at_ms // 1000, UTC)
        local = _moved(at, tz)
    except (OverflowError, OSError, ValueError):
        return None
    return (local.weekday(), local.hour) if local else None


def _moved(at: datetime, tz: str) -> datetime | None:
    if _MINUTES.fullmatch(tz):
        minutes = int(tz)
        in_use = WESTERNMOST_MINUTES <= minutes <= EASTERNMOST_MINUTES
        return at + timedelta(minutes=minutes) if in_use else None
    zone = _zone(tz)
    return at.astimezone(zone) if zone else None


@lru_cache(maxsize=1_024)
def _zone(tz: str) -> ZoneInfo | None:
    if not tz or len(tz) > 64:
        return None
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError):  # unknown name, path outside the database, or the name of a folder
        return None


@cache
def _countries() -> dict[str, str]:
    for folder in _zone_folders():
        if (table := folder / "zone.tab").is_file():
            zones = dict(_zone_countries(table))
            aliases = {alias: zones[zone] for zone, alias in _links(folder / "tzdata.zi") if zone in zones}
            found = aliases | zones | _ALIASES_ACROSS_BORDERS
            return {zone: country for zone, country in found.items() if zone not in _ABBREVIATIONS}
    return {}


def _zone_folders() -> Iterator[Traversable]:
    """The `tzdata` package first, since it is updated with the requirements; then the system's databases."""
    with suppress(ModuleNotFoundError):
        yield files("tzdata") / "zoneinfo"
    yield from map(Path, TZPATH)


def _zone_countries(table: Traversable) -> Iterator[tuple[str, str]]:
    for line in table.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _coordinates, zone = line.split("\t")[:3]
            yield zone, country


def _links(rules: Traversable) -> Iterator[tuple[str, str]]:
    """(zone, alias) of each `L` line of tzdata's compact text form."""
    if not rules.is_file():
        return
    for line in rules.read_text(encoding="utf-8").splitlines():
        if line.startswith("L "):
            _marker, zone, alias = line.split(" ")
            yield zone, alias
