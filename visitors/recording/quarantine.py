"""Keep what could not be stored, with the error, for a person to look at. Nothing is thrown away silently."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from errno import ENOSPC
from pathlib import Path
from typing import Any, Final

MAX_BYTES: Final = 16 * 1024 * 1024


def quarantine(directory: Path, *, error: str, line: bytes) -> None:
    """Append one record and flush it; past `MAX_BYTES` of one day only the first ones are kept."""
    folder = directory / "quarantine"
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(tz=UTC)
    record = {"at": now.isoformat(timespec="seconds"), "error": error, "line": line.decode("utf-8", "backslashreplace")}
    descriptor = os.open(folder / f"{now:%Y-%m-%d}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size < MAX_BYTES:
            _append(descriptor, json.dumps(record).encode() + b"\n", size=size)
    finally:
        os.close(descriptor)


def _append(descriptor: int, text: bytes, *, size: int) -> None:
    """All of it or nothing; raises `OSError`, so that what it tells of stays in the journal."""
    if os.write(descriptor, text) != len(text):
        os.ftruncate(descriptor, size)
        raise OSError(ENOSPC, "no space for the quarantine")
    os.fdatasync(descriptor)


def quarantined(directory: Path) -> Iterator[dict[str, Any]]:
    """Each record once, oldest first: a recorder that was killed writes its record again."""
    seen: set[str] = set()
    for path in sorted((directory / "quarantine").glob("*.jsonl")):
        with path.open(encoding="utf-8", errors="replace") as file:
            for text in file:
                record = _record(text)
                if record["line"] not in seen:
                    seen.add(record["line"])
                    yield record


def _record(text: str) -> dict[str, Any]:
    """What a power cut left of a record is told as well."""
    try:
        return dict(json.loads(text))
    except ValueError:
        return {"at": "", "error": "not readable", "line": text}
