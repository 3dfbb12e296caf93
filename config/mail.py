"""Mail settings from one URL, under the names of the Django that runs: `MAILERS` from 6.1 on, `EMAIL_*` before."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlsplit

import django

SMTP: Final = "django.core.mail.backends.smtp.EmailBackend"
CONSOLE: Final = "django.core.mail.backends.console.EmailBackend"
TIMEOUT_SECONDS: Final = 10  # a server that hangs is as good as a dead one
PORTS: Final = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def mail_settings(url: str, *, has_mailers: bool = django.VERSION >= (6, 1)) -> dict[str, Any]:
    """`smtp+tls://user:password@host:587`; also `smtp` and `smtps`. "" writes mails to the console."""
    backend, options = (SMTP, _smtp_options(url)) if url else (CONSOLE, {})
    if has_mailers:
        return {"MAILERS": {"default": {"BACKEND": backend, "OPTIONS": options}}}
    names = {"username": "HOST_USER", "password": "HOST_PASSWORD"}
    legacy = {f"EMAIL_{names.get(name, name.upper())}": value for name, value in options.items()}
    return {"EMAIL_BACKEND": backend} | legacy


def _smtp_options(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "host": parts.hostname or "localhost",
        "port": parts.port or PORTS[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
        "timeout": TIMEOUT_SECONDS,
    }
