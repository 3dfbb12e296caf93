"""Post a notice to the owner's webhook: signed, to public addresses only, following nothing.

The address that is checked is the address that is connected to, so that a name cannot change its answer in between.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from visitors.exceptions import VisitorsError

TIMEOUT_SECONDS: Final = 5.0
SIGNATURE_HEADER: Final = "X-Visitors-Signature"
TIMESTAMP_HEADER: Final = "X-Visitors-Timestamp"
NAT64: Final = bytes.fromhex("0064ff9b0000000000000000")


class DeliveryFailed(VisitorsError):
    """The notice did not arrive; the message is kept for the owner."""


def post(url: str, body: bytes, *, secret: str, timestamp: int, headers: Mapping[str, str], private: bool) -> None:
    """Raises `DeliveryFailed` unless the server answers 2xx. `private` allows private addresses and plain HTTP."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise DeliveryFailed("the webhook must be an https address")
    host = parts.hostname or ""
    address, port = resolve(host, parts.port or (443 if parts.scheme == "https" else 80), private=private)
    connection = _connect(parts.scheme, host, address, port)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    signed = {TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: signature(secret, timestamp, body)}
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json", **headers, **signed})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise DeliveryFailed(f"the webhook does not answer: {type(error).__name__}") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise DeliveryFailed(f"the webhook answered {status}")


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """`sha256=` and the HMAC-SHA256 of `<timestamp>.<body>` in hex."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


def resolve(host: str, port: int, *, private: bool) -> tuple[str, int]:
    """An address of the host to connect to; raises `DeliveryFailed` if any of its addresses is not public."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed("the webhook's name has no address") from error
    addresses = [str(answer[4][0]) for answer in answers]
    if not private and not all(is_public(address) for address in addresses):
        raise DeliveryFailed("the webhook's address is private")
    return addresses[0], port


def is_public(address: str) -> bool:
    """Neither private, loopback, link-local, shared, multicast nor reserved, also when wrapped in IPv6."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _inner(parsed)
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside a mapped, 6to4, Teredo or NAT64 one."""
    if isinstance(address, IPv4Address):
        return address
    if address.packed.startswith(NAT64):
        return IPv4Address(address.packed[-4:])
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def _connect(scheme: str, host: str, address: str, port: int) -> http.client.HTTPConnection:
    if scheme == "http":
        return _Plain(host, address, port)
    return _Secure(host, address, port)


class _Plain(http.client.HTTPConnection):
    """Connects to the checked address and speaks to the host."""

    def __init__(self, host: str, address: str, port: int) -> None:
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), TIMEOUT_SECONDS)


class _Secure(_Plain):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
