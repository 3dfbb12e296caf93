"""Clients that vanish in the middle of a request: the server waits for them for some seconds, and not without end."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from .running import HEADERS, Site

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]

CLIENTS = 4  # as many as the site has threads
# Ten, and ten more if one worker took them all and the question too.
MOST_SECONDS = 25


@pytest.fixture
def site(new_site: NewSite, sqlite_url: str) -> Iterator[Site]:
    yield new_site(sqlite_url).migrate().start()


@pytest.mark.parametrize(
    "sent", [b"GET /page/1/ HTTP/1.1\r\nHos", b"POST /page/1/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"]
)  # fmt: skip
def test_clients_that_fall_silent_hold_the_site_up_for_seconds_only(site: Site, sent: bytes) -> None:
    with ExitStack() as silent:
        for _ in range(CLIENTS):
            silent.enter_context(socket.create_connection(("127.0.0.1", site.port))).sendall(sent)
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        connection.request("GET", "/up/", headers=HEADERS)
        assert connection.getresponse().status == 200
        connection.close()
        assert time.monotonic() - began < MOST_SECONDS
