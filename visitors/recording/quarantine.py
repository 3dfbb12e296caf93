"""Keep what could not be stored, with the error, for a person to look at. Nothing is thrown away silently.

But for the user agent, which ends with the journal: whose it is, a person's or a bot's, was perhaps what went wrong.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from errno import ENOSPC
from pathlib import Path
from typing import Any, Final

MAX_BYTES: Final = 16 * 1024 * 1024
MASK: Final = "***"
# In a line that was torn too, whose JSON nobody can read.
AGENT: Final = re.compile(r'("user_agent":")(?:[^"\\]|\\.)*')


def quarantine(directory: Path, *, error: str, line: bytes) -> bool:
    """Append one record and flush it; whether it was kept: past `MAX_BYTES` of one day only the first ones are."""
    folder = directory / "quarantine"
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(tz=UTC)
    kept = AGENT.sub(rf"\1{MASK}", line.decode("utf-8", "backslashreplace"))
    record = {"at": now.isoformat(timespec="seconds"), "error": error, "line": kept}
    descriptor = os.open(folder / f"{now:%Y-%m-%d}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        is_kept = size < MAX_BYTES
        if is_kept:
            _append(descriptor, json.dumps(record).encode() + b"\n", size=size)
    finally:
        os.close(descriptor)
    return is_kept


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


def quarantined_bytes(directory: Path) -> int:
    """Without reading them."""
    return sum(path.stat().st_size for path in (directory / "quarantine").glob("*.jsonl"))


def _record(text: str) -> dict[str, Any]:
    """What a power cut left of a record is told as well."""
    try:
        return dict(json.loads(text))
    except ValueError:
        return {"at": "", "error": "not readable", "line": text}


def remove_visitors(directory: Path, visitor_ids: Collection[int]) -> int:
    """Take out the lines of these visitors; returns how many."""
    return sum(_rewrite(path, visitor_ids) for path in (directory / "quarantine").glob("*.jsonl")) if visitor_ids else 0


def _rewrite(path: Path, visitor_ids: Collection[int]) -> int:
    """In place and under a lock, since a recorder may be about to append to this very file."""
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.read().splitlines(keepends=True)
        named = re.compile(rb"(?<!\d)(?:%s)(?!\d)" % b"|".join(b"%d" % each for each in visitor_ids))
        kept = [line for line in lines if not named.search(line)]
        if len(kept) < len(lines):
            file.seek(0)
            file.write(b"".join(kept))
            file.truncate()
            os.fsync(file.fileno())
    return len(lines) - len(kept)


def remove_before(directory: Path, day: date, *, is_dry: bool = False) -> int:
    """Delete the files of days before `day` (UTC); returns how many."""
    old = [path for path in (directory / "quarantine").glob("*.jsonl") if path.stem < day.isoformat()]
    for path in () if is_dry else old:
        path.unlink(missing_ok=True)
    return len(old)
