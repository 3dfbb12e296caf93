"""System checks of where the facts are kept."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.db import connection

from .conf import conf


@register("visitors")
def check_distribution(**_: Any) -> list[CheckMessage]:
    """visitors.E110: the wider keys of a distributed database, on one that cannot be distributed."""
    if not conf.CITUS or connection.vendor == "postgresql":
        return []
    return [
        Error(
            f"`VISITORS['CITUS']` must be off on {connection.display_name}: only PostgreSQL with Citus distributes.",
            hint="Remove `VISITORS_CITUS`, or name a Citus coordinator by `DATABASE_URL`.",
            id="visitors.E110",
        )
    ]
