"""Open an access log, plain or gzipped, file or standard input, and read it by lines of bounded length."""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

from visitors.exceptions import VisitorsError

GZIP_MAGIC: Final = b"\x1f\x8b"
LONGEST_LINE: Final = 65_536  # bytes; Apache and nginx refuse requests far below
STANDARD_INPUT: Final = "-"
UNREADABLE: Final = (OSError, EOFError, zlib.error)


class UnreadableLog(VisitorsError):
    """The file cannot be opened or ends in the middle of its compression."""


class LogFile:
    """A context manager that iterates over (number, line). Raises `UnreadableLog`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stack = ExitStack()
        self._total_bytes = 0

    def __enter__(self) -> Self:
        try:
            self._raw = self._opened()
            start = self._raw.peek(len(GZIP_MAGIC))[: len(GZIP_MAGIC)]
        except OSError as error:
            self._stack.close()
            raise UnreadableLog(str(error)) from error
        self._lines: BinaryIO = self._raw
        if start == GZIP_MAGIC:
            unpacked = self._stack.enter_context(gzip.open(self._raw))
            self._lines = io.BufferedReader(cast(io.RawIOBase, unpacked))
        return self

    def _opened(self) -> io.BufferedReader:
        if self._name == STANDARD_INPUT:
            return cast(io.BufferedReader, sys.stdin.buffer)
        opened = self._stack.enter_context(Path(self._name).open("rb"))  # noqa: SIM115  (the stack closes it)
        self._total_bytes = os.fstat(opened.fileno()).st_size
        return opened

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """A line longer than `LONGEST_LINE` comes cut and without its end, as one line."""
        number = 0
        while line := self._next_line():
            number += 1
            yield number, line

    def _next_line(self) -> bytes:
        try:
            line = self._lines.readline(LONGEST_LINE)
            if line and not line.endswith(b"\n"):
                _skip_rest(self._lines)
        except UNREADABLE as error:
            raise UnreadableLog(str(error)) from error
        return line

    @property
    def share_read(self) -> float | None:
        """0-1, of the bytes on disk; `None` for a stream."""
        return self._raw.tell() / self._total_bytes if self._total_bytes else None


def _skip_rest(lines: BinaryIO) -> None:
    while (rest := lines.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass
