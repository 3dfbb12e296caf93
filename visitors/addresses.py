"""Decide whose address a request came from. One function for identity, limits, places and logs.

What a client writes into a header is believed as far as a trusted proxy vouches for it, and no further.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from socket import AF_INET, inet_pton
from time import time
from typing import Any, Final

from .conf import Network, conf

MAX_HOPS: Final = 32
LONGEST: Final = 64  # characters; the longest address with zone and port is shorter
LONGEST_PORT: Final = 5
# Where proxies stand: this machine, private networks, link-local, carrier-grade translation.
INSIDE: Final = tuple(
    map(
        ip_network,
        [
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "100.64.0.0/10",
            "::1",
            "fc00::/7",
            "fe80::/10",
        ],
    )
)
PROXY_FILE: Final = "unknown-proxy"
NOTED_EVERY_SECONDS: Final = 3600
SEEN_FOR_SECONDS: Final = 24 * 3600  # after that a proxy that was named, or went away, is forgotten

_noted: tuple[Path, float] | None = None


def client_ip(meta: Mapping[str, Any]) -> str:
    """The client's address, or "" when it is unknown (unix socket, junk).

    Without `TRUSTED_PROXIES` the peer is the client. With them, X-Forwarded-For is walked from the right, from the
    peer outwards, as long as each hop is a trusted proxy; the first that is not is the client. A hop that is no
    address ends the walk, since whatever stands left of it was written by the client.
    """
    trusted = conf.TRUSTED_PROXIES
    peer = _parsed(str(meta.get("REMOTE_ADDR", "")))  # the server's word, so that it is not long
    if not trusted:
        if "HTTP_X_FORWARDED_FOR" in meta or "HTTP_FORWARDED" in meta:
            _note_unknown_proxy(peer)
        return peer
    if peer and not _is_trusted(peer, trusted):
        return peer
    return _first_foreign(peer, str(meta.get("HTTP_X_FORWARDED_FOR", "")), trusted)


def _first_foreign(peer: str, header: str, trusted: tuple[Network, ...]) -> str:
    client = peer
    for hop in _hops_from_the_right(header):
        address = parse_ip(hop)
        if not address:
            break
        client = address
        if not _is_trusted(address, trusted):
            break
    return client


def _hops_from_the_right(header: str) -> Iterator[str]:
    """At most `MAX_HOPS` hops, without cutting a header of thousands into a list first."""
    for _ in range(MAX_HOPS):
        header, separator, hop = header.rpartition(",")
        yield hop
        if not separator:
            return


def came_through_trusted_proxy(meta: Mapping[str, Any]) -> bool:
    """Whether the peer is one, so that its other headers may be believed."""
    peer = _parsed(str(meta.get("REMOTE_ADDR", "")))
    return bool(peer) and _is_trusted(peer, conf.TRUSTED_PROXIES)


def _is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    parsed = ip_address(address)
    return any(parsed in network for network in trusted)


def parse_ip(text: str) -> str:
    """Canonical form of `1.2.3.4`, `1.2.3.4:80`, `[v6]:80`, `v6%zone`, `::ffff:1.2.3.4`; "" for anything else."""
    text = text.strip()
    return _parsed(text) if len(text) <= LONGEST else ""


@lru_cache(maxsize=4096)
def _parsed(text: str) -> str:
    try:
        inet_pton(AF_INET, text)
    except (OSError, ValueError):
        return _parsed_slowly(text.strip())
    return text  # it takes no other form of such an address than this one


def _parsed_slowly(text: str) -> str:
    host, port = _host_and_port(text)
    if port and not (port.isascii() and port.isdigit() and len(port) <= LONGEST_PORT):
        return ""
    address, percent, zone = host.partition("%")
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or parsed) if bool(zone) == bool(percent) else ""
    return "" if percent else str(parsed)


def _host_and_port(text: str) -> tuple[str, str]:
    """A port that is not one makes the whole text junk."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        is_whole = bool(bracket) and ":" in host and (not rest or (rest.startswith(":") and len(rest) > 1))
        return (host, rest[1:]) if is_whole else ("", "")
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return (host, port) if port else ("", "")
    return text, ""


def _note_unknown_proxy(peer: str) -> None:
    """A forwarding header from within one's own network is a proxy that nobody named: all visitors share its address.

    Noted by touching a file, once an hour, since a request may neither ask nor write a database.
    """
    global _noted
    if not peer or not _is_trusted(peer, INSIDE):
        return
    path, now = _proxy_file(), time()
    if _noted is not None and _noted[0] == path and now - _noted[1] < NOTED_EVERY_SECONDS:
        return
    _noted = (path, now)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError:
        return  # the next hour's request tries again; what recording does without its folder is told elsewhere


def has_seen_unknown_proxy() -> bool:
    """Whether one was seen within a day and none is named."""
    if conf.TRUSTED_PROXIES:
        return False
    try:
        return time() - _proxy_file().stat().st_mtime < SEEN_FOR_SECONDS
    except OSError:
        return False


def _proxy_file() -> Path:
    return conf.JOURNAL_DIR / PROXY_FILE
