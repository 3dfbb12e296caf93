"""Read one line of a web server's access log. Pure: text in, `LogLine` out, or `LogLineError` with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import unquote, urlsplit

MILLISECONDS: Final = 1000
YOUNGEST_SECONDS: Final = 10**11  # a larger Unix time is in milliseconds: seconds would be past the year 5000
JSON_KEYS: Final = ("time", "method", "path", "status", "referrer", "user_agent", "ip", "bytes", "host")
REQUIRED_KEYS: Final = ("time", "method", "path", "status", "ip")


class LogFormat(StrEnum):
    COMBINED = "combined"
    COMMON = "common"
    JSONL = "jsonl"


class LogLineError(ValueError):
    """The line breaks its format; reads as what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One request as the server logged it. `method` and `path` are empty when the request itself was no HTTP."""

    at_ms: int  # Unix time, milliseconds
    ip: str
    method: str
    path: str  # percent-decoded, without query
    query: str
    status: int
    referrer: str = ""
    user_agent: str = ""
    host: str = ""


def parse_line(text: str, *, log_format: LogFormat, time_zone: tzinfo = UTC) -> LogLine:
    """`time_zone` is used only for a time without an offset of its own. Raises `LogLineError`."""
    return PARSERS[log_format](text.rstrip("\r\n"), time_zone)


# The client, two names and the time: the server's own words. Then the request, which the client chose: quotes inside
# are escaped by Apache as \" and by nginx as \x22, so a bare quote ends the field. Each part stops at one character,
# so a hostile line costs linear time.
_COMMON = re.compile(r'([^\[]*)\[([^\]]*)\] "((?:[^"\\]|\\.)*)" ([0-9]{3}) ([0-9]+|-)')
_AGENT = re.compile(r' "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"')
_TIME = re.compile(r"(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?: ([+-])(\d\d)(\d\d))?")
_MONTHS: Final = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_REQUEST = re.compile(r"([A-Za-z]{1,20}) (\S.*?)(?: HTTP/[0-9.]+)?")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)")
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def _parse_common(text: str, time_zone: tzinfo) -> LogLine:
    return _from_match(_matched(text), time_zone)


def _parse_combined(text: str, time_zone: tzinfo) -> LogLine:
    match = _matched(text)
    agent = _AGENT.match(text, match.end())
    if agent is None:
        raise LogLineError("no quoted referrer and user agent after the size")
    referrer, user_agent = (_unescaped(field) for field in agent.groups())
    return _from_match(match, time_zone, referrer=_present(referrer), user_agent=_present(user_agent))


def _matched(text: str) -> re.Match[str]:
    match = _COMMON.match(text)
    if match is None:
        raise LogLineError("empty line" if not text.strip() else "not: client, names, [time], request, status, size")
    return match


def _from_match(match: re.Match[str], time_zone: tzinfo, *, referrer: str = "", user_agent: str = "") -> LogLine:
    names, time, request, status, _size = match.groups()
    host, ip = _client(names.split())
    method, target = _request(_unescaped(request))
    target_host, path, query = _target(target)
    return LogLine(
        at_ms=_apache_time(time, time_zone),
        ip=ip,
        method=method,
        path=path,
        query=query,
        status=int(status),
        referrer=referrer,
        user_agent=user_agent,
        host=host or target_host,
    )


def _client(names: list[str]) -> tuple[str, str]:
    """(host, client) of `client ident user`, or of the same with the virtual host in front."""
    if len(names) < 3:
        raise LogLineError("fewer than three names before the time")
    if len(names) > 3 and not _is_address(names[0]) and _is_address(names[1]):
        return names[0].rsplit(":", 1)[0].lower(), names[1]
    return "", names[0]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _request(request: str) -> tuple[str, str]:
    match = _REQUEST.fullmatch(request)
    return (match[1].upper(), match[2]) if match else ("", "")


def _target(target: str) -> tuple[str, str, str]:
    """(host, path, query) of what stands after the method: a path, a whole address, or `*`."""
    if target.startswith("/"):
        path, _, query = target.partition("#")[0].partition("?")
        return "", _decoded(path), query
    try:
        parts = urlsplit(target)
    except ValueError:
        return "", "", ""
    if parts.scheme not in {"http", "https"}:
        return "", "", ""
    return parts.netloc.rpartition("@")[2].lower(), _decoded(parts.path or "/"), parts.query


def _decoded(path: str) -> str:
    return unquote(path, errors="replace")


def _unescaped(field: str) -> str:
    """The bytes of `\\xhh` are UTF-8 of the client's, as far as they can be read."""
    if "\\" not in field:
        return field
    raw = _ESCAPE.sub(_escaped_character, field)
    return raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _escaped_character(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) == 3:
        return bytes([int(escape[1:], 16)]).decode("utf-8", "surrogateescape")
    return _LETTERS.get(escape, escape)


def _present(field: str) -> str:
    return "" if field == "-" else field


def _apache_time(text: str, time_zone: tzinfo) -> int:
    match = _TIME.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        raise LogLineError("the time is not like 17/May/2015:10:05:03 +0000")
    year, month, day = int(match[3]), _MONTHS.index(match[2]), int(match[1])
    hour, minute, second = int(match[4]), int(match[5]), min(int(match[6]), 59)  # 60 is a leap second
    try:
        zone = _offset(match[7], match[8], match[9]) if match[7] else time_zone
        return int(datetime(year, month, day, hour, minute, second, tzinfo=zone).timestamp()) * MILLISECONDS
    except (ValueError, OverflowError) as error:
        raise LogLineError("the time is no date of the calendar") from error


def _offset(sign: str, hours: str, minutes: str) -> timezone:
    east = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(east if sign == "+" else -east)


def _parse_json(text: str, time_zone: tzinfo) -> LogLine:
    fields = _json_object(text)
    missing = [key for key in REQUIRED_KEYS if fields.get(key) in (None, "")]
    if missing:
        raise LogLineError(f"`{missing[0]}` is missing")
    target_host, path, query = _target(_text(fields, "path"))
    return LogLine(
        at_ms=_json_time(fields["time"], time_zone),
        ip=_text(fields, "ip"),
        method=_text(fields, "method").upper(),
        path=path,
        query=query,
        status=_status(fields["status"]),
        referrer=_present(_text(fields, "referrer")),
        user_agent=_present(_text(fields, "user_agent")),
        host=_text(fields, "host").lower() or target_host,
    )


def _json_object(text: str) -> Mapping[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LogLineError("not JSON" if text.strip() else "empty line") from error
    if not isinstance(fields, dict):
        raise LogLineError("not a JSON object")
    return fields


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise LogLineError(f"`{key}` must be text, not {type(value).__name__}")
    return value


def _status(value: object) -> int:
    text = str(value)
    if not re.fullmatch(r"[1-9][0-9]{2}", text):
        raise LogLineError("`status` must be a number of three digits")
    return int(text)


def _json_time(value: object, time_zone: tzinfo) -> int:
    """ISO 8601, or Unix seconds (milliseconds when they are too many for seconds), as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise LogLineError("`time` must be ISO 8601 or a Unix time")
    try:
        if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,9})?", value):
            return _iso_time(value, time_zone)
        seconds = float(value)
        at_ms = round(seconds if seconds > YOUNGEST_SECONDS else seconds * MILLISECONDS)
        datetime.fromtimestamp(at_ms / MILLISECONDS, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise LogLineError("`time` must be ISO 8601 or a Unix time") from error
    return at_ms


def _iso_time(text: str, time_zone: tzinfo) -> int:
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=time_zone)
    return round(at.timestamp() * MILLISECONDS)


PARSERS: Final[Mapping[LogFormat, Callable[[str, tzinfo], LogLine]]] = {
    LogFormat.COMBINED: _parse_combined,
    LogFormat.COMMON: _parse_common,
    LogFormat.JSONL: _parse_json,
}
