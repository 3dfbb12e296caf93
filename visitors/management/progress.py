"""Show how far a long command is: one line rewritten on a terminal, nothing elsewhere."""

from __future__ import annotations

from time import monotonic
from typing import Final, Protocol

REDRAW_SECONDS: Final = 0.2
CLEAR_LINE: Final = "\r\x1b[K"


class Terminal(Protocol):
    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...
    def isatty(self) -> bool: ...


class Progress:
    """`with Progress(stderr) as progress: progress.show("3 of 9")`; the line is gone at the end."""

    def __init__(self, terminal: Terminal, *, is_quiet: bool = False) -> None:
        self._terminal = terminal
        self._is_shown = terminal.isatty() and not is_quiet
        self._drawn_at = 0.0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._draw("")

    def show(self, text: str) -> None:
        if self._is_shown and monotonic() - self._drawn_at >= REDRAW_SECONDS:
            self._draw(text)
            self._drawn_at = monotonic()

    def _draw(self, text: str) -> None:
        if self._is_shown:
            self._terminal.write(CLEAR_LINE + text)
            self._terminal.flush()
