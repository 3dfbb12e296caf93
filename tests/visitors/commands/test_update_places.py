"""`manage.py update_places`: fetch, verify, swap; whatever fails, the old file stays."""

from __future__ import annotations

import gzip
import io
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import maxminddb
import pytest
from django.core.management import CommandError, call_command

from tests.detection.mmdb import write_mmdb

RECORD = {"country": {"iso_code": "NZ"}}
OLD = b"the old database"


class QuietFiles(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


class BrokenOff(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half")

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


class Silent(BrokenOff):
    released = threading.Event()

    def do_GET(self) -> None:
        self.released.wait(10)


@contextmanager
def serving(handler: object) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)  # type: ignore[arg-type]
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    Silent.released.clear()
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        Silent.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    (tmp_path / "served").mkdir()
    return write_mmdb(tmp_path / "served" / "country.mmdb", {"203.0.113.0/24": RECORD}, database_type="Test-Country")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "places").mkdir()
    path = tmp_path / "places" / "country.mmdb"
    path.write_bytes(OLD)
    return path


@pytest.fixture
def site(database: Path) -> Iterator[str]:
    with serving(partial(QuietFiles, directory=str(database.parent))) as address:
        yield address


def update(source: object, target: Path, *, kind: str = "country", **options: object) -> str:
    out = io.StringIO()
    call_command("update_places", kind=kind, source=str(source), to=target, stdout=out, **options)
    return out.getvalue()


def country_of(path: Path) -> object:
    with maxminddb.open_database(path) as reader:
        return reader.get("203.0.113.7")


def test_a_download_is_verified_and_swapped_in(site: str, target: Path) -> None:
    said = update(f"{site}/country.mmdb", target)
    assert (country_of(target), said) == (RECORD, f"{target} is now Test-Country of 2025-10-09.\n")
    assert [each.name for each in target.parent.iterdir()] == ["country.mmdb"]


def test_a_database_in_gzip_is_unpacked(site: str, database: Path, target: Path) -> None:
    (database.parent / "packed.gz").write_bytes(gzip.compress(database.read_bytes()))
    update(f"{site}/packed.gz", target)
    assert country_of(target) == RECORD


def test_a_database_in_a_tar_archive_is_unpacked(database: Path, target: Path) -> None:
    archive = database.parent / "GeoLite2.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(__file__, "GeoLite2_20261120/README.txt")
        packed.add(database, "GeoLite2_20261120/GeoLite2.mmdb")
    update(archive, target)
    assert country_of(target) == RECORD


def test_the_setting_says_where_the_database_is(database: Path, tmp_path: Path, settings: object) -> None:
    settings.VISITORS = {"GEOIP_COUNTRY": tmp_path / "new" / "country.mmdb"}  # type: ignore[attr-defined]
    call_command("update_places", kind="country", source=str(database), stdout=io.StringIO())
    assert country_of(tmp_path / "new" / "country.mmdb") == RECORD


def test_without_a_setting_and_without_to_it_says_what_to_do(database: Path, settings: object) -> None:
    settings.VISITORS = {}  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match=r'Say --to PATH, or set VISITORS\["GEOIP_CITY"\]'):
        call_command("update_places", kind="city", source=str(database))


def test_the_mode_of_the_old_file_is_kept(database: Path, target: Path) -> None:
    target.chmod(0o640)
    update(database, target)
    assert target.stat().st_mode & 0o777 == 0o640


def refusal(source: object, target: Path, **options: object) -> str:
    """Why; the old file is as it was, and there is no other beside it."""
    with pytest.raises(CommandError) as caught:
        update(source, target, **options)  # type: ignore[arg-type]
    assert (target.read_bytes(), [each.name for each in target.parent.iterdir()]) == (OLD, ["country.mmdb"])
    said, ending = str(caught.value), f" {target} is as it was."
    assert said.endswith(ending)
    return said.removesuffix(ending)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Sign in</html>",
        gzip.compress(b"no database", mtime=0),
        gzip.compress(b"x" * 90, mtime=0)[:-9],
        b"\x1f\x8bX",
    ],
)
def test_what_is_no_database_changes_nothing(content: bytes, site: str, database: Path, target: Path) -> None:
    (database.parent / "page").write_bytes(content)
    assert "/page: " in refusal(f"{site}/page", target)


def test_half_a_database_changes_nothing(database: Path, target: Path) -> None:
    whole = database.read_bytes()
    (database.parent / "half").write_bytes(whole[: len(whole) // 2])
    assert "/half: " in refusal(database.parent / "half", target)


def test_a_database_of_another_kind_changes_nothing(database: Path, target: Path) -> None:
    why = refusal(database, target, kind="asn")
    assert "Test-Country tells country, and --kind asn needs network" in why


def test_a_missing_page_changes_nothing(site: str, target: Path) -> None:
    assert "The server answered 404" in refusal(f"{site}/none", target)


def test_a_refused_connection_changes_nothing(target: Path) -> None:
    assert "Connection refused" in refusal("http://127.0.0.1:9/x", target)


def test_a_download_that_breaks_off_changes_nothing(target: Path) -> None:
    with serving(BrokenOff) as site:
        assert "4 of 1,000 bytes" in refusal(site, target)


def test_a_silent_server_times_out(target: Path) -> None:
    with serving(Silent) as site:
        assert "timed out" in refusal(site, target, timeout=0.1)


def test_an_archive_without_a_database_changes_nothing(database: Path, target: Path) -> None:
    archive = database.parent / "empty.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(__file__, "README.txt")
    assert "holds no .mmdb file" in refusal(archive, target)


def test_more_than_the_bound_is_not_read(database: Path, target: Path) -> None:
    (database.parent / "bomb.gz").write_bytes(gzip.compress(b"x" * (2 << 20)))
    assert "larger than 1,048,576 bytes" in refusal(database.parent / "bomb.gz", target, max_mib=1)


@pytest.mark.parametrize("source", ["ftp://example.org/x.mmdb", "file:///etc/passwd"])
def test_only_http_and_files_are_read(source: str, target: Path) -> None:
    assert "must be an http or https address or a file" in refusal(source, target)


def test_a_licence_key_is_not_printed(target: Path) -> None:
    with pytest.raises(CommandError) as caught:
        update("http://me:secret@127.0.0.1:9/x?license_key=secret", target)
    assert "secret" not in str(caught.value)
