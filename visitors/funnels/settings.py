"""Read the funnels of the settings."""

from __future__ import annotations

from visitors.conf import conf

from .rules import Funnel, funnel_of


def funnels_of_settings() -> dict[str, Funnel]:
    """By name, in the order of the settings. Raises `InvalidParameter` for one that the system checks refuse."""
    return {name: funnel_of(name, given, goals=conf.GOALS) for name, given in conf.FUNNELS.items()}
