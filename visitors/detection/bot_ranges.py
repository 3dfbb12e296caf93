"""Decide whether an address belongs to the crawler that it claims to be, by the operator's published ranges.

The files are the owner's to fetch; nothing is downloaded here.
"""

from __future__ import annotations

import ipaddress
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Span = tuple[int, int]  # first and last address of a range


class RangesError(ValueError):
    """The file of crawler ranges is not what this module reads."""


@dataclass(frozen=True, slots=True)
class VerifiedRanges:
    """Sorted, merged address spans per crawler (name in lower case) and IP version."""

    spans: Mapping[tuple[str, int], tuple[Span, ...]]

    def is_verified(self, ip: str, name: str) -> bool:
        """Whether `ip` lies in a range published for the crawler `name`; a name without ranges is never verified."""
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        spans = self.spans.get((name.lower(), address.version), ())
        index = bisect_right(spans, (int(address), 1 << 128)) - 1
        return index >= 0 and spans[index][0] <= int(address) <= spans[index][1]

    def knows(self, name: str) -> bool:
        return any(crawler == name.lower() for crawler, _ in self.spans)


def load_ranges(path: str | Path) -> VerifiedRanges:
    """Ranges from a file `{"Googlebot": {...}, "bingbot": {...}}`, or from a folder of `<name>.json` as published.

    Each value is the JSON that Google, Bing, OpenAI and others publish (`{"prefixes": [{"ipv4Prefix": ...}]}`) or a
    plain list of CIDRs. Raises `RangesError`.
    """
    source = Path(path)
    networks: dict[tuple[str, int], list[Network]] = defaultdict(list)
    for name, published in _published(source):
        for network in _networks(published, source=source):
            networks[name.lower(), network.version].append(network)
    return VerifiedRanges({key: _spans(members) for key, members in networks.items()})


def _published(source: Path) -> Iterator[tuple[str, object]]:
    if source.is_dir():
        for file in sorted(source.glob("*.json")):
            yield file.stem, _read_json(file)
        return
    crawlers = _read_json(source)
    if not isinstance(crawlers, dict):
        raise RangesError(f"{source} must be an object of crawler names, not {type(crawlers).__name__}.")
    yield from crawlers.items()


def _read_json(file: Path) -> object:
    try:
        content: object = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RangesError(f"{file} must be readable JSON: {error}.") from error
    return content


def _networks(published: object, *, source: Path) -> Iterator[Network]:
    for cidr in _cidrs(published):
        try:
            yield ipaddress.ip_network(cidr)
        except ValueError as error:
            raise RangesError(f"{source} must hold CIDRs, not {cidr!r}.") from error


def _cidrs(published: object) -> Iterator[str]:
    prefixes = published.get("prefixes", []) if isinstance(published, dict) else published
    if not isinstance(prefixes, list):
        return
    for prefix in prefixes:
        if isinstance(prefix, dict):
            yield from (str(prefix[key]) for key in ("ipv4Prefix", "ipv6Prefix") if key in prefix)
        else:
            yield str(prefix)


def _spans(networks: Iterable[Network]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for first, last in sorted((int(net.network_address), int(net.broadcast_address)) for net in networks):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        else:
            merged.append((first, last))
    return tuple(merged)
