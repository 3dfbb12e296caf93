"""System checks: every unsafe or impossible combination of settings, with a stable id and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from ipaddress import ip_network
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from .conf import KEYS, RECORDING_MODES, conf
from .detection.bots import load_ranges
from .detection.networks import verify_mmdb

DEFAULT: Final = "Leave it out for the default."


@register("visitors")
def check_settings(**_: Any) -> list[CheckMessage]:
    given = getattr(settings, "VISITORS", {})
    if not isinstance(given, dict):
        hint = "VISITORS = {} keeps every default."
        return [Error("VISITORS must be a dict.", hint=hint, id="visitors.E001")]
    return [*_unknown_keys(given), *_recording(), *_networks(given), *_files(), *_bounds(), *_notices(), *_middleware()]


def _unknown_keys(given: dict[str, Any]) -> Sequence[CheckMessage]:
    return [
        Error(
            f"VISITORS[{key!r}] is no setting of visitors.",
            hint=f"Known: {', '.join(sorted(KEYS))}.",
            id="visitors.E002",
        )
        for key in sorted(set(given) - KEYS)
    ]


def _recording() -> Sequence[CheckMessage]:
    if conf.RECORDING in RECORDING_MODES:
        return []
    return [
        Error(
            f"VISITORS['RECORDING'] must be one of {', '.join(RECORDING_MODES)}, not {conf.RECORDING!r}.",
            hint="Leave it out for 'background', which needs nothing beside the web processes.",
            id="visitors.E003",
        )
    ]


def _networks(given: dict[str, Any]) -> Sequence[CheckMessage]:
    problems: list[CheckMessage] = []
    for key in ("TRUSTED_PROXIES", "NETWORK_KINDS"):
        for cidr in given.get(key, ()):
            try:
                ip_network(cidr, strict=False)
            except ValueError:
                hint = "Give addresses or networks such as 10.0.0.0/8."
                problems.append(Error(f"VISITORS[{key!r}]: {cidr!r} is no network.", hint=hint, id="visitors.E004"))
    return problems


def _files() -> Iterator[CheckMessage]:
    """Files that the operator gave are read now, not at the first request."""
    for key in ("GEOIP_COUNTRY", "GEOIP_CITY", "GEOIP_ASN"):
        path = getattr(conf, key)
        if path is not None:
            yield from _unreadable(key, partial(verify_mmdb, path))
    if conf.BOT_RANGES is not None:
        yield from _unreadable("BOT_RANGES", partial(load_ranges, conf.BOT_RANGES))


def _unreadable(key: str, read: Callable[[], object]) -> Iterator[CheckMessage]:
    try:
        read()
    except ValueError as error:
        yield Error(f"VISITORS[{key!r}]: {error}", hint="Give a readable file, or none.", id="visitors.E020")


def _bounds() -> Sequence[CheckMessage]:
    problems: list[CheckMessage] = []
    for key in ("JOURNAL_MAX_BYTES", "JOURNAL_ROTATE_BYTES", "JOURNAL_ROTATE_SECONDS", "DRAIN_SECONDS", "DRAIN_BATCH"):
        value = getattr(conf, key)
        if value <= 0:
            message = f"VISITORS[{key!r}] must be above 0, not {value}."
            problems.append(Error(message, hint=DEFAULT, id="visitors.E005"))
    if not 0 <= conf.RECRUITER_THRESHOLD <= 100:
        message = f"VISITORS['RECRUITER_THRESHOLD'] must be 0-100, not {conf.RECRUITER_THRESHOLD}."
        problems.append(Error(message, hint=DEFAULT, id="visitors.E006"))
    return problems


def _notices() -> Sequence[CheckMessage]:
    problems: list[CheckMessage] = []
    for key in ("QUIET_HOURS", "NOTICE_DIGEST"):
        try:
            getattr(conf, key)
        except ValueError as error:
            hint = "'08:00' is a time, '22:00-07:00' a span; '' is none."
            problems.append(Error(f"VISITORS[{key!r}] must hold {error}.", hint=hint, id="visitors.E007"))
    if conf.NOTICE_WEBHOOK and not conf.NOTICE_WEBHOOK_SECRET:
        hint = "Set VISITORS['NOTICE_WEBHOOK_SECRET'] here and at the receiver."
        problems.append(Error("The webhook of notices has no secret to sign with.", hint=hint, id="visitors.E008"))
    if conf.NOTICE_WEBHOOK and not conf.NOTICE_WEBHOOK.startswith("https://") and not conf.NOTICE_WEBHOOK_PRIVATE:
        hint = "Notices tell what visitors did. VISITORS['NOTICE_WEBHOOK_PRIVATE'] allows a server of your own network."
        problems.append(Error("VISITORS['NOTICE_WEBHOOK'] must be an https address.", hint=hint, id="visitors.E009"))
    for key, value in (
        ("OWNER_MEMORY_DAYS", conf.OWNER_MEMORY_DAYS),
        ("NOTICE_DELAY_SECONDS", conf.NOTICE_DELAY_SECONDS),
    ):
        if value < 0:
            problems += [Error(f"VISITORS[{key!r}] must be 0 or more, not {value}.", hint=DEFAULT, id="visitors.E010")]
    return problems


def _middleware() -> Sequence[CheckMessage]:
    if "visitors.middleware.VisitorMiddleware" in settings.MIDDLEWARE:
        return []
    return [
        Warning(
            "No request is observed: VisitorMiddleware is not in MIDDLEWARE.",
            hint="Add 'visitors.middleware.VisitorMiddleware' after the authentication middleware.",
            id="visitors.W001",
        )
    ]
