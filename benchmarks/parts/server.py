"""The measured site in this process: one handler for each variant, all over the same database."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from benchmarks.site.variants import Variant

Environ = dict[str, Any]


@dataclass(slots=True)
class Handled:
    """What a run of requests took, microseconds each, and the names of the cookies that it set."""

    wall_us: list[float] = field(default_factory=list)
    cookies: set[str] = field(default_factory=set)


class Server:
    """Answers requests as a WSGI server has it done, with each visitor's cookies."""

    def __init__(self, variant: Variant) -> None:
        from django.conf import settings
        from django.core.handlers.wsgi import WSGIHandler
        from django.test import override_settings

        self.variant = variant
        middleware = [*settings.PLAIN_MIDDLEWARE, *filter(None, [variant.middleware])]
        with override_settings(MIDDLEWARE=middleware):
            self._handler = WSGIHandler()
        self.answered = 0
        self._status = ""
        self._set_cookies: list[str] = []

    def answer(self, requests: Sequence[Environ]) -> Handled:
        """Raises `RuntimeError` when the page is not served."""
        handled = Handled()
        self.answered += len(requests)
        visit, cookies = None, SimpleCookie()
        for environ in requests:
            if environ["bench.visit"] != visit:
                visit, cookies = environ["bench.visit"], SimpleCookie()
            if cookies:
                environ["HTTP_COOKIE"] = cookies.output(attrs=[], header="", sep=";").strip()
            handled.wall_us.append(self._timed(environ))
            for cookie in self._set_cookies:
                cookies.load(cookie)
                handled.cookies.update(SimpleCookie(cookie))
        return handled

    def _timed(self, environ: Environ) -> float:
        self._set_cookies = []
        started = time.perf_counter_ns()
        response = self._handler(environ, self._begin)
        body = b"".join(response)
        response.close()
        ended = time.perf_counter_ns()
        if not (body and self._status.startswith("200")):
            raise RuntimeError(f"`{self.variant.name}` answered {self._status} to {environ['PATH_INFO']}")
        return (ended - started) / 1000

    def _begin(self, status: str, headers: list[tuple[str, str]], *_: object) -> None:
        self._status = status
        self._set_cookies = [value for name, value in headers if name == "Set-Cookie"]


@contextmanager
def background_recorder() -> Iterator[None]:
    """The thread of a web process, alive for as long as its variant is being measured; drains what is left."""
    import threading

    from visitors.recording import background

    stop = threading.Event()
    thread = threading.Thread(target=background.run, args=(stop,), name="visitors-recorder", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        background.wake()
        thread.join()


def statements(server: Server, requests: Sequence[Environ]) -> float:
    """Database statements a request, transaction control not counted."""
    from django.db import connection

    count = 0

    def counting(execute: Any, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    with connection.execute_wrapper(counting):
        server.answer(requests)
    return count / len(requests)


def drain_all() -> None:
    """Store all that waits in this site's journal."""
    from visitors import recording

    if recording.drain() is None:
        raise RuntimeError("another process holds the journal of this benchmark")


def confirm_stored(servers: Iterable[Server]) -> None:
    """A figure counts only if its page views were stored: raises `RuntimeError` unless each is there once."""
    from django.apps import apps

    expected: Counter[str] = Counter()
    for server in servers:
        expected[server.variant.table] += server.answered
    del expected[""]
    stored = {table: apps.get_model(table)._default_manager.count() for table in expected}
    if stored != dict(expected):
        raise RuntimeError(f"page views answered {dict(expected)}, stored {stored}")


def page_bytes(server: Server, request: Environ) -> int:
    server.answered += 1
    return len(b"".join(server._handler(request, server._begin)))
