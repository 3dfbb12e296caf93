"""Insert many rows for the price of the database alone.

`bulk_create` spends four fifths of its time preparing values one field at a time. Here Django's own compiler writes the
statement once for each table; the rows are then sent with it, through `executemany` or, on PostgreSQL, as one array
for each column. The rows are this app's own and already hold values of the right type.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from operator import attrgetter
from typing import Any, Final, TypeVar

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import sql
from django.db.models.base import ModelState
from django.db.models.constants import OnConflict

from visitors.conf import conf
from visitors.models import Fact

# Field types whose values the driver takes as they are; all others are prepared by their field.
PLAIN: Final = (
    models.BooleanField,
    models.CharField,
    models.FloatField,
    models.IntegerField,
)
CHUNK: Final = 2000

Row = TypeVar("Row", bound=models.Model)


def insert_new(rows: Sequence[models.Model]) -> None:
    """Insert rows that are not there yet; one whose id exists is a replay and is skipped."""
    _write(rows, on_conflict=OnConflict.IGNORE, update_fields=())


def upsert(rows: Sequence[models.Model], *, update_fields: Sequence[str]) -> None:
    """Insert rows, or bring these fields of the existing ones up to date."""
    _write(rows, on_conflict=OnConflict.UPDATE, update_fields=tuple(update_fields))


def _write(rows: Sequence[models.Model], *, on_conflict: OnConflict, update_fields: tuple[str, ...]) -> None:
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    statement = _statement(model, connection.alias, connection.vendor, _key_of(model), on_conflict, update_fields)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), CHUNK):
            statement.send(cursor, rows[start : start + CHUNK])


def new_row(model: type[Row], **values: Any) -> Row:
    """A row with these values and defaults for the rest.

    Past the constructor, which goes through sixty fields one by one and calls signals that nobody here listens to.
    """
    row = model.__new__(model)
    row._state = ModelState()
    row.__dict__.update(_defaults(model), **values)
    return row


@cache
def _defaults(model: type[models.Model]) -> dict[str, Any]:
    """Every column in order. Only for fields whose default is a constant."""
    return {field.attname: field.get_default() for field in model._meta.concrete_fields}


class _Statement:
    """One INSERT of one table, and how rows become its parameters."""

    def __init__(self, model: type[models.Model], connection: BaseDatabaseWrapper, query: sql.InsertQuery) -> None:
        fields = model._meta.concrete_fields
        self._values: Callable[[models.Model], tuple[Any, ...]] = attrgetter(*(field.attname for field in fields))
        # Two rows, so that PostgreSQL's compiler takes one array for each column.
        query.insert_values(fields, [model(), model()], raw=True)
        ((text, parameters),) = query.get_compiler(connection=connection).as_sql()
        self._is_columnar = isinstance(parameters[0], list)
        if self._is_columnar:
            self._arrays = [_array_writer(field) for field in fields]
        else:
            query.insert_values(fields, [model()], raw=True)
            ((text, _),) = query.get_compiler(connection=connection).as_sql()
            self._prepared = [
                (index, _preparer(field, connection))
                for index, field in enumerate(fields)
                if not isinstance(field, PLAIN)
            ]
        self._text = text

    def send(self, cursor: Any, rows: Sequence[models.Model]) -> None:
        if self._is_columnar:
            columns = zip(*map(self._values, rows), strict=True)
            cursor.execute(self._text, [write(column) for write, column in zip(self._arrays, columns, strict=True)])
        else:
            cursor.executemany(self._text, [self._parameters(row) for row in rows])

    def _parameters(self, row: models.Model) -> list[Any]:
        values = list(self._values(row))
        for index, prepare in self._prepared:
            values[index] = prepare(values[index])
        return values


def _array_writer(field: models.Field[Any, Any]) -> Callable[[Sequence[Any]], str]:
    """How PostgreSQL reads a column of this field as one array. The driver would write it value by value, with two
    regular expressions for each: a third of all that storing costs."""
    if isinstance(field, models.CharField):
        return _array_of_texts
    if isinstance(field, models.JSONField):
        return _array_of_documents
    return _array_of_bare_values


def _array_of_texts(texts: Sequence[str]) -> str:
    together = "".join(texts)
    if '"' in together or "\\" in together:
        texts = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    return '{"' + '","'.join(texts) + '"}'


def _array_of_documents(documents: Sequence[Any]) -> str:
    return _array_of_texts([json.dumps(document) for document in documents])


def _array_of_bare_values(values: Sequence[Any]) -> str:
    """Numbers, flags, times and UUIDs, which need no quotes."""
    return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"


def _preparer(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Callable[[Any], Any]:
    """How the driver wants the values of this field; times and days skip the field's own checks, being ours."""
    adapt: Callable[[Any], Any]
    if isinstance(field, models.DateTimeField):
        adapt = connection.ops.adapt_datetimefield_value
        is_text_in_utc = connection.vendor == "sqlite" and connection.timezone is UTC
        return partial(_utc_text, adapt=adapt) if is_text_in_utc else adapt
    if isinstance(field, models.DateField):
        adapt = connection.ops.adapt_datefield_value
        return lru_cache(maxsize=64)(adapt)
    return partial(field.get_db_prep_save, connection=connection)


def _utc_text(moment: datetime | None, *, adapt: Callable[[Any], Any]) -> Any:
    """A time in UTC as `adapt` writes it, in one step instead of a dozen."""
    return adapt(moment) if moment is None or moment.tzinfo is not UTC else moment.isoformat(" ")[:-6]


def _key_of(model: type[models.Model]) -> tuple[str, ...]:
    """What a row is known by: its id, which a distributed table can only keep unique together with the visitor."""
    return ("visitor_id", "id") if conf.CITUS and issubclass(model, Fact) else ("id",)


@lru_cache(maxsize=64)
def _statement(
    model: type[models.Model],
    alias: str,
    vendor: str,  # noqa: ARG001  (an alias may point to another database in another run)
    key: tuple[str, ...],
    on_conflict: OnConflict,
    update_fields: tuple[str, ...],
) -> _Statement:
    meta = model._meta
    query = sql.InsertQuery(
        model,
        on_conflict=on_conflict,
        update_fields=[meta.get_field(name) for name in update_fields],
        unique_fields=[meta.get_field(name) for name in key],
    )
    return _Statement(model, connections[alias], query)
