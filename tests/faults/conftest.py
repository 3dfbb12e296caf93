"""Databases and servers for the faults; each test has its own, and none outlives it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests import servers

from .running import Site

Server = TypeVar("Server", servers.PostgreSQL, servers.Redis)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'site.sqlite3'}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[servers.PostgreSQL]:
    """A cluster that tests may stop."""
    yield from _started(servers.PostgreSQL)


@pytest.fixture
def postgresql_url(postgresql: servers.PostgreSQL) -> str:
    return postgresql.create_database(f"faults_{secrets.token_hex(4)}")


@pytest.fixture
def redis() -> Iterator[servers.Redis]:
    yield from _started(servers.Redis)


def _started(make: Callable[[], Server]) -> Iterator[Server]:
    try:
        server = make()
    except servers.ServerMissing as missing:
        if servers.must_exist():
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    yield server
    server.close()


@pytest.fixture
def new_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Makes a web machine; what it started is ended with the test."""
    sites: list[Site] = []

    def make(database_url: str, *, name: str = "machine", **environment: str) -> Site:
        sites.append(Site(tmp_path, database_url, name, environment))
        return sites[-1]

    yield make
    for site in sites:
        site.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))
