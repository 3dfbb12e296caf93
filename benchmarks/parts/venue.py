"""Where a part runs: the peers' packages, a folder and a database of its own, and a configured Django."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .postgresql import own_server

ROOT: Final = Path(__file__).resolve().parents[2]
REQUIREMENTS: Final = ROOT / "requirements-bench.txt"
PEERS: Final = ROOT / ".venv-bench"
DATABASES: Final = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Venue:
    """`environment` is what another process needs to serve the same site."""

    folder: Path
    database: str
    environment: dict[str, str]

    @property
    def journal(self) -> Path:
        return self.folder / "journal"


@contextmanager
def venue(database: str, *, server: str = "", parent: Path | None = None) -> Iterator[Venue]:
    """A migrated site on a fresh database; `server` is the URL of a running PostgreSQL, else one is started."""
    install_peers()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=parent) as folder, _database(database, folder, server) as url:
        place = Venue(Path(folder), database, _environment(folder, url))
        os.environ.update(place.environment)
        sys.path[:0] = [str(PEERS)]
        _set_up()
        try:
            yield place
        finally:
            _close_connections()


def install_peers() -> None:
    """Into a folder of their own, once for each content of the list."""
    stamp = PEERS / "installed.txt"
    if stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Without dependencies: the peers must run on the Django of the site.
    subprocess.run([*pip, "--no-deps", "--upgrade", "--target", PEERS, "--requirement", REQUIREMENTS], check=True)
    stamp.write_text(REQUIREMENTS.read_text())


@contextmanager
def _database(database: str, folder: str, server: str) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder}/site.sqlite3"
    elif server:
        with _database_on(server) as url:
            yield url
    else:
        with own_server() as url, _database_on(url) as database_url:
            yield database_url


@contextmanager
def _database_on(server: str) -> Iterator[str]:
    import psycopg

    name = f"bench_{os.getpid()}"
    base = server.rpartition("/")[0]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{base}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _environment(folder: str, url: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "benchmarks.site.settings",
        "BENCH_FOLDER": folder,
        "BENCH_DATABASE_URL": url,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{PEERS}",
    }


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)
    from benchmarks.site.models import fill

    fill()


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
