"""Overwrite what is stored of a journal file that a quiet process keeps open: a user agent must not lie there long.

Only after as long as a file would be written to: by then the database has its transaction on disk too, so that not even
a power cut makes anybody read these lines again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from time import time
from typing import Final

from visitors.conf import conf

from .journal import FILE_PATTERN

CHUNK_BYTES: Final = 64 * 1024

_forgotten: dict[Path, int] = {}  # bytes from the beginning, by file


def forget_stored(directory: Path, offsets: Mapping[str, int]) -> None:
    """Blank the lines before `offsets` of files that nobody has written to for `JOURNAL_ROTATE_SECONDS`."""
    files = {path: offsets.get(path.name, 0) for path in directory.glob(FILE_PATTERN)}
    for gone in _forgotten.keys() - files.keys():
        del _forgotten[gone]
    for path, end in files.items():
        if end > _forgotten.get(path, 0) and _is_quiet(path):
            _blank(path, _forgotten.get(path, 0), end)
            _forgotten[path] = end


def _is_quiet(path: Path) -> bool:
    try:
        age = time() - path.stat().st_mtime
    except FileNotFoundError:
        return False
    return age >= conf.JOURNAL_ROTATE_SECONDS


def _blank(path: Path, start: int, end: int) -> None:
    """In place: the writer appends behind, and the offsets stay true."""
    with path.open("r+b") as file:
        file.seek(start)
        for at in range(start, end, CHUNK_BYTES):
            file.write(b"\0" * min(CHUNK_BYTES, end - at))
        file.flush()
        os.fdatasync(file.fileno())
