"""Who sent this request: a pseudonym that nobody can keep, and the place where its address is.

The address and the user agent are hashed with a random secret of the local day. The secret lives apart from the
visits and is destroyed when the day's sessions have ended; after that no one, the owner included, can tell whether
two days' visitors are the same person.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from errno import ENOSPC
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from time import monotonic, time
from typing import Any, Final

import msgspec
from django.utils import timezone

from .addresses import came_through_trusted_proxy, client_ip
from .conf import NetworkKinds, conf
from .detection.bots import classify_user_agent, load_ranges
from .detection.networks import NOWHERE, Place, PlaceReader
from .observation import PROFILE_BIT

SECRET_BYTES: Final = 32
NO_VISITOR: Final = 0
ID_MASK: Final = PROFILE_BIT - 1

MEMORY_SECONDS: Final = 60
QUARTER_HOUR_MS: Final = 15 * 60 * 1000

_secrets: dict[date, bytes] = {}  # b"" = known to be absent
_remembered_since = 0.0
_today: _Today | None = None


def pseudonym(ip: str, user_agent: str, *, secret: bytes) -> int:
    """62 bits that stand for this client on the secret's day; never 0."""
    return _id_of(f"{ip}\0{user_agent}".encode("utf-8", "replace"), _keyed(secret))


def _keyed(secret: bytes) -> blake2b:
    return blake2b(key=secret, digest_size=8)


def _id_of(named: bytes, keyed: blake2b) -> int:
    """`keyed` has taken in the secret, which costs more than all the rest, and is left as it is."""
    digest = keyed.copy()
    digest.update(named)
    return int.from_bytes(digest.digest(), "big") & ID_MASK or 1


def visitor_ids(ip: str, user_agent: str, *, at_ms: int) -> tuple[int, int]:
    """The visitor's id of the local day, and the one of the day before while that secret is still kept, else 0.

    Both are needed because midnight does not end a visit.
    """
    return _ids_of(ip, user_agent, _today_at(at_ms))


def _ids_of(ip: str, user_agent: str, today: _Today) -> tuple[int, int]:
    named, before = f"{ip}\0{user_agent}".encode("utf-8", "replace"), today.keyed_before
    return _id_of(named, today.keyed), _id_of(named, before) if before else NO_VISITOR


class _Today(msgspec.Struct, frozen=True):
    """What names the clients of a quarter of an hour."""

    quarter: int
    zone: tzinfo
    day: str
    keyed: blake2b
    keyed_before: blake2b | None  # of the day before; `None` once its secret is forgotten


def _today_at(at_ms: int) -> _Today:
    global _today
    quarter, zone = at_ms // QUARTER_HOUR_MS, timezone.get_default_timezone()
    today = _today
    is_other = today is None or today.quarter != quarter or today.zone is not zone
    if today is None or is_other or monotonic() - _remembered_since > MEMORY_SECONDS:
        day = _day_of_quarter(quarter, zone)
        before = secret_of(day - timedelta(days=1), create=False)
        keyed = _keyed(secret_of(day, create=True))
        _today = today = _Today(quarter, zone, day.isoformat(), keyed, _keyed(before) if before else None)
    return today


class Client(msgspec.Struct, frozen=True, gc=False):
    """What is known of whoever sent a request, after the address is forgotten."""

    day: str  # the site's local day, ISO 8601
    visitor_id: int
    previous_visitor_id: int
    place: Place
    crawler: str = ""  # "verified" or "forged" for a crawler whose published ranges the operator gave


def client_of(meta: Mapping[str, Any]) -> Client:
    """The client of this request: the last place that sees its address."""
    ip, user_agent = client_ip(meta), str(meta.get("HTTP_USER_AGENT", ""))
    today = _today_at(now_ms())
    visitor_id, previous_visitor_id = _ids_of(ip, user_agent, today)
    place = place_of(ip, meta) if conf.knows_places else NOWHERE
    crawler = crawler_claim(ip, user_agent) if conf.BOT_RANGES else ""
    return Client(today.day, visitor_id, previous_visitor_id, place, crawler)


def crawler_claim(ip: str, user_agent: str) -> str:
    """Whether a crawler's name goes with its address; "" for people and where no ranges are known."""
    if conf.BOT_RANGES is None:
        return ""
    name = classify_user_agent(user_agent).name
    ranges = _crawler_ranges(conf.BOT_RANGES)
    if not name or not ranges.knows(name):
        return ""
    return "verified" if ranges.is_verified(ip, name) else "forged"


_crawler_ranges = lru_cache(maxsize=1)(load_ranges)


class RequestVisitor(msgspec.Struct, eq=False):
    """`request.visitor`: who sent the request, worked out when first asked for. A struct: every page makes one."""

    meta: Mapping[str, Any]
    known: Client | None = None

    @property
    def client(self) -> Client:
        if self.known is None:
            self.known = client_of(self.meta)
        return self.known

    @property
    def visitor_id(self) -> int:
        return self.client.visitor_id

    @property
    def previous_visitor_id(self) -> int:
        return self.client.previous_visitor_id


def local_day(at_ms: int) -> date:
    """The site's local day of a Unix time in milliseconds."""
    return _day_of_quarter(at_ms // QUARTER_HOUR_MS, timezone.get_default_timezone())


def local_hour(at_ms: int) -> int:
    """0-23 on the site's clock."""
    return _hour_of_quarter(at_ms // QUARTER_HOUR_MS, timezone.get_default_timezone())


@lru_cache(maxsize=1024)
def _hour_of_quarter(quarter: int, zone: tzinfo) -> int:
    return datetime.fromtimestamp(quarter * QUARTER_HOUR_MS / 1000, tz=zone).hour


@lru_cache(maxsize=1024)
def _day_of_quarter(quarter: int, zone: tzinfo) -> date:
    """Offsets from UTC are whole quarters of an hour, so no quarter holds a midnight inside."""
    return datetime.fromtimestamp(quarter * QUARTER_HOUR_MS / 1000, tz=zone).date()


def secret_of(day: date, *, create: bool) -> bytes:
    """The secret of `day` from memory or from this machine's file; made on first use if `create`, else b"".

    Memory forgets every `MEMORY_SECONDS`, so that a destroyed or replaced file is soon true in all processes.
    """
    _forget_when_old()
    secret = _secrets.get(day)
    if secret is None:
        path = salt_directory() / day.isoformat()
        secret = _read_secret(path) or (_make_secret(path) if create else b"")
        _secrets[day] = secret
    return secret


def salt_directory() -> Path:
    return conf.JOURNAL_DIR / "salts"


def _forget_when_old() -> None:
    global _remembered_since
    now = monotonic()
    if now - _remembered_since > MEMORY_SECONDS:
        _secrets.clear()
        _remembered_since = now


def _read_secret(path: Path) -> bytes:
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        return b""
    return secret if len(secret) == SECRET_BYTES else b""


def _make_secret(path: Path) -> bytes:
    """A new secret, unless another process made one first: then that one."""
    return keep_secret(path, secrets.token_bytes(SECRET_BYTES), replace=False)


def keep_secret(path: Path, secret: bytes, *, replace: bool) -> bytes:
    """Write the file whole or not at all; returns what the file holds afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        _write_private(draft, secret)
        if not replace:
            path.hardlink_to(draft)
            return secret
        draft.replace(path)
    except FileExistsError:
        kept = _read_secret(path)
        if kept:
            return kept
        draft.replace(path)  # what a power cut left of it serves nobody
    finally:
        draft.unlink(missing_ok=True)
    return secret


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        if os.write(descriptor, content) != len(content):
            raise OSError(ENOSPC, "no space for the whole secret")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def forget_secrets() -> None:
    """Drop the secrets held in memory; files are read again on the next request."""
    global _today
    _secrets.clear()
    _today = None


@lru_cache(maxsize=1)
def _place_reader(country: Path | None, city: Path | None, asn: Path | None, kinds: NetworkKinds) -> PlaceReader:
    return PlaceReader(country=country, city=city, asn=asn, network_kinds=dict(kinds))


def place_of(ip: str, meta: Mapping[str, Any]) -> Place:
    """Country, region, city and network of the address; empty when no source of places is configured."""
    kinds = conf.NETWORK_KINDS
    paths = (conf.GEOIP_COUNTRY, conf.GEOIP_CITY, conf.GEOIP_ASN)
    place = NOWHERE
    if ip and (kinds or any(paths)):
        place = _place_reader(*paths, kinds).lookup(ip)
    country = _country_by_header(meta) if conf.COUNTRY_HEADER and not place.country else ""
    return replace(place, country=country) if country else place


def _country_by_header(meta: Mapping[str, Any]) -> str:
    """What the CDN says, if the request came through a proxy that is trusted; XX and T1 are no countries."""
    if not came_through_trusted_proxy(meta):
        return ""
    code = str(meta.get("HTTP_" + conf.COUNTRY_HEADER.upper().replace("-", "_"), "")).strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() and code != "XX" else ""


def now_ms() -> int:
    """The one clock of the request side: Unix time in milliseconds."""
    return int(time() * 1000)
