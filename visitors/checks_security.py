"""System checks of security: limits that are none, proxies that anybody may play, doors that are open by omission."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from .addresses import INSIDE, has_seen_unknown_proxy
from .conf import Network, conf
from .conf_security import DEFAULT_LIMITS, LIMIT_STORES, MEMORY, rules_of

OPEN: Final = "rest_framework.permissions.AllowAny"
CACHED_SESSIONS: Final = "django.contrib.sessions.backends.cache"
# What is as good as its secrecy, by the limit that keeps it from being tried out.
GUESSED: Final = {"login": "Passwords", "share": "Passwords of shared links", "links": "Application links"}
WIDEST: Final = {4: 8, 6: 16}  # bits of a network's prefix, by the version of its addresses
PROXY_HINT: Final = "Set VISITORS['TRUSTED_PROXIES'] to the proxy's network."


@register("visitors")
def check_security(**_: Any) -> list[CheckMessage]:
    given = getattr(settings, "VISITORS", {})
    if not isinstance(given, dict):
        return []  # E001 says so
    return [*_limits(given), *_bounds(), *_proxies(), *_doors()]


def _limits(given: dict[str, Any]) -> Iterator[CheckMessage]:
    limits = given.get("LIMITS", {})
    if not isinstance(limits, dict):
        hint = "Leave it out for the defaults."
        yield Error("VISITORS['LIMITS'] must be a dict such as {'chat': '5/min'}.", hint=hint, id="visitors.E060")
        return
    for name, text in limits.items():
        yield from _limit(name, text)
    for name, what in GUESSED.items():
        if not str(limits.get(name, "given by default")):
            yield Warning(
                f"{what} may be guessed without end: VISITORS['LIMITS'][{name!r}] is off.",
                hint=f"Leave it out for {DEFAULT_LIMITS[name]}.",
                id="visitors.W060",
            )


def _limit(name: str, text: Any) -> Iterator[CheckMessage]:
    if name not in DEFAULT_LIMITS:
        known = ", ".join(sorted(DEFAULT_LIMITS))
        yield Error(f"VISITORS['LIMITS'][{name!r}] limits nothing.", hint=f"Known: {known}.", id="visitors.E060")
    try:
        rules_of(str(text))
    except ValueError as error:
        hint = "A number, a slash, and s, min, h or day; several with commas; '' for no limit."
        yield Error(f"VISITORS['LIMITS'][{name!r}] must hold {error}.", hint=hint, id="visitors.E061")


def _bounds() -> Iterator[CheckMessage]:
    if conf.LIMIT_STORE not in LIMIT_STORES:
        known = ", ".join(LIMIT_STORES)
        yield Error(
            f"VISITORS['LIMIT_STORE'] must be one of {known}, not {conf.LIMIT_STORE!r}.",
            hint="Leave it out to count in Redis or the database, for all processes together.",
            id="visitors.E062",
        )
    if conf.LIMIT_STORE == MEMORY and not settings.DEBUG:
        yield Warning(
            "Each process counts limits for itself: with n processes a client may do n times as much.",
            hint="Leave VISITORS['LIMIT_STORE'] out, unless one process serves the whole site.",
            id="visitors.W061",
        )
    most = conf.MAX_NEW_SESSIONS_PER_MINUTE
    if most < 0:
        yield Error(
            f"VISITORS['MAX_NEW_SESSIONS_PER_MINUTE'] must be 0 or more, not {most}.",
            hint="Give a bound well above your busiest minute.",
            id="visitors.E063",
        )
    if most == 0:
        yield Warning(
            "A flood of invented visitors may fill the database: VISITORS['MAX_NEW_SESSIONS_PER_MINUTE'] is 0.",
            hint="Give a bound well above your busiest minute.",
            id="visitors.W062",
        )


def _proxies() -> Iterator[CheckMessage]:
    try:
        trusted = conf.TRUSTED_PROXIES
    except ValueError:
        return  # E004 says so
    for network in trusted:
        if _is_too_wide(network):
            yield Error(
                f"VISITORS['TRUSTED_PROXIES'] holds {network}: strangers of that network may claim any address.",
                hint="Name the networks of your own proxies alone.",
                id="visitors.E064",
            )
    if not trusted:
        yield from _unnamed_proxies()


def _is_too_wide(network: Network) -> bool:
    """More of the internet than any provider of proxies has; one's own inner networks may be as wide as they are."""
    is_inside = any(
        network.network_address in inner and network.prefixlen >= inner.prefixlen
        for inner in INSIDE
        if inner.version == network.version
    )
    return network.prefixlen < WIDEST[network.version] and not is_inside


def _unnamed_proxies() -> Iterator[CheckMessage]:
    """What says that a proxy stands in front though none is named: all visitors then share its address."""
    if settings.SECURE_PROXY_SSL_HEADER or settings.USE_X_FORWARDED_HOST:
        message = "Django believes a proxy's headers, but VISITORS['TRUSTED_PROXIES'] names none: all visitors are one."
        yield Warning(message, hint=PROXY_HINT, id="visitors.W063")
    if conf.COUNTRY_HEADER:
        message = "VISITORS['COUNTRY_HEADER'] is believed from trusted proxies only, and none is named."
        yield Warning(message, hint=PROXY_HINT, id="visitors.W064")
    if has_seen_unknown_proxy():
        message = "Requests came through a proxy of a private network that VISITORS['TRUSTED_PROXIES'] does not name."
        yield Warning(message, hint=PROXY_HINT, id="visitors.W065")


def _doors() -> Iterator[CheckMessage]:
    default = getattr(settings, "REST_FRAMEWORK", {}).get("DEFAULT_PERMISSION_CLASSES", [OPEN])
    if OPEN in default or not default:
        yield Warning(
            "An API view without permissions of its own is open to everyone.",
            hint="REST_FRAMEWORK['DEFAULT_PERMISSION_CLASSES'] = ['visitors.permissions.IsOwner']",
            id="visitors.W066",
        )
    if "*" in settings.ALLOWED_HOSTS and not settings.DEBUG:
        yield Warning(
            "Every host name counts as this site's: events of any page are taken for pages of it.",
            hint="Name the site's hosts in ALLOWED_HOSTS.",
            id="visitors.W067",
        )
    if settings.SESSION_ENGINE == CACHED_SESSIONS:
        yield Warning(
            "Logins are kept in a cache: whatever empties it logs everybody out.",
            hint="SESSION_ENGINE = 'django.contrib.sessions.backends.db' or '.cached_db'",
            id="visitors.W068",
        )
