"""Read what a client reports: keys short or long, properties as an object or as text, and rules with their reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from visitors.details import DETAIL_LIMIT, DETAIL_NAME_LIMIT
from visitors.events import (
    MAX_ENGAGED_MS,
    MAX_NAME,
    MAX_PROPS,
    MAX_URL_BYTES,
    json_object,
    time_zone_of,
)
from visitors.exceptions import InvalidParameter, Rule, breaking
from visitors.observation import clean, clean_host, own_path

from .names import EVENT_KEYS

REFUSED_SCHEMES: Final = frozenset({"data", "javascript", "blob"})
MAX_KEY_BYTES: Final = DETAIL_NAME_LIMIT
MAX_VALUE_BYTES: Final = DETAIL_LIMIT
MAX_SITES: Final = 20
CURRENCY_LETTERS: Final = 3

Prop = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Event:
    """One report, checked; times in milliseconds, depth in percent or -1. `sites` are as written."""

    name: str
    scheme: str
    host: str
    path: str
    query: str
    sites: tuple[str, ...]
    referrer: str = ""
    engaged_ms: int = 0
    scroll_depth: int = -1
    is_interactive: bool = True
    tz: str = ""
    props: Mapping[str, Prop] = field(default_factory=dict)
    revenue: tuple[float, str] | None = None  # amount, currency


def read_event(body: bytes) -> Event:
    """The event in `body`; raises `InvalidParameter` that names the key, the rule and what came."""
    given = _by_short_key(json_object(body))
    address = _address(given.get("u"))
    return Event(
        name=_name(given.get("n")),
        scheme=address.scheme,
        host=clean_host(address.hostname or ""),
        path=_path(address, is_hash=given.get("h") in (1, True, "1", "true")),
        query=address.query,
        sites=_sites(given.get("d"), address.hostname or ""),
        referrer=_referrer(given.get("r")),
        engaged_ms=_engaged(given.get("e")),
        scroll_depth=_depth(given.get("sd")),
        is_interactive=given.get("i") is not False,
        tz=time_zone_of(given.get("tz")),
        props=_props(given.get("p")),
        revenue=_revenue(given.get("$")),
    )


def _by_short_key(given: Mapping[str, Any]) -> dict[str, Any]:
    """The first of a field's names that holds anything."""
    return {
        short: next((given[name] for name in (short, *names) if given.get(name) is not None), None)
        for short, names in EVENT_KEYS.items()
    }


def _name(value: Any) -> str:
    name = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(name, str) or not 0 < len(name.strip()) <= len(name) <= MAX_NAME:
        raise InvalidParameter("name", f"an event name of 1 to {MAX_NAME} characters", value)
    return clean(name, limit=MAX_NAME)


def _address(value: Any) -> SplitResult:
    requirement = f"the page's URL with its scheme, at most {MAX_URL_BYTES} bytes"
    if not isinstance(value, str) or not value:
        raise InvalidParameter("url", requirement, value)
    with breaking(Rule.LANGUAGE):
        if _size(value) > MAX_URL_BYTES:
            raise InvalidParameter("url", requirement, value)
        try:
            parts = urlsplit(value)
            parts.hostname  # noqa: B018  (reads the port's brackets, and raises for what is none)
        except ValueError:
            raise InvalidParameter("url", requirement, value) from None
        if not parts.scheme:
            raise InvalidParameter("url", requirement, value)
        if parts.scheme in REFUSED_SCHEMES:
            raise InvalidParameter("url", f"of a page, and so not begin with {parts.scheme}:", value)
    return parts


def _path(address: SplitResult, *, is_hash: bool) -> str:
    """The path, with the fragment where routes are kept in it; a query within the fragment is left out like any."""
    path = unquote(address.path) or "/"
    route = address.fragment.partition("?")[0] if is_hash else ""
    path = path if path.startswith("/") else f"/{path}"
    return own_path(f"{path}#{unquote(route)}" if route else path)


def _sites(value: Any, host: str) -> tuple[str, ...]:
    """Whose page it is: one or several names, else the host of the URL."""
    text = host if value is None else value
    names = [name.strip() for name in text.split(",")] if isinstance(text, str) else []
    if not any(names) or len(names) > MAX_SITES:
        requirement = f"the site's name, or at most {MAX_SITES} with commas between them"
        rule = Rule.LANGUAGE if isinstance(text, str) else Rule.INVALID
        raise InvalidParameter("domain", requirement, value, rule=rule)
    return tuple(name for name in names if name)


def _referrer(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidParameter("referrer", "a URL or null", value)
    return value if _size(value) <= MAX_URL_BYTES else ""


def _engaged(value: Any) -> int:
    """What is out of bounds was a clock that was set, and counts as nothing."""
    number = _number("e", value)
    return int(number) if number is not None and 0 <= number <= MAX_ENGAGED_MS else 0


def _depth(value: Any) -> int:
    number = _number("sd", value)
    return -1 if number is None or number < 0 else int(min(number, 100))


def _number(name: str, value: Any) -> int | float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidParameter(name, "a number or null", value)
    return value


def _props(value: Any) -> dict[str, Prop]:
    given = _object("props", value)
    kept = {key: each for key, each in given.items() if isinstance(each, Prop) and each != ""}
    for key, each in list(kept.items())[:MAX_PROPS]:
        if _size(key) > MAX_KEY_BYTES or _size(str(each)) > MAX_VALUE_BYTES:
            rule = f"of names of at most {MAX_KEY_BYTES} bytes with values of at most {MAX_VALUE_BYTES}"
            raise InvalidParameter("props", rule, f"{key}: {each}", rule=Rule.LANGUAGE)
    return dict(list(kept.items())[:MAX_PROPS])


def _object(name: str, value: Any) -> dict[str, Any]:
    """Older clients send the object as JSON text within the JSON."""
    try:
        given = json.loads(value) if isinstance(value, str) and value else {} if value in (None, "") else value
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        rule = Rule.LANGUAGE if isinstance(value, str) else Rule.INVALID
        raise InvalidParameter(name, "an object, or one as JSON text", value, rule=rule)
    return given


def _revenue(value: Any) -> tuple[float, str] | None:
    """Amount and currency; `None` when either is missing: a form without a price still is an event."""
    given = _object("revenue", value)
    currency, amount = given.get("currency"), given.get("amount")
    try:
        number = float(amount)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError, OverflowError):
        return None
    if not isinstance(currency, str) or len(currency) != CURRENCY_LETTERS or not currency.isascii():
        return None
    return (number, currency.upper()) if abs(number) < 1e15 else None


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
