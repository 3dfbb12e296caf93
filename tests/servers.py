"""Servers of the tests' own: PostgreSQL and Redis on free loopback ports, gone with the tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

START_SECONDS = 30.0


class ServerMissing(Exception):
    """The server's programs are not installed."""


def must_exist() -> bool:
    """Where a skipped test would be a lie: on the build machine."""
    return os.environ.get("CI") == "true" or bool(os.environ.get("REQUIRE_SERVERS"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until(is_true: Callable[[], bool], *, what: str, seconds: float = START_SECONDS) -> None:
    """Poll; raises `TimeoutError` that says what did not come."""
    deadline = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} within {seconds:.0f} s")
        time.sleep(0.02)


def is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


class PostgreSQL:
    """A cluster in a temp folder. It runs as an unprivileged user, since PostgreSQL refuses root."""

    def __init__(self) -> None:
        self._programs = _postgresql_programs()
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._user = "postgres" if os.geteuid() == 0 else ""
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run(
            "initdb", "-D", self._data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"
        )
        self.start()

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> None:
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"
        self._run("pg_ctl", "-D", self._data, "-o", options, "-l", str(self._folder / "log"), "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def url(self, database: str) -> str:
        return f"postgres://tester@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, *, language: str = "") -> str:
        """Returns its URL. With a language text is ordered as its readers expect, not by code points."""
        order = ["-T", "template0", "--locale-provider=icu", f"--icu-locale={language}"] if language else []
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "tester", *order, name)
        return self.url(name)

    def close(self) -> None:
        if is_listening(self.port):
            self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        as_user = ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--init-groups"] if self._user else []
        # No pipe: the server inherits it, and reading to its end would wait for the server.
        subprocess.run(
            [*as_user, str(self._programs / program), *arguments],
            check=True,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )


def _postgresql_programs() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise ServerMissing("PostgreSQL is not installed (Debian package postgresql)")
    return versions[-1].parent


class Redis:
    """A server without persistence that can be stopped, and stalled as behind a dead network."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise ServerMissing("Redis is not installed (Debian package redis-server)")
        self._program = program
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
            cwd=tempfile.gettempdir(),
        )
        wait_until(lambda: is_listening(self.port), what="Redis listens")

    def stall(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.resume()
        self._process.kill()
        self._process.wait()

    close = stop


def main(command: list[str]) -> int:
    """Run a command with `DATABASE_URL` set to a cluster of its own."""
    server = PostgreSQL()
    try:
        environ = os.environ | {"DATABASE_URL": server.create_database("site")}
        return subprocess.run(command, env=environ, check=False).returncode
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
