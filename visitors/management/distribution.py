"""The statements that spread facts over a cluster. Table names are this app's own; every step may be repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from psycopg import sql

from visitors.models import PageView, VisitorInteraction, VisitorSession

BY: Final = "visitor_id"
KEY: Final = [BY, "id"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A table of facts."""

    table: str

    def count(self) -> int:
        return int(_value(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(self.table))))


# The first is what the others are placed beside.
FACTS: Final = (
    Fact(VisitorSession._meta.db_table),
    Fact(PageView._meta.db_table),
    Fact(VisitorInteraction._meta.db_table),
)


def has_citus() -> bool:
    return bool(_value(sql.SQL("SELECT count(*) FROM pg_extension WHERE extname = 'citus'")))


def is_distributed() -> bool:
    """Whether the first of the facts is; needs Citus."""
    return _is_distributed(FACTS[0])


def widen_key(fact: Fact) -> bool:
    """Make visitor and id the key, and plain indexes of the columns that were unique; whether there was anything to do.

    Ids are unique by construction, so nothing is lost but a check.
    """
    constraints = _constraints(fact)
    (key,) = (name for name, (kind, _) in constraints.items() if kind == "p")
    if constraints[key][1] == KEY:
        return False
    table = sql.Identifier(fact.table)
    with transaction.atomic():
        _run(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, sql.Identifier(key)))
        _run(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(table, _columns(KEY)))
        for name, (kind, columns) in constraints.items():
            if kind == "u" and BY not in columns:
                _run(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, sql.Identifier(name)))
                index = sql.Identifier(f"{fact.table}_{'_'.join(columns)}")
                _run(sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})").format(index, table, _columns(columns)))
    return True


def distribute(fact: Fact) -> bool:
    """Spread the rows by visitor, beside those of the first fact; whether there was anything to do. Needs Citus."""
    if _is_distributed(fact):
        return False
    beside = "default" if fact is FACTS[0] else FACTS[0].table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT create_distributed_table(%s::regclass, %s, colocate_with => %s)", [fact.table, BY, beside]
        )
    return True


def rows_by_node(fact: Fact) -> dict[str, int]:
    """Rows by machine of the cluster. Needs Citus."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shards.nodename || ':' || shards.nodeport, sum(counted.result::bigint)::bigint "
            "FROM run_command_on_shards(%s::regclass, 'SELECT count(*) FROM %%s') AS counted "
            "JOIN citus_shards AS shards ON shards.shardid = counted.shardid GROUP BY 1 ORDER BY 1",
            [fact.table],
        )
        return {str(node): int(rows) for node, rows in cursor.fetchall()}


def _is_distributed(fact: Fact) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = %s::regclass", [fact.table])
        return bool(cursor.fetchone()[0])


def _constraints(fact: Fact) -> dict[str, tuple[str, list[str]]]:
    """Name -> kind ("p" primary key, "u" unique) and columns in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conname, c.contype::text, array_agg(a.attname::text ORDER BY array_position(c.conkey, a.attnum)) "
            "FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) "
            "WHERE c.conrelid = %s::regclass AND c.contype IN ('p', 'u') GROUP BY 1, 2",
            [fact.table],
        )
        return {name: (kind, list(columns)) for name, kind, columns in cursor.fetchall()}


def _columns(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _value(statement: sql.Composable) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def _run(statement: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
