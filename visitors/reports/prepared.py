"""Ask a query again with other values: Django takes longer to make a small query than a store to answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connections
from django.db.models import Model, QuerySet

Value = datetime | int | UUID
Row = tuple[Any, ...]

# What stands for a value while the SQL is made: nothing else in a query is like it.
_FIRST_MOMENT: Final = datetime(1904, 1, 1, tzinfo=UTC)
_FIRST_NUMBER: Final = 2_147_000_000  # what columns of integers take on every database
_FIRST_ID: Final = 0x7E1E6A5E_0000_0000_0000_0000_0000_0000


class _Statement(NamedTuple):
    """`places` of the values among the parameters, by name; the other parameters are always the same."""

    sql: str
    parameters: tuple[Any, ...]
    places: Mapping[int, str]
    rows: Callable[[list[Row]], list[Row]]


class Prepared:
    """The rows of `make(**values)`, a query of `model` by `values_list`.

    Its SQL is made once for each database. So `make` uses a value as it is, in a filter or an expression, and decides
    nothing by it; and a value is always a time, always a number or always a UUID.
    """

    def __init__(self, model: type[Model], make: Callable[..., QuerySet[Any, Any]]) -> None:
        self._model = model
        self._make = make
        self._statements: dict[tuple[str, str], _Statement] = {}

    def __call__(self, **values: Value) -> list[Row]:
        return self.ask(**values)()

    def ask(self, **values: Value) -> Callable[[], list[Row]]:
        """Ask now and read later: what it returns is called once, for the rows. See `together`."""
        connection = connection_of(self._model)
        key = (connection.alias, connection.vendor)
        statement = self._statements.get(key)
        if statement is None:
            statement = self._statements[key] = self._made(connection, values)
        parameters = list(statement.parameters)
        for place, name in statement.places.items():
            parameters[place] = _adapted(connection, values[name])
        read = ask_sql(connection, statement.sql, parameters)
        return lambda: statement.rows(read())

    def _made(self, connection: Any, values: Mapping[str, Value]) -> _Statement:
        marks = {name: _mark(value, number) for number, (name, value) in enumerate(values.items())}
        compiler = self._make(**marks).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        names = {_adapted(connection, mark): name for name, mark in marks.items()}
        places = {place: names[value] for place, value in enumerate(parameters) if _is_among(names, value)}
        if unused := set(names.values()) - set(places.values()):
            raise TypeError(f"the query does not use {', '.join(sorted(unused))} as it is")
        converters = compiler.get_converters([column for column, *_ in compiler.select])

        def rows(found: list[Row]) -> list[Row]:
            return list(map(tuple, compiler.apply_converters(found, converters))) if converters else found

        return _Statement(sql, tuple(parameters), places, rows)


def connection_of(model: type[Model]) -> Any:
    return connections[model._default_manager.db]


def ask_sql(connection: Any, sql: str, parameters: Sequence[Any]) -> Callable[[], list[Row]]:
    """Ask now and read later; what it returns is called once."""
    cursor = connection.cursor()
    cursor.execute(sql, parameters)

    def read() -> list[Row]:
        with cursor:
            rows: list[Row] = cursor.fetchall()
            return rows

    return read


@contextmanager
def together(model: type[Model]) -> Iterator[None]:
    """What is asked within is sent to the store of `model` at once, where it takes more than one question at a time
    (PostgreSQL): it answers the next while the rows of the last are read. Answers are read within, in the order in
    which they were asked."""
    connection = connection_of(model)
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def _mark(value: Value, number: int) -> Value:
    if isinstance(value, UUID):
        return UUID(int=_FIRST_ID + number)
    return _FIRST_NUMBER + number if isinstance(value, int) else _FIRST_MOMENT + timedelta(seconds=number)


def _adapted(connection: Any, value: Value) -> Any:
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    return value if isinstance(value, int) else connection.ops.adapt_datetimefield_value(value)


def _is_among(names: Mapping[Any, str], value: object) -> bool:
    return isinstance(value, int | str | datetime | UUID) and value in names
