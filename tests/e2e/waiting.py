"""What a browser brings about comes after a while: looked at again and again until it is so, or time is up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ObjectDoesNotExist

from visitors.recording import drain

SECONDS = 10
PAUSE_MS = 50


class Soon:
    """`assert soon == expected` waits for it to be so; where it never is, what was seen last is shown."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, page: Any, look: Callable[[], Any]) -> None:
        self._page, self._look = page, look
        self._seen: Any = None

    def __eq__(self, expected: object) -> bool:
        return self._becomes(lambda seen: seen == expected)

    def __ge__(self, least: int) -> bool:
        return self._becomes(lambda seen: seen is not None and seen >= least)

    def __contains__(self, part: str) -> bool:
        return self._becomes(lambda seen: part in seen)

    def __repr__(self) -> str:
        return repr(self._seen)

    def _becomes(self, is_expected: Callable[[Any], bool]) -> bool:
        deadline = time.monotonic() + SECONDS
        while True:
            self._seen = self._look()
            if is_expected(self._seen) or time.monotonic() > deadline:
                return is_expected(self._seen)
            self._page.wait_for_timeout(PAUSE_MS)  # not sleep: the driver has to listen meanwhile


def stored(page: Any, what: Callable[[], Any]) -> Soon:
    """What the server holds, `None` as long as it has no such row: reports arrive after the page went on."""

    def look() -> Any:
        drain()
        try:
            return what()
        except ObjectDoesNotExist:
            return None

    return Soon(page, look)


def until_served(base: str) -> None:
    """Wait until the server has answered all that was sent to it: the next test must not find what this one asked."""
    last = HTTPConnection(urlsplit(base).netloc, timeout=SECONDS)
    last.request("HEAD", "/static/none", headers={"Connection": "close"})
    last.getresponse().read()  # answered in its turn: who knocked before was let in before
    last.close()
    deadline = time.monotonic() + SECONDS
    while serving := [thread.name for thread in threading.enumerate() if "process_request" in thread.name]:
        assert time.monotonic() < deadline, serving
        time.sleep(0.01)
