"""The owner's desk in the Django admin: everything can be read, nothing edited but the owner's own labels.

Salts and journal positions are not registered: a secret is not for reading.
"""

from __future__ import annotations

from . import applications, dashboard, facts, notices, sessions, tokens, upkeep

__all__ = ["applications", "dashboard", "facts", "notices", "sessions", "tokens", "upkeep"]
