"""Name the app's own cookies, and set them so that no script and no other host can read or plant them."""

from __future__ import annotations

from typing import Any

from django.conf import settings


def cookie_name(name: str) -> str:
    """With the prefix `__Host-` where cookies are sent over TLS only, which the prefix demands."""
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name


def cookie_options() -> dict[str, Any]:
    """What every cookie of the app is set with."""
    return {"secure": settings.SESSION_COOKIE_SECURE, "httponly": True, "samesite": "Lax", "path": "/"}
