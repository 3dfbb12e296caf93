"""Read a local day from the command line."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date


def day_of(given: str) -> date:
    """For `type=` of an argument."""
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise ArgumentTypeError(f"must be a day as YYYY-MM-DD, not {given!r}.") from error
