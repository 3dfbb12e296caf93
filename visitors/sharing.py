"""Decide who holds a shared link: by a secret that is never kept, until it expires or is revoked, with few attempts at
its password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.db.models import F, QuerySet
from django.utils import timezone

from .exceptions import InvalidParameter
from .limits import Counted, take
from .models import SharedLink

SECRET_BYTES: Final = 24
MAX_NAME: Final = 100
MAX_PASSWORD: Final = 200
MAX_DAYS: Final = 366
DEFAULT_DAYS: Final = 30
MIN_PASSWORD: Final = 8
TRIES: Final = "share"  # by one client at one link
TRIES_OF_ALL: Final = "share-link"  # at one link, so that many addresses do not help
UNLOCKED_SALT: Final = "visitors.sharing.pass"
UNLOCKED_SECONDS: Final = 12 * 3600


@dataclass(frozen=True, slots=True)
class Shared:
    """A link that is in force. `lock` changes with the password, so that an old pass opens nothing."""

    pk: int
    name: str
    expires_at: datetime
    lock: str

    @property
    def has_password(self) -> bool:
        return bool(self.lock)


def share(name: str, *, days: int = DEFAULT_DAYS, password: str = "") -> tuple[SharedLink, str]:
    """The link and its secret, which nobody can read again. Raises `InvalidParameter`."""
    if not 0 < len(name.strip()) <= MAX_NAME:
        raise InvalidParameter("name", f"1 to {MAX_NAME} characters", name)
    if not 1 <= days <= MAX_DAYS:
        raise InvalidParameter("days", f"between 1 and {MAX_DAYS}", days)
    if password and not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise InvalidParameter("password", f"{MIN_PASSWORD} to {MAX_PASSWORD} characters", len(password))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    now = timezone.now()
    link = SharedLink.objects.create(
        name=name.strip(),
        digest=_digest(secret),
        password=make_password(password) if password else "",
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    return link, secret


def find_shared(secret: str, *, now: datetime | None = None) -> Shared | None:
    """The link of this secret; `None` when there is none, or none any more."""
    link = in_force(now=now).filter(digest=_digest(secret)).first()
    if link is None:
        return None
    lock = sha256(link.password.encode()).hexdigest() if link.password else ""
    return Shared(link.pk, link.name, link.expires_at, lock)


def in_force(*, now: datetime | None = None) -> QuerySet[SharedLink]:
    return SharedLink.objects.filter(revoked_at=None, expires_at__gt=now or timezone.now())


def revoke(pk: int) -> bool:
    """Whether it was in force until now."""
    return bool(SharedLink.objects.filter(pk=pk, revoked_at=None).update(revoked_at=timezone.now()))


def note_opening(shared: Shared, *, is_timed: bool = True) -> None:
    """Count that the page was opened, for the owner to see; when, unless its guest asks not to be recorded."""
    time = {"last_opened_at": timezone.now()} if is_timed else {}
    SharedLink.objects.filter(pk=shared.pk).update(opened_count=F("opened_count") + 1, **time)


def seconds_to_wait(shared: Shared, client: Counted) -> int:
    """Count one attempt of this client at the password; 0 when it may be made, else the wait."""
    own = f"{shared.pk} {client.own}" if client.own else ""
    return take(TRIES, f"{shared.pk} {client.key}", own=own) or take(TRIES_OF_ALL, str(shared.pk))


def is_password(shared: Shared, given: str) -> bool:
    stored = SharedLink.objects.values_list("password", flat=True).get(pk=shared.pk)
    return len(given) <= MAX_PASSWORD and check_password(given, stored)


def make_pass(shared: Shared) -> str:
    """What a browser shows instead of the password, for half a day."""
    return signing.TimestampSigner(salt=UNLOCKED_SALT).sign(f"{shared.pk}.{shared.lock}")


def is_pass(shared: Shared, given: str) -> bool:
    try:
        shown = signing.TimestampSigner(salt=UNLOCKED_SALT).unsign(given, max_age=UNLOCKED_SECONDS)
    except signing.BadSignature:
        return False
    return shown == f"{shared.pk}.{shared.lock}"


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
