"""Turn series into the numbers of a drawing. Pure: values in, coordinates as text out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

WIDTH: Final = 1000
HEIGHT: Final = 300
STEPS: Final = (1, 1.5, 2, 2.5, 3, 4, 5, 10)
MIN_BAR: Final = 3  # percent: the smallest bar that is seen


def ticks_of(values: Sequence[float], *, whole: bool) -> list[float]:
    """0 and four or fewer round numbers; whole numbers for what is counted."""
    largest = max(values, default=0) or 1
    raw = largest * 1.05 / 4
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in STEPS if power * factor >= raw)
    step = max(1, math.ceil(step)) if whole else step
    return [number * step for number in range(math.ceil(largest / step) + 1)]


def points_of(values: Sequence[float | None], *, top: float, width: int = WIDTH, height: int = HEIGHT) -> str:
    """The longest drawing that the values allow: unknown ones are left out."""
    places = ((x_of(place, len(values), width), value) for place, value in enumerate(values))
    return " ".join(f"{x:.1f},{height - height * value / top:.1f}" for x, value in places if value is not None)


def x_of(place: int, number: int, width: int = WIDTH) -> float:
    return width * place / (number - 1) if number > 1 else width / 2


def area_of(points: str, *, height: int = HEIGHT) -> str:
    """The same line closed along the bottom."""
    if not points:
        return ""
    first, last = points.split(" ")[0].split(",")[0], points.split(" ")[-1].split(",")[0]
    return f"{first},{height} {points} {last},{height}"


def spark_of(values: Sequence[float | None], *, width: int = 52, height: int = 18) -> str:
    """The shape alone: from its own smallest to its own largest value."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1
    shifted = [None if value is None else 1 + (value - low) / span * (height - 2) for value in values]
    return points_of(shifted, top=height, width=width, height=height)


def bar_percent(value: float, largest: float) -> str:
    return f"{max(MIN_BAR, 100 * value / largest):.1f}%" if value and largest else "0%"


def level_of(value: float, largest: float, *, levels: int = 5) -> int:
    """0 for nothing, else 1 to `levels`."""
    return math.ceil(levels * value / largest) if value else 0


def heat_of(value: int, largest: int) -> int:
    """0 for nothing, else 1 to 5: by the root, so that one peak does not make all others look alike."""
    return level_of(math.sqrt(value), math.sqrt(largest))
