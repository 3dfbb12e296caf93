"""Make and recognise the private part of a link: the company's name and four characters that nobody can guess."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Final

ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"  # base32 of RFC 4648, lower case
RANDOM_CHARACTERS: Final = 4
NAME_LENGTH: Final = 60
SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_LENGTH: Final = 80
_NOT_A_LETTER: Final = re.compile(r"[^a-z0-9]+")


def new_slug(company: str) -> str:
    """`acme-corp-k3xq`; a name without a Latin letter becomes `link-...`."""
    tail = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return f"{kebab(company) or 'link'}-{tail}"


def kebab(name: str) -> str:
    """Latin letters and digits joined by hyphens; accents are dropped."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return _NOT_A_LETTER.sub("-", plain).strip("-")[:NAME_LENGTH].strip("-")


def is_slug(text: str) -> bool:
    return len(text) <= SLUG_LENGTH and SLUG.fullmatch(text) is not None
