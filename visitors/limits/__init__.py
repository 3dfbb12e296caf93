"""Decide whether a client may do a thing once more: one count for pages and API, for all processes of the site.

A window begins with a client's first request and ends after the rule's time; the next request opens a new one.
Page views are never limited.
"""

from __future__ import annotations

from .clients import Counted, client_key, in_a_cell, user_key
from .counting import seconds_left, take

__all__ = ("Counted", "client_key", "in_a_cell", "seconds_left", "take", "user_key")
