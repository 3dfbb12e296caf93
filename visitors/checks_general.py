"""System checks of the site around the app: settings that together open what each alone keeps shut."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from .conf import conf

LOCAL: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver", ".localhost"})
SHORTEST_KEY: Final = 32


@register("visitors")
def check_site(**_: Any) -> list[CheckMessage]:
    return [*_debug(), *_journal_served(), *_journal_readable(), *_keys()]


@register(Tags.security, deploy=True)
def check_deployment(**_: Any) -> list[CheckMessage]:
    return [*_cookies()]


def _debug() -> Iterator[CheckMessage]:
    public = sorted(set(settings.ALLOWED_HOSTS) - LOCAL)
    if settings.DEBUG and public:
        yield Warning(
            f"DEBUG is on and the site answers to {', '.join(public)}: a fault shows settings to whoever asks.",
            hint="Set DEBUG=0, or take the public names out of ALLOWED_HOSTS.",
            id="visitors.W080",
        )


def _journal_served() -> Iterator[CheckMessage]:
    """What lies below a served folder can be asked for by its address."""
    folder = conf.JOURNAL_DIR.resolve()
    for name in ("STATIC_ROOT", "MEDIA_ROOT"):
        root = getattr(settings, name, None)
        if root and folder.is_relative_to(Path(root).resolve()):
            yield Error(
                f"VISITORS['JOURNAL_DIR'] lies inside {name}, which is served to everybody.",
                hint="Give the journal a folder of its own, outside of what is served.",
                id="visitors.E080",
            )


def _journal_readable() -> Iterator[CheckMessage]:
    try:
        mode = conf.JOURNAL_DIR.stat().st_mode
    except OSError:
        return
    if mode & stat.S_IWOTH:
        yield Error(
            "VISITORS['JOURNAL_DIR'] can be written by every account of this machine.",
            hint=f"chmod 700 {conf.JOURNAL_DIR}",
            id="visitors.E081",
        )


def _keys() -> Iterator[CheckMessage]:
    if settings.SECRET_KEY and settings.SECRET_KEY in {conf.NOTICE_WEBHOOK_SECRET}:
        yield Error(
            "VISITORS['NOTICE_WEBHOOK_SECRET'] is the SECRET_KEY: the receiver of notices could forge logins.",
            hint="Make a secret of its own for the webhook.",
            id="visitors.E082",
        )
    if conf.NOTICE_WEBHOOK_SECRET and len(conf.NOTICE_WEBHOOK_SECRET) < SHORTEST_KEY:
        yield Warning(
            f"VISITORS['NOTICE_WEBHOOK_SECRET'] has fewer than {SHORTEST_KEY} characters and can be guessed.",
            hint='python3 -c "import secrets; print(secrets.token_urlsafe(32))"',
            id="visitors.W082",
        )


def _cookies() -> Iterator[CheckMessage]:
    for name in ("SESSION", "CSRF"):
        if not getattr(settings, f"{name}_COOKIE_NAME").startswith("__Host-"):
            yield Warning(
                f"{name}_COOKIE_NAME does not begin with `__Host-`: a sister domain can plant the cookie.",
                hint="Name it `__Host-...`; it must be Secure, with path / and without a domain.",
                id="visitors.W083",
            )
