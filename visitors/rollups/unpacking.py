"""Read columns of closed days, a day at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import QuerySet

from visitors.models import DayColumn

from .columns import Column, decode

Columns: TypeAlias = Mapping[str, Column]


def stored_columns(
    days: Collection[date], wanted: Mapping[str, Iterable[str]]
) -> Iterator[tuple[date, dict[str, Columns]]]:
    """One query; one day's columns at a time, by the kind of their rows."""
    names = {f"{kind}{name}": (kind, name) for kind, some in wanted.items() for name in some}
    for day, columns in groupby(_stored(days, names), key=itemgetter(0)):
        tables: dict[str, dict[str, Column]] = {kind: {} for kind in wanted}
        for _, full, data in columns:
            kind, name = names[full]
            tables[kind][name] = decode(data)
        yield day, dict(tables)


def _stored(days: Collection[date], names: Collection[str]) -> Iterator[tuple[date, str, Any]]:
    rows = DayColumn.objects.filter(day__in=days, name__in=names).order_by("day").values_list("day", "name", "data")
    return _copied(rows) if connection.vendor == "postgresql" else rows.iterator(chunk_size=len(names))


def _copied(rows: QuerySet[DayColumn, Any]) -> Iterator[Any]:
    """Row by row without a cursor on the server, which outside a transaction would keep a copy of all rows; and as
    bytes, which otherwise come as hexadecimal text."""
    operations: Any = connection.ops
    asked = "COPY (" + operations.compose_sql(*rows.query.sql_with_params()) + ") TO STDOUT (FORMAT BINARY)"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(asked) as copy:
        copy.set_types(("date", "text", "bytea"))
        yield from copy.rows()
