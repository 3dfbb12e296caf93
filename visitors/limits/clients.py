"""Name whose requests are counted together, without keeping who it is."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final, NamedTuple

from visitors.addresses import client_ip
from visitors.identity import local_day, now_ms, secret_of

V6_PREFIX: Final = 64  # one household's: a new address within it is no new client
KEY_BYTES: Final = 16
CELLS: Final = 64  # few enough that one tells of nobody, enough that few share one


class Counted(NamedTuple):
    """Under which key a client's requests are counted.

    Of one that asks not to be recorded that is a cell shared with others; `own` is then the key that it would have had,
    under which a window is looked at and never opened.
    """

    key: str
    own: str = ""


def client_key(meta: Mapping[str, Any]) -> str:
    """A hash of the client's network, keyed with the secret of the local day and forgotten with it.

    The user agent is no part of it, nor any header that the client could invent.
    """
    return _hashed(f"network {_network(client_ip(meta))}")


def user_key(user: Any) -> str:
    """A logged-in account, wherever it comes from."""
    return _hashed(f"user {user.pk}")


def in_a_cell(key: str) -> Counted:
    """One of `CELLS` fixed keys, whichever client it is."""
    return Counted(f"cell {int(key, 16) % CELLS}", own=key)


def _hashed(text: str) -> str:
    secret = secret_of(local_day(now_ms()), create=True)
    return blake2b(text.encode(), key=secret, digest_size=KEY_BYTES).hexdigest()


def _network(address: str) -> str:
    """What shares one count; clients whose address is unknown share one."""
    if address and isinstance(ip_address(address), IPv6Address):
        return str(ip_network((address, V6_PREFIX), strict=False))
    return address
