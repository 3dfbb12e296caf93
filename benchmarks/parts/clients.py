"""Clients that keep a server busy: connections kept open, the next request when the answer is whole."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .traffic import PAGES_OF_A_VISIT, Visit, headers

RECEIVE_BYTES: Final = 1 << 16
PATIENCE_SECONDS: Final = 30.0


@dataclass(slots=True)
class Load:
    """What the server answered until `seconds` had passed; requests begun before then are waited for."""

    acknowledged: list[str] = field(default_factory=list)  # paths of 2xx answers
    refused: int = 0
    seconds: float = 0.0
    client_cpu_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.acknowledged) / self.seconds


class Connection:
    """One browser after another over one socket: each visit has its own headers and cookies."""

    def __init__(self, address: tuple[str, int], paths: Iterator[str], visits: Iterator[int]) -> None:
        self.socket = socket.create_connection(address, timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.path = ""
        self._paths, self._visits = paths, visits
        self._visit, self._page = Visit(next(visits)), 0
        self._cookies: dict[bytes, bytes] = {}
        self._received = b""
        self._wanted = 0  # bytes of the whole answer, once its head is there

    def ask(self) -> None:
        if self._page == PAGES_OF_A_VISIT:
            self._visit, self._page, self._cookies = Visit(next(self._visits)), 0, {}
        self.path = next(self._paths)
        lines = [f"GET {self.path} HTTP/1.1", *_header_lines(self._visit, self._page)]
        if self._cookies:
            lines.append("Cookie: " + b"; ".join(b"=".join(pair) for pair in self._cookies.items()).decode())
        self._page += 1
        self._received, self._wanted = b"", 0
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def receive(self) -> bytes:
        """The status of the answer once it is whole, else b"". Raises `ConnectionError` when the server hangs up."""
        part = self.socket.recv(RECEIVE_BYTES)
        if not part:
            raise ConnectionError("hung up in the middle of an answer")
        self._received += part
        if not self._wanted:
            self._read_head()
        return self._received[9:12] if self._wanted and len(self._received) >= self._wanted else b""

    def _read_head(self) -> None:
        head, end, _ = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b": ")
            if name.lower() == b"content-length":
                length = int(value)
            elif name.lower() == b"set-cookie":
                key, _, text = value.partition(b";")[0].partition(b"=")
                self._cookies[key] = text
        self._wanted = len(head) + len(end) + length


def _header_lines(visit: Visit, page: int) -> list[str]:
    named = {name.removeprefix("HTTP_").replace("_", "-"): value for name, value in headers(visit, page).items()}
    return [f"{name}: {value}" for name, value in named.items()]


def put_load(
    address: tuple[str, int], paths: Iterator[str], visits: Iterator[int], *, connections: int, seconds: float
) -> Load:
    load, cpu = Load(), time.process_time()
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            _open(selector, address, paths, visits)
        while selector.get_map():
            for key, _ in selector.select(PATIENCE_SECONDS):
                _take(load, key.data, selector, is_over=time.perf_counter() - started > seconds)
    load.seconds = time.perf_counter() - started
    load.client_cpu_seconds = time.process_time() - cpu
    return load


def _open(
    selector: selectors.BaseSelector, address: tuple[str, int], paths: Iterator[str], visits: Iterator[int]
) -> None:
    connection = Connection(address, paths, visits)
    selector.register(connection.socket, selectors.EVENT_READ, connection)
    connection.ask()


def _take(load: Load, connection: Connection, selector: selectors.BaseSelector, *, is_over: bool) -> None:
    status = connection.receive()
    if not status:
        return
    if status.startswith(b"2"):
        load.acknowledged.append(connection.path)
    else:
        load.refused += 1
    if is_over:
        selector.unregister(connection.socket)
        connection.socket.close()
    else:
        connection.ask()
