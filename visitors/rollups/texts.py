"""Compare texts by their bytes on every database."""

from __future__ import annotations

from django.db import connection
from django.db.models import F
from django.db.models.functions import Collate


def by_bytes(column: str) -> Collate | F:
    """PostgreSQL would compare by the words of a language, SQLite does not."""
    return Collate(column, "C") if connection.vendor == "postgresql" else F(column)
