"""Bytes that no browser sends, at a real gunicorn as production runs it: 4xx or a closed connection, the next request
is served, and the log tells nothing of who sent them.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import free_port, is_listening, wait_until

ROOT = Path(__file__).parents[2]
HOST = b"Host: 127.0.0.1\r\n"
ANSWER_SECONDS = 10.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sockets")


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    """One worker with two threads: what hangs or kills it is seen by the next test."""
    port = free_port()
    environ = os.environ | {
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "tests.security.production_settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "0",
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "VISITORS_JOURNAL_DIR": str(folder / "journal"),
        "VISITORS_RECORDING": "external",
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environ, check=True, timeout=180
    )
    log = (folder / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1",
         "--threads", "2", "--timeout", "30"],
        cwd=ROOT,
        env=environ,
        stderr=log,
    )  # fmt: skip
    try:
        wait_until(lambda: is_listening(port), what="gunicorn listens")
        yield port
        assert server.poll() is None
        assert "Internal Server Error" not in (folder / "log").read_text()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
        log.close()


def send(port: int, request: bytes, *, half: bool = False, source: str = "127.0.0.1") -> bytes:
    """All that comes back until the server closes or falls silent; `half` closes our side after sending."""
    answer = b""
    with socket.create_connection(
        ("127.0.0.1", port), timeout=ANSWER_SECONDS, source_address=(source, 0)
    ) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.sendall(request)
            if half:
                connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                answer += chunk
        except OSError:  # reset, closed, or silent for too long
            pass
    return answer


def statuses(answer: bytes) -> list[int]:
    return [int(part[9:12]) for part in answer.split(b"\r\n") if part.startswith(b"HTTP/1.")]


POST = b"POST /api/chat/ HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
SMUGGLED = b"GET /admin/secret/ HTTP/1.1\r\nHost: x\r\n\r\n"
ATTACKS = {
    "CL.TE": POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "TE.CL": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n" + SMUGGLED + b"0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}" + SMUGGLED,
    "negative length": POST + b"Content-Length: -5\r\n\r\n{}",
    "length with a sign": POST + b"Content-Length: +2\r\n\r\n{}",
    "length in words": POST + b"Content-Length: two\r\n\r\n{}",
    "obscured TE": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "TE with a tab": POST + b"Transfer-Encoding:\tchunked, identity\r\n\r\n0\r\n\r\n",
    "TE twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n",
    "space before colon": POST + b"Content-Length : 2\r\n\r\n{}",
    "bad chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "huge chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n{}\r\n",
    "negative chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
    "chunk without end": POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
    "huge header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 200_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: a\r\n" % n for n in range(5000)) + b"\r\n",
    "huge line": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "bad method": b"G\x00T / HTTP/1.1\r\n" + HOST + b"\r\n",
    "method in lower case": b"get / HTTP/1.1\r\n" + HOST + b"\r\n",
    "long method": b"X" * 5000 + b" / HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/0.9": b"GET /\r\n",
    "HTTP/3.7": b"GET / HTTP/3.7\r\n" + HOST + b"\r\n",
    "no version": b"GET / \r\n\r\n",
    "garbage": bytes(range(256)) * 20,
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: 127.0.0.1\n\n",
    "folded header": b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\r\n b\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\n" + HOST + b"User-Agent: a\x00b\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: evil.test\r\n" + HOST + b"\r\n",
    "foreign host": b"GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    "host with a script": b"GET / HTTP/1.1\r\nHost: <script>\r\n\r\n",
    "foreign absolute form": b"GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    "CONNECT": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + HOST + b"\r\n",
}
# Odd, but within the protocol: served, and nothing more than that.
HARMLESS = {
    "absolute form": b"GET http://127.0.0.1/robots.txt HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    "HTTP/1.0": b"GET /robots.txt HTTP/1.0\r\n\r\n",
    "dot segments": b"GET /../../etc/passwd HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    "encoded NUL": b"GET /%00%ff%fe HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    "raw bytes": b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    "options of all": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    "underscore header": b"GET /robots.txt HTTP/1.1\r\n" + HOST + b"X_Forwarded_For: 9.9.9.9\r\n"
    b"Connection: close\r\n\r\n",
    "chunked upload": POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "packed body": POST + b"Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
}  # fmt: skip


def health(port: int) -> list[int]:
    return statuses(send(port, b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"))


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_the_wire_is_refused(port: int, name: str) -> None:
    answer = send(port, ATTACKS[name], half=True)
    found = statuses(answer)
    lenient = {"bare line feeds", "folded header", "no host", "HTTP/0.9", "two hosts", "chunk without end"}
    assert all(400 <= status < 500 or status in {501, 505} or (name in lenient and status < 400) for status in found)
    assert len(found) <= 1, "one request was answered more than once"
    assert health(port) == [200]


@pytest.mark.parametrize("name", HARMLESS)
def test_an_odd_request_is_served_as_any_other(port: int, name: str) -> None:
    answer = send(port, HARMLESS[name])
    assert len(statuses(answer)) == 1
    assert 200 <= statuses(answer)[0] < 500
    assert b"root:" not in answer
    assert health(port) == [200]


@pytest.mark.parametrize("sent", [b"", b"GET", b"GET / HTTP/1.1\r\nHos", POST + b"Content-Length: 500\r\n\r\n{"])
def test_a_request_that_stops_half_way_holds_up_nobody(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(sent)
        assert health(port) == [200]
    assert health(port) == [200]


def test_a_hundred_broken_connections_leave_the_server_up(port: int) -> None:
    for number in range(100):
        with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
            connection.sendall(os.urandom(64) if number % 2 else POST + b"Content-Length: 9\r\n\r\n")
    assert health(port) == [200]


@pytest.mark.parametrize("path", [b"/api/chat/", b"/api/contact/", b"/api/job-analysis/", b"/api/visitors/events/",
                                  b"/api/event"])  # fmt: skip
def test_a_client_that_hangs_up_amid_a_body_is_no_fault_of_ours(port: int, folder: Path, path: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
        connection.sendall(b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n")
        connection.sendall(b"Content-Length: 5000\r\n\r\n{")
        assert health(port) == [200]  # on the other thread: this one has begun to read
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert health(port) == [200]
    assert "Internal Server Error" not in (folder / "log").read_text()


QUERY = b"?token=planted-token-93d0&email=planted.jane@example.org"
TELLING = {
    "bad method": b"G@T /" + QUERY + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "bad line": b"GET /\xff" + QUERY + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "bad header": b"GET / HTTP/1.1\r\n" + HOST + b"planted.jane@example.org: planted-token-93d0\r\n\r\n",
    "expectation": b"GET / HTTP/1.1\r\n" + HOST + b"Expect: planted.jane@example.org\r\n\r\n",
    "long line": b"GET /" + QUERY + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "foreign host": b"GET /" + QUERY + b" HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
    "no such page": b"GET /no/" + QUERY + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    "bad body": b"POST /api/chat/" + QUERY + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: 17\r\n\r\nplanted-token-93d",
}  # fmt: skip


def test_the_log_of_the_server_tells_what_was_wrong_and_not_with_whom(port: int, folder: Path) -> None:
    for request in TELLING.values():
        assert statuses(send(port, request, source="127.0.0.213")), request
    log = (folder / "log").read_text()
    assert "Invalid request: Invalid HTTP method" in log
    assert "Listening at: http://127.0.0.1" in log
    assert [planted for planted in ("127.0.0.213", "planted-token", "planted.jane") if planted in log] == []
