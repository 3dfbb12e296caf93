"""When what was stored is there for good, so that its lines may go."""

from __future__ import annotations

import os

from django.db import connection


def is_final() -> bool:
    """Whether what an `atomic` block wrote, now that it is left, can no longer be rolled back by one around it: with
    `ATOMIC_REQUESTS` a report is answered within one. That of a test case does not count, as for durable blocks."""
    return all(block._from_testcase for block in connection.atomic_blocks)  # type: ignore[attr-defined]


def flush_database() -> None:
    """Bring what was committed to disk. SQLite's write-ahead log commits without (`synchronous = NORMAL`), and writes
    its pages back only after a flush of its own; other stores flush before they say that they committed."""
    if connection.vendor != "sqlite":
        return
    try:
        descriptor = os.open(f"{connection.settings_dict['NAME']}-wal", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
