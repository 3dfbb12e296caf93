"""Print every verdict on user agents, with its reason, one JSON object a line."""

from __future__ import annotations

import json
import os
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from msgspec import structs

from visitors.detection.bots import classify_observation, classify_user_agent, prefetch_reason, share_channel
from visitors.detection.sources import classify_source, reduce_referrer
from visitors.detection.user_agents import parse_device, parse_user_agent
from visitors.exceptions import shorten
from visitors.observation import Observation, clean

STANDARD_INPUT: Final = "-"
LONGEST_TEXT: Final = 4_000  # characters
BROKEN_PIPE_STATUS: Final = 1

HEADER_FIELDS: Final[Mapping[str, str]] = {
    "accept": "accept",
    "accept-language": "accept_language",
    "sec-fetch-site": "sec_fetch_site",
    "sec-fetch-mode": "sec_fetch_mode",
    "sec-fetch-dest": "sec_fetch_dest",
    "sec-ch-ua": "sec_ch_ua",
    "sec-ch-ua-mobile": "sec_ch_ua_mobile",
    "sec-ch-ua-platform": "sec_ch_ua_platform",
    "user-agent": "user_agent",
    "x-requested-with": "requested_with",
    "host": "host",
}
PREFETCH_HEADERS: Final = ("sec-purpose", "purpose", "x-purpose", "x-moz")

EPILOG: Final = """\
input, one a line:
  a user agent as it stands, or
  {"user_agent": "...", "referrer": "...", "method": "GET", "path": "/", "secure": true,
   "headers": {"Sec-Fetch-Mode": "navigate", ...}}   (in one line; all keys may be left out)
  With headers, the request is judged as well as the name: a copied browser name gives itself away by what is missing.
  Without `headers` the user agent alone is judged. `secure` (default true) says that the request came by HTTPS:
  over plain HTTP browsers do not send these headers, so their absence proves nothing.

examples:
  echo 'curl/8.5.0' | manage.py classify
  cut -d'"' -f6 access.log | sort -u | manage.py classify - | jq 'select(.bot.is_bot)'

exit status: 0 all lines read; 1 a line is no JSON object of this shape; 2 usage
"""


class UnclearLine(ValueError):
    """A line that begins like JSON and is not what the help describes."""


class Command(BaseCommand):
    help = "Classify user agents (bot, device, source) and print JSON lines with every verdict and its reason."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EPILOG
        parser.add_argument("file", nargs="?", default=STANDARD_INPUT, metavar="FILE", help="default: standard input")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            with _lines(options["file"]) as lines:
                unclear = self._classify_all(lines)
            self.stdout.flush()
        except BrokenPipeError:
            # The reader has had enough (`| head`). Python would complain once more when it closes the pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(BROKEN_PIPE_STATUS)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from error
        if unclear:
            raise CommandError(f"{unclear} of the lines could not be read.")

    def _classify_all(self, lines: IO[str]) -> int:
        """Returns how many lines were unclear."""
        unclear = 0
        for number, line in enumerate(lines, start=1):
            try:
                if text := line.strip():
                    self.stdout.write(json.dumps(verdicts(text), ensure_ascii=False))
            except UnclearLine as error:
                unclear += 1
                self.stderr.write(f"line {number}: {error}")
        return unclear


def verdicts(line: str) -> dict[str, Any]:
    """Everything the rules say of one line; raises `UnclearLine`."""
    if not line.startswith("{"):
        return _by_name(clean(line, limit=LONGEST_TEXT))
    given = _parsed(line)
    observation = _observation(given)
    return (
        _by_request(observation) if "headers" in given else _with_source(observation, _by_name(observation.user_agent))
    )


def _by_name(user_agent: str) -> dict[str, Any]:
    return {
        "user_agent": user_agent,
        "bot": structs.asdict(classify_user_agent(user_agent)),
        "device": asdict(parse_user_agent(user_agent)),
        "share_channel": share_channel(user_agent),
    }


def _by_request(observation: Observation) -> dict[str, Any]:
    found = _by_name(observation.user_agent) | {
        "bot": structs.asdict(classify_observation(observation)),
        "device": asdict(parse_device(observation)),
        "prefetch": prefetch_reason(observation),
    }
    return _with_source(observation, found)


def _with_source(observation: Observation, found: dict[str, Any]) -> dict[str, Any]:
    source = classify_source(
        referrer=observation.referrer,
        own_hosts=(observation.host,),
        app=found["device"]["app"],
        requested_with=observation.requested_with,
    )
    return found | {"source": asdict(source)}


def _parsed(line: str) -> Mapping[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnclearLine(f"not JSON: {shorten(line)}") from error
    if not isinstance(given, dict):
        raise UnclearLine("not a JSON object")
    return given


def _observation(given: Mapping[str, Any]) -> Observation:
    headers = _headers(given.get("headers", {}))
    fields: dict[str, Any] = {field: headers[name] for name, field in HEADER_FIELDS.items() if name in headers}
    fields["user_agent"] = _text(given, "user_agent") or fields.get("user_agent", "")
    return Observation(
        id=0,
        at_ms=0,
        day="",
        visitor_id=0,
        method=_text(given, "method").upper() or "GET",
        is_secure=_switch(given, "secure"),
        path=_text(given, "path") or "/",
        referrer=reduce_referrer(_text(given, "referrer") or headers.get("referer", "")),
        purpose=next((headers[name] for name in PREFETCH_HEADERS if headers.get(name)), ""),
        **fields,
    )


def _headers(given: object) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise UnclearLine("`headers` must be an object of names and texts")
    return {str(name).lower(): clean(value, limit=LONGEST_TEXT) for name, value in given.items()}


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key, "")
    if not isinstance(value, str):
        raise UnclearLine(f"`{key}` must be text, not {type(value).__name__}")
    return clean(value, limit=LONGEST_TEXT)


def _switch(given: Mapping[str, Any], key: str) -> bool:
    value = given.get(key, True)
    if not isinstance(value, bool):
        raise UnclearLine(f"`{key}` must be true or false, not {type(value).__name__}")
    return value


@contextmanager
def _lines(name: str) -> Iterator[IO[str]]:
    if name == STANDARD_INPUT:
        yield sys.stdin
        return
    with Path(name).open(encoding="utf-8", errors="replace") as opened:
        yield opened
