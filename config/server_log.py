"""Keep visitors out of gunicorn's own log, which names the address and quotes the bytes of a request that it cannot
read, and the whole address line of one that failed.
"""

from __future__ import annotations

import logging
import re
from typing import Final

from visitors.privacy.error_reports import MASK, scrub

# "Invalid request from ip=203.0.113.7: Invalid HTTP header name: 'Jane@'": what kind of fault it was is enough.
UNREADABLE: Final = re.compile(r"Invalid request from ip=[^ ]*: ([A-Za-z ]{0,60})")
QUERY: Final = re.compile(r"\?\S+")


def without_visitors(record: logging.LogRecord) -> bool:
    """A filter for `gunicorn.error`: every line is kept, of what a client sent nothing is."""
    if record.levelno == logging.INFO:
        return True  # of the server itself: where it listens, which workers it started
    record.msg, record.args = _told(record.getMessage()), ()
    if record.exc_info and isinstance(record.exc_info[1], BlockingIOError):
        record.msg, record.exc_info = "A client fell silent in the middle of its request.", None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    elif record.exc_info:
        record.exc_text = scrub(logging.Formatter().formatException(record.exc_info))
    return True


def _told(text: str) -> str:
    if unreadable := UNREADABLE.match(text):
        return f"Invalid request: {unreadable[1].strip()}"
    return scrub(QUERY.sub(f"?{MASK}", text))
