"""Reduce a Referer header to what may be kept: scheme, host and path without credentials, addresses or tokens."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

LONGEST_READ: Final = 4_000  # characters; browsers cut a Referer at 4,096
LONGEST_KEPT: Final = 500  # characters
MASK: Final = "***"

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*")
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+")
_ADDRESS = re.compile(r"@|%40", re.IGNORECASE)
_HEX_RUN = re.compile(r"[0-9a-f]{16,}", re.IGNORECASE)
_TOKEN_ALPHABET = re.compile(r"[A-Za-z0-9_.~+=-]{20,}")
_NUMBER = re.compile(r"\+?[0-9][0-9 -]{8,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def reduce_referrer(raw: str) -> str:
    """`https://user:pw@Host.example:443/p?q#f` becomes `https://host.example/p`; no web or app address becomes `""`.

    `android-app://` keeps its package alone. Segments with an e-mail address or a token become `***`. Never raises.
    """
    return _reduced(raw[:LONGEST_READ].partition("?")[0].partition("#")[0])


# Remembered without query and fragment, where secrets stand.
@lru_cache(maxsize=2048)
def _reduced(raw: str) -> str:
    parts = _split(raw)
    if parts is None:
        return ""
    if parts.scheme == "android-app":
        return _android(parts.netloc)
    host, port = host_of(parts), _port_of(parts)
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return ""
    shown_port = f":{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else ""
    return f"{parts.scheme}://{host}{shown_port}{_masked_path(parts.path)}"[:LONGEST_KEPT]


def referrer_host(raw: str) -> str:
    """Host or Android package of a referrer, lower case and without port; `""` when there is none."""
    parts = _split(raw)
    if parts is None:
        return ""
    if parts.scheme == "android-app":
        return _android(parts.netloc).removeprefix("android-app://").rstrip("/").lower()
    return host_of(parts) if parts.scheme in _DEFAULT_PORTS else ""


def host_of(parts: SplitResult) -> str:
    """Lower-case host without port and final dot; an international name in its `xn--` form; `""` when malformed."""
    try:
        host = (parts.hostname or "").rstrip(".")
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        return ""
    if ":" in host:
        return f"[{host}]" if re.fullmatch(r"[0-9a-f:.]{2,45}", host) else ""
    return host if len(host) <= 253 and _HOST.fullmatch(host) else ""


def _split(raw: str) -> SplitResult | None:
    text = raw[:LONGEST_READ].encode("utf-8", "ignore").decode().strip()
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        return None
    try:
        return urlsplit(text)
    except ValueError:
        return None


def _port_of(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None


def _android(package: str) -> str:
    return f"android-app://{package}/" if len(package) <= 200 and _PACKAGE.fullmatch(package) else ""


def _masked_path(path: str) -> str:
    segments = path.partition(";")[0].split("/")
    kept = "/".join(MASK if _is_private(segment) else segment for segment in segments)
    return quote(kept, safe="/%:@!$&'()*+,=~-._") or "/"


def _is_private(segment: str) -> bool:
    if _ADDRESS.search(segment) and segment[0] != "@":
        return True
    if _UUID.search(segment) or _NUMBER.fullmatch(segment) or _HEX_RUN.search(segment):
        return True
    return bool(_TOKEN_ALPHABET.fullmatch(segment)) and _looks_random(segment)


def _looks_random(segment: str) -> bool:
    """A slug is words joined by hyphens; a secret is one long run that mixes digits with letters or both cases."""
    longest = max(re.split(r"[-_.]", segment), key=len)
    has_digit = any(character.isdigit() for character in longest)
    has_letter = any(character.isalpha() for character in longest)
    mixes_case = longest != longest.lower() and longest != longest.upper()
    return len(longest) >= 12 and has_letter and (has_digit or mixes_case)
