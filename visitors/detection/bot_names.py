"""Find the bot that a user agent names: own rules first, then the two public lists, each compiled once.

Pure: the string in, a `NamedBot` or `None` out. The own rules and the guard are files under `data/`.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Protocol

try:
    import re2
except ImportError:  # google-re2 has no wheel for every platform; `re` finds the same, about ten times slower
    re2 = None

RE2_MEMORY_BYTES: Final = 256 << 20  # the default 8 MiB makes the large sets fall back to a slow automaton
USER_AGENT_LENGTH: Final = 1_024  # longer ones are cut: browsers stay under 500
NAME_LENGTH: Final = 60
NOT_A_BOT: Final = "human"
LOOKAROUND = re.compile(r"\(\?<?[=!][^()]*(?:\([^()]*\)[^()]*)*\)")
NOT_AFTER = re.compile(r"\(\?<!([^()]*)\)")
TOKEN = re.compile(r"[A-Za-z][\w.!+-]*")
BARE_PRODUCT = re.compile(r"[A-Za-z][\w.-]*/v?\d[\w.+-]*(?: |$)")
BROWSER_MARK = re.compile(
    r"Mozilla|Opera|WebKit|Gecko|Browser|Safari|MSIE|MIDP|CLDC|Profile/|Release/|Build/|NetFront|Obigo|UP\.|WAP|Dalvik|"
    r"Links|Lynx|Dillo|w3m|Emacs|Konqueror|iCab|Dorado|Teleca|Symbian|BlackBerry|Nokia|SAMSUNG|SonyEricsson|Series60|"
    r"DoCoMo|J-PHONE|KDDI|Vodafone|SoftBank|Palm|Nintendo|Roku|HbbTV"
)
BOTTISH = re.compile(
    r"bot(?![a-z])|crawl|spider|fetch|scan|monitor|preview|headless|[a-z]agent(?![a-z])", re.IGNORECASE
)
PLATFORM_TOKEN = re.compile(
    r"mozilla|compatible|windows|nt|x11|macintosh|linux|android|u|n|msie|[a-z]{2}-[a-z]{2}|applewebkit|khtml|like|gecko|"
    r"chrome|safari|version|mobile|rv|wv|https?|www|intel|mac|os|x|x64|x86_64|amd64|aarch64|arm64|i\d86|win64|wow64|"
    r"trident|firefox",
    re.IGNORECASE,
)

KIND_OF_TAG: Final = {
    "search-engine": "search",
    "ai-crawler": "ai_training",
    "social-preview": "link_preview",
    "monitoring": "monitoring",
    "feed-reader": "feed",
    "seo": "seo",
    "advertising": "seo",
    "http-library": "http_library",
    "browser-automation": "headless",
    "scanner": "scanner",
}


@dataclass(frozen=True, slots=True)
class NamedBot:
    """What a list says of a user agent, and which list: `source`."""

    kind: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of `bots_known.tsv`. `channel` is set for link previews: where the link was shared."""

    kind: str
    name: str
    channel: str
    pattern: str


def find_bot(user_agent: str) -> NamedBot | None:
    """The first own rule that matches wins; the public lists are asked only about what no own rule knows.

    `user_agent` must be ASCII: the lists are, and the matchers count bytes.
    """
    known = _own_matcher().first(user_agent)
    if known is not None:
        return _named_by(own_rules()[known], user_agent)
    suspect = _find_unknown(user_agent)
    if suspect is None:
        return None
    bare = without_innocent_words(user_agent)
    return suspect if bare == user_agent else _find_unknown(bare)


def _find_unknown(user_agent: str) -> NamedBot | None:
    return _find_listed(user_agent) or _find_by_word(user_agent) or _find_bare_product(user_agent)


def _named_by(rule: Rule, user_agent: str) -> NamedBot | None:
    if rule.kind == NOT_A_BOT:
        return None
    return NamedBot(rule.kind, rule.name or product_name(user_agent), "own rule")


def _find_listed(bare: str) -> NamedBot | None:
    index = _crawler_matcher().first(bare)
    if index is None:
        return None
    pattern, kind = _crawlers()[index]
    return NamedBot(kind, _name_of_match(pattern, bare), "crawler-user-agents")


def _find_by_word(bare: str) -> NamedBot | None:
    words = _words()
    index = words.matcher.first(bare)
    if index is None or (index >= words.plain and not words.looking.search(bare)):
        return None
    name = product_name(bare)
    return NamedBot(_kind_of_name(name), name, "isbot")


def _find_bare_product(user_agent: str) -> NamedBot | None:
    """A product and its version with nothing of a browser or a phone about it: a library or an app without a page."""
    if not BARE_PRODUCT.match(user_agent) or BROWSER_MARK.search(user_agent):
        return None
    return NamedBot("http_library", product_name(user_agent), "no browser's product")


def _kind_of_name(name: str) -> str:
    index = _kind_matcher().first(name)
    return "other" if index is None else _kind_words()[index].kind


def without_innocent_words(user_agent: str) -> str:
    """Cut what the public lists mistake for a bot: toolbars, phone models, proxies' marks."""
    if _guard_matcher().first(user_agent) is None:
        return user_agent
    return _guard().sub("", user_agent)


def product_name(user_agent: str) -> str:
    """The most telling product of a user agent: one that calls itself a bot, else the first that is not Mozilla."""
    tokens = [match[0] for match in TOKEN.finditer(user_agent)]
    telling = next((token for token in tokens if BOTTISH.search(token)), "")
    plain = next((token for token in tokens if not PLATFORM_TOKEN.fullmatch(token)), "")
    return (telling or plain).rstrip(".-+")[:NAME_LENGTH]


def _name_of_match(pattern: str, user_agent: str) -> str:
    match = _compiled(pattern).search(user_agent)
    if match is None:
        return product_name(user_agent)
    start, end = match.span()
    while start > 0 and user_agent[start - 1].isalnum():
        start -= 1
    while end < len(user_agent) and user_agent[end].isalnum():
        end += 1
    return user_agent[start:end].strip(" /;()+:").split("/")[0][:NAME_LENGTH] or product_name(user_agent)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class Matcher(Protocol):
    def first(self, text: str) -> int | None:
        """Index of the first pattern, in the order of the list, that is found anywhere in `text`."""


class _Re2Matcher:
    def __init__(self, patterns: Iterable[str], *, ignore_case: bool = False) -> None:
        options = re2.Options()
        options.max_mem = RE2_MEMORY_BYTES
        options.case_sensitive = not ignore_case
        options.log_errors = False
        self._set: Any = re2.Set.SearchSet(options)
        for pattern in patterns:
            self._set.Add(pattern)
        self._set.Compile()

    def first(self, text: str) -> int | None:
        return min(self._set.Match(text) or (), default=None)  # no match is None, not an empty list


class _ReMatcher:
    def __init__(self, patterns: Iterable[str], *, ignore_case: bool = False) -> None:
        flags = re.IGNORECASE if ignore_case else 0
        self._patterns = [re.compile(pattern, flags) for pattern in patterns]

    def first(self, text: str) -> int | None:
        return next((index for index, pattern in enumerate(self._patterns) if pattern.search(text)), None)


def compile_patterns(patterns: Iterable[str], *, ignore_case: bool = False) -> Matcher:
    kind = _ReMatcher if re2 is None else _Re2Matcher
    return kind(patterns, ignore_case=ignore_case)


def read_rows(filename: str) -> Iterator[list[str]]:
    """Rows of a tab-separated list under `data/`; lines that open with `#` are its header."""
    text = resources.files(__package__).joinpath("data", filename).read_text("utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    yield from csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


@cache
def own_rules() -> tuple[Rule, ...]:
    return tuple(Rule(*row) for row in read_rows("bots_known.tsv"))


@cache
def _own_matcher() -> Matcher:
    return compile_patterns(rule.pattern for rule in own_rules())


@cache
def _kind_words() -> tuple[Rule, ...]:
    return tuple(Rule(kind, "", "", pattern) for kind, pattern in read_rows("bots_kinds.tsv"))


@cache
def _kind_matcher() -> Matcher:
    return compile_patterns((rule.pattern for rule in _kind_words()), ignore_case=True)


@cache
def _guard_matcher() -> Matcher:
    """A quick first look, without lookaround: nearly no user agent needs the cut."""
    return compile_patterns(LOOKAROUND.sub("", row[0]) for row in read_rows("bots_guard.tsv"))


@cache
def _guard() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{row[0]})" for row in read_rows("bots_guard.tsv")))


@cache
def _crawlers() -> tuple[tuple[str, str], ...]:
    """Pattern and kind of each entry of the crawler-user-agents package; its patterns are case-sensitive."""
    text = resources.files("crawleruseragents").joinpath("crawler-user-agents.json").read_text("utf-8")
    return tuple((entry["pattern"], _kind_of_tags(entry.get("tags", ()))) for entry in json.loads(text))


def _kind_of_tags(tags: Iterable[str]) -> str:
    return next((KIND_OF_TAG[tag] for tag in tags if tag in KIND_OF_TAG), "other")


@cache
def _crawler_matcher() -> Matcher:
    return compile_patterns(pattern for pattern, _ in _crawlers())


@dataclass(frozen=True, slots=True)
class Words:
    """isbot's patterns. RE2 has no lookaround: the few that use it come last, without it; `looking` then decides."""

    matcher: Matcher
    plain: int
    looking: re.Pattern[str]


@cache
def _words() -> Words:
    from is_bot._patterns import default_patterns

    patterns = [_portable(pattern) for pattern in sorted(default_patterns)]
    plain = [pattern for pattern in patterns if not LOOKAROUND.search(pattern)]
    looking = [pattern for pattern in patterns if LOOKAROUND.search(pattern)]
    blind = [LOOKAROUND.sub("", pattern) for pattern in looking]
    matcher = compile_patterns([*plain, *blind], ignore_case=True)
    return Words(matcher, len(plain), re.compile("|".join(looking), re.IGNORECASE))


def _portable(pattern: str) -> str:
    """isbot's patterns are written for a laxer engine than `re`, which wants one width in lookbehinds, no `\\d-.`."""
    pattern = pattern.replace(r"\d-.", r"\d.-")
    return NOT_AFTER.sub(lambda match: "".join(f"(?<!{word})" for word in match[1].split("|")), pattern)
