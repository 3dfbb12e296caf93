"""A PostgreSQL server of one's own on loopback, as the distribution configures it: durable commits, no tuning."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

DEBIAN: Final = Path("/usr/lib/postgresql")
UNPRIVILEGED: Final = ("postgres", "nobody")


class NoServer(RuntimeError):
    """There is no PostgreSQL to start."""


@contextmanager
def own_server() -> Iterator[str]:
    """URL of its database `postgres`; stopped and removed at the end. Raises `NoServer`."""
    programs, user = _programs(), _user()
    folder = Path(tempfile.mkdtemp(prefix="bench-postgresql-"))
    if user:
        shutil.chown(folder, user)
    port = free_port()
    cluster = folder / "cluster"
    try:
        # Without a language in the environment it would be SQL_ASCII, in which JSON with escapes is an error.
        make = [programs / "initdb", "--pgdata", cluster, "--username", "bench", "--auth", "trust"]
        _run([*make, "--encoding", "UTF8"], user)
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories="
        start = [programs / "pg_ctl", "--pgdata", cluster, "--log", folder / "log", "--wait"]
        _run([*start, "--options", options, "start"], user)
        try:
            yield f"postgresql://bench@127.0.0.1:{port}/postgres"
        finally:
            _run([programs / "pg_ctl", "--pgdata", cluster, "--mode", "fast", "--wait", "stop"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _programs() -> Path:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(DEBIAN.glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    raise NoServer("PostgreSQL is not installed; name a running server with --server postgresql://...")


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)


def _run(command: list[object], user: str | None) -> None:
    subprocess.run(
        [str(word) for word in command],
        user=user,
        cwd="/",
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
    )
