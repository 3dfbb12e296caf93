"""Know the owner's own devices and networks, so that his tests of the site never count as a visitor.

Learned from requests of logged-in staff: a signed cookie marks the device, and a keyed hash of the address is kept in a
file for as long as `VISITORS["OWNER_MEMORY_DAYS"]` says, since a private window brings no cookie. Only the owner's own
addresses are ever kept, and only as hashes; a visitor's is compared in memory. The recorder is told who is the owner,
so that what the same browser did earlier that day, signed out, is his too.
"""

from __future__ import annotations

import json
import os
import secrets
from functools import lru_cache
from hashlib import blake2b, sha256
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from time import monotonic
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponseBase

from .addresses import client_ip
from .conf import conf
from .cookies import cookie_name, cookie_options
from .identity import now_ms

FILE_NAME: Final = "owner-networks"
COOKIE: Final = "va_owner"
COOKIE_SALT: Final = "visitors.owner"
COOKIE_SECONDS: Final = 400 * 24 * 3600  # the most that browsers keep
DAY_MS: Final = 24 * 3600 * 1000
MAX_NETWORKS: Final = 200
MAX_TOLD: Final = 1000
REREAD_SECONDS: Final = 30
V6_PREFIX: Final = 64  # what one household is given

Days = dict[str, int]  # hash of a network -> Unix day on which the owner was last seen there

_known: tuple[Path, float, Days] | None = None
_told: set[int] = set()  # visitors of late whom the recorder knows to be the owner


def is_staff(request: HttpRequest) -> bool:
    """Asks the database only for a request that carries a login cookie; `False` while it cannot be asked."""
    # Most requests carry no cookie, and reading a setting costs a microsecond.
    if not request.COOKIES or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    user = getattr(request, "user", None)
    try:
        return bool(user and user.is_staff)
    except (DatabaseError, InterfaceError):
        return False


def is_owners(request: HttpRequest) -> bool:
    """Whether the device or the network is one that staff was logged in from. No query."""
    if request.COOKIES and is_owners_device(request):
        return True
    known = _networks() if conf.OWNER_MEMORY_DAYS else {}
    seen_on = known.get(_network_of(request)) if known else None
    return seen_on is not None and _today() - seen_on <= conf.OWNER_MEMORY_DAYS


def is_owners_device(request: HttpRequest) -> bool:
    """Whether the browser brings the mark that staff was logged in with it."""
    name = cookie_name(COOKIE)
    if name not in request.COOKIES:
        return False
    return bool(request.get_signed_cookie(name, default="", salt=COOKIE_SALT, max_age=COOKIE_SECONDS) == "1")


def is_newly_known(visitor_id: int) -> bool:
    """Whether this process has yet to tell the recorder that this visitor is the owner; asked once, it has told."""
    if visitor_id in _told or not conf.OWNER_MEMORY_DAYS:
        return False
    if len(_told) >= MAX_TOLD:
        _told.clear()
    _told.add(visitor_id)
    return True


def remember_owner(request: HttpRequest, response: HttpResponseBase) -> None:
    """Mark the device and the network of a request of staff; writes at most once a day and network."""
    name = cookie_name(COOKIE)
    if name not in request.COOKIES:
        response.set_signed_cookie(name, "1", salt=COOKIE_SALT, max_age=COOKIE_SECONDS, **cookie_options())
    network, today = _network_of(request), _today()
    if network and conf.OWNER_MEMORY_DAYS and _networks().get(network) != today:
        _write(_networks() | {network: today}, today)


def forget_networks() -> None:
    """Drop what is held in memory; the file is read again on the next request."""
    global _known
    _known = None


def _today() -> int:
    return now_ms() // DAY_MS


def _network_of(request: HttpRequest) -> str:
    """The keyed hash of the client's address, of its /64 for IPv6; "" when it is unknown."""
    ip = client_ip(request.META)
    return _hashed(ip, settings.SECRET_KEY) if ip else ""


@lru_cache(maxsize=1024)
def _hashed(ip: str, secret: str) -> str:
    if isinstance(ip_address(ip), IPv6Address):
        ip = str(ip_network(f"{ip}/{V6_PREFIX}", strict=False))
    key = sha256(f"visitors.owner.network\0{secret}".encode()).digest()
    return blake2b(ip.encode(), key=key, digest_size=16).hexdigest()


def _networks() -> Days:
    """Read again now and then, since another process may have learned something."""
    global _known
    directory = conf.JOURNAL_DIR
    if _known is None or _known[0] is not directory or monotonic() - _known[1] > REREAD_SECONDS:
        _known = (directory, monotonic(), _read(directory / FILE_NAME))
    return _known[2]


def _read(path: Path) -> Days:
    try:
        known: Days = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return known


def _write(networks: Days, today: int) -> None:
    global _known
    kept = {name: day for name, day in networks.items() if today - day <= conf.OWNER_MEMORY_DAYS}
    newest = dict(sorted(kept.items(), key=lambda item: -item[1])[:MAX_NETWORKS])
    path = conf.JOURNAL_DIR / FILE_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(newest))
    draft.replace(path)
    _known = (conf.JOURNAL_DIR, monotonic(), newest)
