"""Plant an address, a browser, cookies, a token, an e-mail address and typed text; then look for them in every byte.

Not "the field is not there", but "the bytes are not there": database, write-ahead log, journal, quarantine, logs,
caches, exports, pages of the admin and of the dashboard.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.servers import Redis, ServerMissing, must_exist

ROOT = Path(__file__).parents[3]
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0 Kanarienvogel/7.13"
PLANTED = {
    "address": "198.51.100.213",
    "address in IPv6": "2001:db8:77:99::4711",
    "user agent": "Kanarienvogel/7.13",
    "cookie": "canary-cookie-5b1f",
    "session cookie": "canary-session-77aa",
    "token": "canary-token-93d0",
    "e-mail": "canary.jane@example.org",
    "typed": "canary-typed-words",
    "search": "canary-search-terms",
}
# What the visitor sends to the owner on purpose is kept where it belongs, and nowhere else.
SENT_ON_PURPOSE = {"typed": "portfolio_message"}


@pytest.fixture(params=["memory", "redis"])
def cache_server(request: pytest.FixtureRequest) -> Iterator[Redis | None]:
    if request.param == "memory":
        yield None
        return
    try:
        server = Redis()
    except ServerMissing as missing:
        if must_exist():
            raise
        pytest.skip(str(missing))
    yield server
    server.close()


def copy_of(folder: Path, to: Path) -> dict[str, bytes]:
    """Every file below `folder`, as its bytes lie there now."""
    to.mkdir()
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            shutil.copy(path, to / "file")
            found[str(path.relative_to(folder))] = (to / "file").read_bytes()
    return found


def everything_in(server: Redis) -> bytes:
    from redis import Redis as Connection

    with Connection(port=server.port) as connection:
        assert connection.dbsize()
        return pickle.dumps([(key, connection.dump(key)) for key in connection.keys("*")])


def forms_of(text: str) -> list[bytes]:
    """As it is, and as databases, logs and JSON may write it."""
    forms = (text, text.upper(), text.replace("@", "%40"), text.replace("@", "%2540"))
    return [*(form.encode() for form in forms), text.encode("utf-16-le"), text.encode().hex().encode()]


def test_nothing_of_a_visitor_lies_anywhere(tmp_path: Path, cache_server: Redis | None) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    environment = {
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "VISITORS_JOURNAL_DIR": str(folder / "journal"),
        "VISITORS_RECORDING": "external",
        "PYTHONPATH": str(ROOT),
    } | ({"REDIS_URL": cache_server.url} if cache_server else {})
    command = [sys.executable, str(Path(__file__).with_name("canary_site.py")), str(folder), json.dumps(PLANTED), AGENT]
    errors = tmp_path / "stderr"
    with (
        errors.open("wb") as stderr,
        subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environment, stdin=PIPE, stdout=PIPE, stderr=stderr, text=True
        ) as process,
    ):
        assert process.stdin and process.stdout
        try:
            visitors = json.loads(process.stdout.readline() or "null")
            assert visitors, errors.read_text()[-3000:]
            places = copy_of(folder, tmp_path / "copy") | {"stderr": errors.read_bytes()}
            if cache_server:
                places["redis"] = everything_in(cache_server)
            look_for_planted(places, folder / "site.sqlite3")
            process.stdin.write("\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline() or "null") == [0, 0], errors.read_text()[-3000:]
            look_for_visitors(copy_of(folder, tmp_path / "after"), visitors)
        finally:
            process.kill()


def look_for_planted(places: dict[str, bytes], database: Path) -> None:
    assert {"site.sqlite3", "captured.log", "pages/0"} <= set(places)
    assert any(name.endswith("-wal") and content for name, content in places.items())
    assert any(name.endswith(".journal") and content for name, content in places.items())
    assert any("quarantine/" in name and content for name, content in places.items())
    found = {
        (what, where)
        for what, text in PLANTED.items()
        for where, content in places.items()
        if any(form in content for form in forms_of(text))
    }
    # The database with its log; the admin's list of questions is not among the pages.
    on_purpose = {(what, f"site.sqlite3{end}") for what in SENT_ON_PURPOSE for end in ("", "-wal")}
    assert found <= on_purpose
    for what, table in SENT_ON_PURPOSE.items():
        assert tables_with(database, PLANTED[what]) == {table}


def look_for_visitors(places: dict[str, bytes], visitors: list[str]) -> None:
    """As SQLite stores a number of eight bytes."""
    for name in ("site.sqlite3", "site.sqlite3-wal"):
        content = places.get(name, b"")
        assert not [each for each in visitors if struct.pack(">q", int(each)) in content], name


def tables_with(database: Path, text: str) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = set()
        for name in names:
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
            if any(text in str(value) for row in rows for value in row):
                found.add(name)
    return found


def test_the_search_would_find_what_is_there() -> None:
    """A canary that cannot die proves nothing."""
    assert any(form in b"x" + PLANTED["address"].encode() for form in forms_of(PLANTED["address"]))
    assert any(form in PLANTED["e-mail"].encode("utf-16-le") for form in forms_of(PLANTED["e-mail"]))
