"""Tell one visit in a sentence. Pure: its timeline comes in, the moment on the site's clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from visitors.detection.engagement import PASSIVE_KINDS

from .timeline import NOT_FOUND, PAGE, TimelineEntry

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NUMBERS: Final = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
TOLD_PAGES: Final = 2
TOLD_KINDS: Final = 5
MAX_NAME: Final = 60  # characters of a title, a source, a target
READ_FROM: Final = 50  # percent from which a page was read rather than looked at
READ_MS: Final = 30_000
TITLE_ENDS: Final = re.compile(r" [·|–—] ")  # what follows is the site's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What the sentence needs to know besides the timeline; `started_at` on the site's clock."""

    started_at: datetime
    source: str
    application: str = ""
    duration_ms: int = 0
    bot: str = ""  # its name, or that it is one


@dataclass(slots=True)
class _Read:
    name: str
    time_ms: int = 0
    depth: int | None = None


def story_of(visit: Visit, timeline: Sequence[TimelineEntry]) -> str:
    """When, from where, how long: what was read and done, as in "Tue 14:02, from LinkedIn, 6 min 12 s: read Raft KV to
    91 %, asked the chat two questions, downloaded the resume." """
    opening = ", ".join(_opening(visit))
    done = ", ".join((*_pages(timeline), *_acts(timeline))) or "saw nothing and did nothing"
    return f"{opening}: {done}."


def _opening(visit: Visit) -> Iterator[str]:
    yield f"{DAYS[visit.started_at.weekday()]} {visit.started_at:%H:%M}"
    if visit.bot:
        yield f"a bot ({_short(visit.bot)})"
    if visit.application:
        yield f"by the link of {_short(visit.application)}"
    elif visit.source == "Direct":
        yield "directly"
    elif visit.source:
        yield f"from {_short(visit.source)}"
    if visit.duration_ms >= 1000:
        yield time_text(visit.duration_ms)


def time_text(duration_ms: int) -> str:
    """Such as 6 min 12 s."""
    minutes, seconds = divmod(duration_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" + (f" {seconds} s" if seconds else "") if minutes else f"{seconds} s"


def _pages(timeline: Sequence[TimelineEntry]) -> Iterator[str]:
    """The pages with most time in the order in which they were seen, then how many more."""
    pages: dict[str, _Read] = {}
    for entry in timeline:
        if entry.kind == PAGE:
            page = pages.setdefault(entry.path, _Read(_title(entry)))
            page.time_ms += max(entry.time_on_page_ms or 0, entry.engaged_ms)
            if entry.scroll_depth is not None:
                page.depth = max(page.depth or 0, entry.scroll_depth)
    told = sorted(pages, key=lambda path: (-pages[path].time_ms, -(pages[path].depth or 0)))[:TOLD_PAGES]
    yield from (_read(page) for path, page in pages.items() if path in told)
    if rest := len(pages) - len(told):
        yield f"saw {_number(rest)} more page{_s(rest)}"
    if missed := sum(entry.kind == NOT_FOUND for entry in timeline):
        yield f"asked for {_number(missed)} page{_s(missed)} in vain"


def _title(entry: TimelineEntry) -> str:
    return _short(TITLE_ENDS.split(entry.title)[0]) or _short(entry.path)


def _read(page: _Read) -> str:
    if page.depth is not None and (page.depth >= READ_FROM or page.time_ms >= READ_MS):
        return f"read {page.name} to {page.depth} %"
    return f"read {page.name} for {time_text(page.time_ms)}" if page.time_ms >= READ_MS else f"saw {page.name}"


def _acts(timeline: Sequence[TimelineEntry]) -> Iterator[str]:
    """Kinds in the order in which they were first done."""
    kinds = Counter(entry.kind for entry in timeline if entry.kind not in {PAGE, NOT_FOUND, *PASSIVE_KINDS})
    if "chat_message" in kinds:
        del kinds["chat_start"]  # a question tells that the chat was opened
    for kind in list(kinds)[:TOLD_KINDS]:
        targets = tuple(dict.fromkeys(entry.target for entry in timeline if entry.kind == kind and entry.target))
        yield _act(kind, kinds[kind], targets)
    if rest := sum(kinds[kind] for kind in list(kinds)[TOLD_KINDS:]):
        yield f"did {_number(rest)} more thing{_s(rest)}"


def _act(kind: str, count: int, targets: Sequence[str]) -> str:
    match kind:
        case "chat_start":
            return "opened the chat"
        case "chat_message":
            return f"asked the chat {_number(count)} question{_s(count)}"
        case "job_analysis":
            return f"had {_number(count)} job{_s(count)} matched"
        case "contact":
            return f"sent {'a message' if count == 1 else f'{_number(count)} messages'}"
        case "download":
            return f"downloaded {_names([_file(target) for target in targets]) or _number(count)}"
        case "outbound":
            return f"left for {_names([urlsplit(target).hostname or target for target in targets]) or 'another site'}"
    return f"did {_short(kind)}" + ("" if count == 1 else f" {_number(count)} times")


def _file(target: str) -> str:
    name = target.rstrip("/").rpartition("/")[2]
    return "the resume" if re.search(r"r[eé]sum[eé]|\bcv\b", name, re.IGNORECASE) else name


def _names(names: Sequence[str]) -> str:
    known = list(dict.fromkeys(map(_short, names)))
    rest = f" and {_number(len(known) - 2)} more" if len(known) > 2 else ""
    return (", " if rest else " and ").join(known[:2]) + rest


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_NAME else line[: MAX_NAME - 1] + "…"
