"""Every report answers byte for byte the same on SQLite, on PostgreSQL, and with its facts on two servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers import PostgreSQL, ServerMissing, must_exist

from .partitioned import FAR, spread
from .questions import NO_LIMITS

pytestmark = pytest.mark.distribution
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Store:
    """One database with the visits in it."""

    url: str
    folder: Path

    def run(self, *arguments: str) -> None:
        environ = os.environ | {
            "DATABASE_URL": self.url,
            "VISITORS_JOURNAL_DIR": str(self.folder / "journal"),
            "DEBUG": "1",
            "REDIS_URL": "",
            "VISITORS_LIMITS": json.dumps(NO_LIMITS),
            "VISITORS_REPORT_CACHE": "",
        }
        subprocess.run(
            [sys.executable, "-m", "tests.distribution.site", *arguments],
            cwd=ROOT,
            env=environ,
            check=True,
            timeout=900,
        )

    def answers(self) -> list[dict[str, Any]]:
        file = self.folder / "answers.jsonl"
        self.run("ask", str(file))
        return [json.loads(line) for line in file.read_text().splitlines()]


@dataclass(frozen=True, slots=True)
class Stores:
    sqlite: Store
    postgresql: Store
    spread: Store


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[PostgreSQL, PostgreSQL]]:
    try:
        near, far = PostgreSQL(), PostgreSQL()
    except ServerMissing as missing:
        if must_exist():
            raise
        pytest.skip(str(missing))
    yield near, far
    near.close()
    far.close()


@pytest.fixture(scope="module")
def stores(servers: tuple[PostgreSQL, PostgreSQL], tmp_path_factory: pytest.TempPathFactory) -> Stores:
    near, far = servers
    folders = {name: tmp_path_factory.mktemp(name) for name in ("sqlite", "postgresql", "spread")}
    dump = str(folders["sqlite"] / "rows.json")
    sqlite = Store(f"sqlite:///{folders['sqlite']}/site.sqlite3", folders["sqlite"])
    sqlite.run("fill", dump)
    postgresql = Store(near.create_database("whole", language="de"), folders["postgresql"])
    postgresql.run("load", dump)
    divided = Store(near.create_database("spread", language="de"), folders["spread"])
    divided.run("load", dump)
    Store(far.create_database("spread", language="de"), folders["spread"]).run("migrate")
    for table, rows in spread(near, far, database="spread").items():
        assert all(rows), f"{table}: {rows} rows by partition, {FAR} of them far away"
    return Stores(sqlite, postgresql, divided)


def differing(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[str]:
    assert [line["asked"] for line in one] == [line["asked"] for line in other]
    return [mine["asked"] for mine, theirs in zip(one, other, strict=True) if mine != theirs]


def test_every_report_answers_the_same_from_added_up_days(stores: Stores) -> None:
    expected = stores.sqlite.answers()
    assert len(expected) > 200
    assert {line["status"] for line in expected} == {200}
    assert differing(expected, stores.postgresql.answers()) == []
    assert differing(expected, stores.spread.answers()) == []


def test_every_report_answers_the_same_from_the_facts_alone(stores: Stores) -> None:
    rolled = stores.sqlite.answers()
    for store in (stores.sqlite, stores.postgresql, stores.spread):
        store.run("unroll")
    expected = stores.sqlite.answers()
    assert differing(rolled, expected) == []
    assert differing(expected, stores.postgresql.answers()) == []
    assert differing(expected, stores.spread.answers()) == []
