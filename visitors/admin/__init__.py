"""The owner's desk in the Django admin: everything can be read, nothing edited but the owner's own labels.

Salts and journal positions are not registered: a secret is not for reading.
"""

from __future__ import annotations

from . import applications, facts, notices, sessions

__all__ = ["applications", "facts", "notices", "sessions"]
