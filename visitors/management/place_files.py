"""Fetch an address database, unpack it, verify it, and put it in place of the old one in a single step."""

from __future__ import annotations

import gzip
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import IO, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from visitors.exceptions import VisitorsError

CHUNK_BYTES: Final = 1 << 16
GZIP_MAGIC: Final = b"\x1f\x8b"
READABLE_BY_ALL: Final = 0o644


class BadPlaceFile(VisitorsError):
    """What was fetched is no address database, or not all of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """`max_bytes` bounds the download and, apart from it, what it unpacks to; `timeout_seconds` each wait."""

    max_bytes: int
    timeout_seconds: float


def replace_file(
    target: Path, *, source: str, limits: FetchLimits, accept: Callable[[Path], object], show: Callable[[str], None]
) -> None:
    """Put what `source` (URL or path) holds at `target`; whatever raises, `accept` included, leaves `target` alone.

    The drafts lie beside the target, since a rename is a single step only within one file system.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as drafts:
        packed, database = Path(drafts) / "packed", Path(drafts) / "database.mmdb"
        _fetch(source, packed, limits=limits, show=show)
        _unpack(packed, database, limits=limits)
        accept(database)
        database.chmod(target.stat().st_mode & 0o777 if target.exists() else READABLE_BY_ALL)
        _sync(database)
        database.replace(target)
    _sync(target.parent)


def public_name(source: str) -> str:
    """The source without what may be a licence key: user name, password and query."""
    parts = urlsplit(source)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.scheme else source


def _fetch(source: str, packed: Path, *, limits: FetchLimits, show: Callable[[str], None]) -> None:
    with _opened(source, limits) as (stream, expected_bytes), packed.open("wb") as draft:
        received = _copy(
            stream, draft, max_bytes=limits.max_bytes, show=lambda done: show(_how_far(done, expected_bytes))
        )
    if expected_bytes is not None and received != expected_bytes:
        raise BadPlaceFile(f"The download broke off: {received:,} of {expected_bytes:,} bytes came.")


@contextmanager
def _opened(source: str, limits: FetchLimits) -> Iterator[tuple[IO[bytes], int | None]]:
    """The stream and, where it is known, its length."""
    if urlsplit(source).scheme in {"http", "https"}:
        request = Request(source, headers={"User-Agent": "django-visitors update_places"})  # noqa: S310  (checked above)
        with _answer(request, timeout_seconds=limits.timeout_seconds) as response:
            length = response.headers.get("Content-Length", "")
            yield response, int(length) if length.isdigit() else None
    elif "://" in source:
        raise BadPlaceFile(f"`--from` must be an http or https address or a file, not {public_name(source)!r}.")
    else:
        with Path(source).open("rb") as opened:
            yield opened, os.fstat(opened.fileno()).st_size


def _answer(request: Request, *, timeout_seconds: float) -> HTTPResponse:
    try:
        response: HTTPResponse = urlopen(request, timeout=timeout_seconds)  # noqa: S310
    except HTTPError as error:
        error.close()  # it holds the connection
        raise BadPlaceFile(f"The server answered {error.code} {error.reason}.") from None
    return response


def _copy(
    stream: IO[bytes] | gzip.GzipFile,
    draft: IO[bytes],
    *,
    max_bytes: int,
    show: Callable[[int], None] = lambda _done: None,
) -> int:
    done = 0
    while chunk := stream.read(CHUNK_BYTES):
        done += len(chunk)
        if done > max_bytes:
            raise BadPlaceFile(f"The file is larger than {max_bytes:,} bytes; --max-mib raises the bound.")
        draft.write(chunk)
        show(done)
    return done


def _how_far(done: int, expected: int | None) -> str:
    return f"{done:,} bytes" if not expected else f"{done:,} of {expected:,} bytes"


def _unpack(packed: Path, database: Path, *, limits: FetchLimits) -> None:
    """A plain `.mmdb`, one in gzip, or the only one in a tar archive, by content and not by name."""
    if tarfile.is_tarfile(packed):
        with tarfile.open(packed) as archive, database.open("wb") as draft:
            _copy(_member(archive), draft, max_bytes=limits.max_bytes)
    elif _starts_with(packed, GZIP_MAGIC):
        with gzip.open(packed) as stream, database.open("wb") as draft:
            _copy(stream, draft, max_bytes=limits.max_bytes)
    else:
        shutil.move(packed, database)


def _member(archive: tarfile.TarFile) -> IO[bytes]:
    for entry in archive:
        if entry.isfile() and entry.name.endswith(".mmdb"):
            opened = archive.extractfile(entry)
            if opened is not None:
                return opened
    raise BadPlaceFile("The archive holds no .mmdb file.")


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as opened:
        return opened.read(len(magic)) == magic


def _sync(path: Path) -> None:
    """Make a file's content, or a folder's names, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
