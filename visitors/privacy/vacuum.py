"""Let the database forget deleted rows for good: their bytes stay in its files until it is told to."""

from __future__ import annotations

from django.db import connection


def vacuum() -> None:
    """SQLite rewrites its file and empties its log; PostgreSQL frees what deleted rows held, to be written over."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        elif connection.vendor == "postgresql":
            cursor.execute("VACUUM")
