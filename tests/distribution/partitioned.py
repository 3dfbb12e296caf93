"""Spread the facts of a PostgreSQL database over two servers, hash-partitioned by visitor: half of them far away.

The far partitions are foreign tables (`postgres_fdw`), so the planner of the near server sees what a distributed
database would do: every fact lives where its visitor lives.
"""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import sql

from tests.servers import PostgreSQL

FACTS: Final = ("visitors_visitorsession", "visitors_pageview", "visitors_visitorinteraction")
PARTITIONS: Final = 4
FAR: Final = (1, 3)


def spread(near: PostgreSQL, far: PostgreSQL, *, database: str) -> dict[str, list[int]]:
    """Rows by partition of each fact. Both servers have `database`, the far one with empty tables of the same shape."""
    with (
        psycopg.connect(near.url(database), autocommit=True) as here,
        psycopg.connect(far.url(database), autocommit=True) as there,
    ):
        here.execute("CREATE EXTENSION postgres_fdw")
        here.execute(
            sql.SQL(
                "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port {}, dbname {})"
            ).format(str(far.port), database)
        )
        here.execute("CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (user 'tester')")
        return {table: _spread_table(here, there, table) for table in FACTS}


def _spread_table(here: psycopg.Connection, there: psycopg.Connection, table: str) -> list[int]:
    whole, plain = sql.Identifier(table), sql.Identifier(f"{table}_plain")
    here.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(whole, plain))
    here.execute(
        sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS) PARTITION BY HASH (visitor_id)").format(whole, plain)
    )
    for number in range(PARTITIONS):
        part = sql.Identifier(f"{table}_{number}")
        bounds = sql.SQL("FOR VALUES WITH (MODULUS {}, REMAINDER {})").format(PARTITIONS, number)
        if number in FAR:
            there.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(part, whole))
            here.execute(sql.SQL("CREATE FOREIGN TABLE {} PARTITION OF {} {} SERVER far").format(part, whole, bounds))
        else:
            here.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(part, plain))
            here.execute(sql.SQL("ALTER TABLE {} ATTACH PARTITION {} {}").format(whole, part, bounds))
    here.execute(sql.SQL("INSERT INTO {} SELECT * FROM {}").format(whole, plain))
    here.execute(sql.SQL("DROP TABLE {}").format(plain))
    return [_count(here, f"{table}_{number}") for number in range(PARTITIONS)]


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row
    return int(row[0])
