"""The behaviour patterns of visits, as reports name them."""

from __future__ import annotations

from visitors.rollups.patterns import RULES, Pattern, pattern_of_session

__all__ = ("RULES", "Pattern", "pattern_of_session")
