"""Tell country, region, city and network of an IP address from the operator's MMDB files. The address is not kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Final

import maxminddb

from visitors.detection.network_kinds import NETWORK_KINDS, kind_of_organisation

RELOAD_CHECK_SECONDS: Final = 10.0
LONGEST_NAME: Final = 120  # characters
SAMPLED_RECORDS: Final = 1_000

Record = Mapping[str, object]
Address = IPv4Address | IPv6Address

_logger = logging.getLogger(__name__)


class PlaceFileError(ValueError):
    """Raised when a file is missing, unreadable or no MMDB with places or networks; the message names the file."""


@dataclass(frozen=True, slots=True)
class Place:
    """Empty where unknown; `network` is the organisation that announces the address, not the visitor's employer."""

    country: str = ""  # ISO 3166-1 alpha-2
    region: str = ""
    city: str = ""
    network: str = ""
    network_kind: str = ""  # isp, mobile, business, education, hosting, vpn


@dataclass(frozen=True, slots=True)
class MmdbMetadata:
    """What a verified file says of itself; `tells` lists the parts of a `Place` found in its records."""

    database_type: str
    built_at: datetime
    ip_version: int
    node_count: int
    tells: tuple[str, ...]


NOWHERE: Final = Place()


class PlaceReader:
    """Looks addresses up in up to three files, each read again when it has been replaced.

    Raises `PlaceFileError` when a file cannot be used at the start; a bad replacement is logged and the old file stays.
    `network_kinds` maps CIDR to kind and wins over the files, the longest prefix over shorter ones.
    """

    def __init__(
        self,
        *,
        country: Path | None = None,
        city: Path | None = None,
        asn: Path | None = None,
        network_kinds: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = tuple(MmdbFile(path) for path in dict.fromkeys((city, country, asn)) if path)
        self._prefixes = _Prefixes(network_kinds or {})
        self._clock = clock
        self._check_at = clock() + RELOAD_CHECK_SECONDS

    def lookup(self, ip: str) -> Place:
        """Never raises for any string; what is no address, or unknown everywhere, is `NOWHERE`."""
        address = _address(ip)
        if address is None:
            return NOWHERE
        if self._clock() >= self._check_at:
            self._reload()
        records = [record for file in self._files if (record := file.record_of(address)) is not None]
        return _place_of(records, own_kind=self._prefixes.kind_of(address))

    def _reload(self) -> None:
        self._check_at = self._clock() + RELOAD_CHECK_SECONDS
        for file in self._files:
            file.reload_if_replaced()


class MmdbFile:
    """One open database and the identity of the file that it was read from."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = _identity_of(path)
        self._reader = _open(path)

    def record_of(self, address: Address) -> Record | None:
        """The record of the address; `None` when unknown, or IPv6 in a file of IPv4, or in a damaged corner."""
        try:
            record = self._reader.get(address)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return None
        return record if isinstance(record, dict) else None

    def reload_if_replaced(self) -> None:
        """The old reader stays open for lookups under way in other threads; the last of them lets it go."""
        try:
            identity = _identity_of(self._path)
            if identity != self._identity:
                self._reader, self._identity = _open(self._path), identity
        except PlaceFileError as error:
            _logger.warning("Keeping the places read before: %s", error)


def verify_mmdb(path: Path) -> MmdbMetadata:
    """Open the file, read its first records, and report. Raises `PlaceFileError` unless it tells places or networks."""
    with _open(path) as reader:
        metadata = reader.metadata()
        tells = _tells(reader, path)
    if not tells:
        raise PlaceFileError(f"`{path}` must hold countries, cities or networks; none of its records does.")
    return MmdbMetadata(
        database_type=metadata.database_type,
        built_at=datetime.fromtimestamp(metadata.build_epoch, UTC),
        ip_version=metadata.ip_version,
        node_count=metadata.node_count,
        tells=tells,
    )


def _tells(reader: maxminddb.Reader, path: Path) -> tuple[str, ...]:
    found: dict[str, None] = {}
    try:
        for count, (_network, record) in enumerate(reader):
            place = _place_of([record]) if isinstance(record, dict) else NOWHERE
            found |= dict.fromkeys(part for part in ("country", "region", "city", "network") if getattr(place, part))
            if count >= SAMPLED_RECORDS:
                break
    except (maxminddb.InvalidDatabaseError, ValueError, OverflowError) as error:
        raise PlaceFileError(f"`{path}` must be a whole MMDB file: {error}.") from error
    return tuple(found)


def _open(path: Path) -> maxminddb.Reader:
    try:
        return maxminddb.open_database(path)
    except OSError as error:
        raise PlaceFileError(f"`{path}` must be a readable file: {error.strerror or error}.") from error
    except (maxminddb.InvalidDatabaseError, ValueError, KeyError, TypeError) as error:
        raise PlaceFileError(f"`{path}` must be an MMDB file: {error}.") from error


def _identity_of(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise PlaceFileError(f"`{path}` must be a readable file: {error.strerror or error}.") from error
    return status.st_ino, status.st_mtime_ns, status.st_size


def _address(ip: str) -> Address | None:
    try:
        address = ip_address(ip)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _place_of(records: Sequence[Record], *, own_kind: str = "") -> Place:
    """Reads GeoLite2 and DB-IP Lite (nested, named by language) and IPinfo (flat) alike; earlier files win."""
    country = region = city = network = kind = ""
    for record in records:
        if not country and (country := _country_of(record)):
            region = _name_of(_first(record.get("subdivisions"))) or _text(record.get("region"))
            city = _name_of(record.get("city")) or _text(record.get("city"))
        if not network and (network := _network_of(record)):
            kind = _kind_of(record, network)
    return Place(country, region, city, network, own_kind or kind)


def _kind_of(record: Record, network: str) -> str:
    stated = _text(record.get("as_type") or record.get("type"))
    return stated if stated in NETWORK_KINDS else kind_of_organisation(network)


def _country_of(record: Record) -> str:
    for key in ("country", "registered_country", "country_code"):
        value = record.get(key)
        code = value.get("iso_code") if isinstance(value, dict) else value
        if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha():
            return code.upper()
    return ""


def _network_of(record: Record) -> str:
    for key in ("autonomous_system_organization", "as_name", "name", "isp", "organization"):
        if name := _text(record.get(key)):
            return name
    return ""


def _first(values: object) -> object:
    return values[0] if isinstance(values, list) and values else None


def _name_of(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    names = value.get("names")
    return _text(names.get("en") if isinstance(names, dict) else None) or _text(value.get("iso_code"))


def _text(value: object) -> str:
    return value[:LONGEST_NAME] if isinstance(value, str) else ""


class _Prefixes:
    """Longest prefix match over the operator's own CIDRs."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        tables: dict[tuple[int, int], dict[int, str]] = {}
        for cidr, kind in kinds.items():
            network = ip_network(cidr, strict=False)
            shift = network.max_prefixlen - network.prefixlen
            tables.setdefault((network.version, shift), {})[int(network.network_address) >> shift] = kind
        self._tables = sorted(tables.items(), key=lambda item: item[0][1])

    def kind_of(self, address: Address) -> str:
        number = int(address)
        for (version, shift), table in self._tables:
            if version == address.version and (kind := table.get(number >> shift)):
                return kind
        return ""
