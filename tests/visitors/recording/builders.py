"""Observations and short-lived processes for the recorder's tests; a test names only what matters to it."""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from visitors.models import unix_ms
from visitors.observation import PING, Observation
from visitors.recording.ids import compose
from visitors.recording.journal import Journal, Limits, encode

ROOT = Path(__file__).parents[3]
NOON_MS = unix_ms(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))  # a Friday
MINUTE_MS = 60_000
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
WIDE = Limits(max_bytes=1 << 30, rotate_bytes=1 << 30, rotate_seconds=3600)

_numbers = itertools.count(1)


def an_observation(*, at_ms: int = NOON_MS, **given: Any) -> Observation:
    """A page view of an ordinary browser; `id` is new unless given."""
    ordinary = {
        "id": compose(at_ms, low_bits=next(_numbers)),
        "day": datetime.fromtimestamp(at_ms / 1000, tz=UTC).date().isoformat(),
        "visitor_id": 1,
        "host": "testserver",
        "content_type": "text/html; charset=utf-8",
        "user_agent": CHROME,
        "accept": "text/html",
        "accept_language": "en-GB,en;q=0.9",
    }
    return Observation(at_ms=at_ms, **(ordinary | given))


def a_ping(*, path: str = "/", **given: Any) -> Observation:
    return an_observation(kind=PING, path=path, method="POST", **given)


def a_journal(directory: Path, **limits: Any) -> Journal:
    bounds = {name: limits.get(name, getattr(WIDE, name)) for name in ("max_bytes", "rotate_bytes", "rotate_seconds")}
    return Journal(directory, Limits(**bounds))


def a_journal_file(directory: Path, *lines: bytes | Observation, name: str = "1790000000000-000-abcdef") -> Path:
    """A finished file whose writer is gone."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.journal"
    path.write_bytes(b"".join(line if isinstance(line, bytes) else encode(line) for line in lines))
    return path


@contextmanager
def a_folder() -> Iterator[Path]:
    """For property tests, where `tmp_path` would be shared by all examples."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """As on a disk that is full: the system takes a part of a line, then nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def start_python(code: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    """A process of its own with the site's settings loaded before `code` runs."""
    prelude = "import django; django.setup()\n"
    return subprocess.Popen(
        [sys.executable, "-c", prelude + code, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "1"} | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> list[str]:
    """The lines that it printed; fails if it failed."""
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return output.split()
