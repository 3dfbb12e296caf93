"""Name a visitor where his id must not stand: in the site's own tables, and in the list of who was erased."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b, sha256

from django.conf import settings
from django.http import HttpRequest

from visitors.identity import client_of
from visitors.observation import NOBODY

from .wishes import wish_of


def erasure_key(visitor_id: int) -> str:
    """32 hex digits that stand for this id alone; without the site's secret nobody can tell which."""
    return blake2b(str(visitor_id).encode(), key=_secret(settings.SECRET_KEY), digest_size=16).hexdigest()


@lru_cache(maxsize=2)
def _secret(secret_key: str) -> bytes:
    return sha256(f"visitors.erasure\0{secret_key}".encode()).digest()


def erasure_key_of(request: HttpRequest) -> str:
    """What the site may keep with a text that this visitor typed, so that erasing him reaches it; "" when he wishes
    that nothing is recorded."""
    if wish_of(request):
        return ""
    visitor = getattr(request, "visitor", None)
    visitor_id = visitor.visitor_id if visitor else client_of(request.META).visitor_id
    return erasure_key(visitor_id) if visitor_id != NOBODY else ""
