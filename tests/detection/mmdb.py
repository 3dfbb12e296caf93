"""Write small MMDB files for tests, after the format's public specification, version 2.0."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path

MARKER = b"\xab\xcd\xefMaxMind.com"

Tree = list["Tree | bytes | None"]


class Uint16(int):
    """Written as the format's 16-bit integer; a plain `int` is written in 32 bits."""


class Uint64(int):
    """Written as the format's 64-bit integer."""


def write_mmdb(path: Path, networks: Mapping[str, object], *, database_type: str = "Test-City") -> Path:
    """An IPv6 tree with 32-bit records; IPv4 networks stand at ::/96. Networks must not overlap."""
    root: Tree = [None, None]
    for cidr, record in networks.items():
        _plant(root, cidr, record)
    nodes = _numbered(root)
    leaves: dict[int, int] = {}
    section = b""
    for node in nodes:
        for side in node:
            if isinstance(side, bytes):
                leaves[id(side)] = len(section)
                section += side
    records = b"".join(struct.pack(">I", _pointer(side, nodes, leaves)) for node in nodes for side in node)
    path.write_bytes(records + b"\0" * 16 + section + MARKER + _encoded(_metadata(len(nodes), database_type)))
    return path


def _plant(root: Tree, cidr: str, record: object) -> None:
    network = ip_network(cidr)
    length = network.prefixlen + (96 if network.version == 4 else 0)
    number = int(network.network_address)
    node = root
    for depth in range(length - 1):
        bit = number >> (127 - depth) & 1
        if node[bit] is None:
            node[bit] = [None, None]
        node = node[bit]  # type: ignore[assignment]
    node[number >> (128 - length) & 1] = bytes(_encoded(record))


def _numbered(root: Tree) -> list[Tree]:
    nodes = [root]
    for node in nodes:
        nodes.extend(side for side in node if isinstance(side, list))
    return nodes


def _pointer(side: Tree | bytes | None, nodes: list[Tree], leaves: dict[int, int]) -> int:
    if side is None:
        return len(nodes)
    if isinstance(side, bytes):
        return len(nodes) + 16 + leaves[id(side)]
    return next(index for index, node in enumerate(nodes) if node is side)


def _metadata(node_count: int, database_type: str) -> dict[str, object]:
    return {
        "node_count": node_count,
        "record_size": Uint16(32),
        "ip_version": Uint16(6),
        "database_type": database_type,
        "languages": ["en"],
        "binary_format_major_version": Uint16(2),
        "binary_format_minor_version": Uint16(0),
        "build_epoch": Uint64(1_760_000_000),
        "description": {"en": "written by a test"},
    }


def _encoded(value: object) -> bytes:
    if isinstance(value, str):
        text = value.encode()
        return _control(2, len(text)) + text
    if isinstance(value, dict):
        return _control(7, len(value)) + b"".join(_encoded(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_encoded, value))
    if isinstance(value, int):
        number = value.to_bytes(8, "big").lstrip(b"\0")
        return _control(5 if isinstance(value, Uint16) else 9 if isinstance(value, Uint64) else 6, len(number)) + number
    raise TypeError(f"`value` must be text, a number, a list or a dict, not {type(value).__name__}.")


def _control(kind: int, size: int) -> bytes:
    """Sizes to 284; kinds above 7 stand in a second byte."""
    first = (0 if kind > 7 else kind) << 5
    more = bytes([kind - 7]) if kind > 7 else b""
    return bytes([first | size]) + more if size < 29 else bytes([first | 29]) + more + bytes([size - 29])
