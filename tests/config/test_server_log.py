"""gunicorn's own lines tell what happened to the server, and nothing of whom it happened with."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest

from config.server_log import without_visitors


def told(message: str, *arguments: Any, level: int = logging.WARNING, error: BaseException | None = None) -> str:
    exc_info = None
    if error is not None:
        try:
            raise error
        except type(error):
            exc_info = sys.exc_info()
    record = logging.LogRecord("gunicorn.error", level, "", 1, message, arguments, exc_info)
    assert without_visitors(record) is True
    return logging.Formatter("%(levelname)s %(message)s").format(record)


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("Invalid request from ip=203.0.113.7: Invalid HTTP method: 'G@T'", "Invalid request: Invalid HTTP method"),
        ("Invalid request from ip=2001:db8::1: Request Line (9 > 4)", "Invalid request: Request Line"),
        ("Invalid request from ip=: limit request headers fields", "Invalid request: limit request headers fields"),
        ("Error handling request GET /a?secret", "Error handling request GET /a?***"),
        ("Worker (pid:7) was sent SIGKILL!", "Worker (pid:7) was sent SIGKILL!"),
    ],
)  # fmt: skip
def test_a_warning_says_what_was_wrong(message: str, left: str) -> None:
    assert told(message) == f"WARNING {left}"


def test_where_the_server_listens_is_told() -> None:
    assert told("Listening at: %s", "http://10.0.0.7:80", level=logging.INFO) == "INFO Listening at: http://10.0.0.7:80"


def test_a_traceback_is_kept_without_what_came() -> None:
    text = told("Error handling request", level=logging.ERROR, error=ValueError("jane@example.org from 203.0.113.7"))
    assert "ValueError: *** from ***" in text
    assert "Traceback" in text


def test_a_silent_client_is_a_line_and_no_traceback() -> None:
    text = told("Socket error processing request.", level=logging.ERROR, error=BlockingIOError(11, "again"))
    assert text == "WARNING A client fell silent in the middle of its request."
