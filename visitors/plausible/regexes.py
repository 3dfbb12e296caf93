r"""Say by patterns with stars what a regular expression means: `^/(blog|news)/.*` is `/blog/**` or `/news/**`. Pure.

Databases disagree about regular expressions, and some of them never end. What stars cannot say is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from visitors.exceptions import InvalidParameter
from visitors.reports.wildcards import literal

MAX_CHOICES: Final = 50
# Anchors, `.*`, escaped signs and plain text.
TOKEN: Final = re.compile(r"\.\*|\\[^a-zA-Z0-9]|[^\\.^$*+?()\[\]{}|]")
# A group without another one in it, and not repeated.
GROUP: Final = re.compile(r"(?<!\\)\((?:\?:)?((?:[^()\\]|\\.)*)\)(?![*+?{])", re.DOTALL)
PARTED: Final = re.compile(r"\\.|\||[^\\|]+|\\", re.DOTALL)


def patterns_of(regex: str) -> tuple[str, ...]:
    """One for each of its choices. Raises `InvalidParameter` for what is more than plain text, `^`, `$`, `.*`, signs
    escaped by a backslash, and choices such as `a|b` and `(a|b)`."""
    choices: dict[str, None] = {}
    for choice in _choices(regex):
        choices[_pattern(choice, regex)] = None
        if len(choices) > MAX_CHOICES:
            raise InvalidParameter("filters", f"a pattern of at most {MAX_CHOICES} choices", regex)
    return tuple(choices)


def _choices(regex: str) -> Iterator[str]:
    group = GROUP.search(regex)
    if group is None:
        yield from _parts(regex)
        return
    for part in _parts(group[1]):
        yield from _choices(f"{regex[: group.start()]}{part}{regex[group.end() :]}")


def _parts(text: str) -> list[str]:
    """What stands between bars that no backslash makes plain."""
    parts = [""]
    for piece in PARTED.findall(text):
        if piece == "|":
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _pattern(choice: str, regex: str) -> str:
    body, ends = choice.removeprefix("^"), "" if choice.startswith("^") else ".*"
    is_closed = body.endswith("$") and not body.endswith("\\$")
    body = ends + (body.removesuffix("$") if is_closed else f"{body}.*")
    tokens = TOKEN.findall(body)
    if "".join(tokens) != body:
        rule = r"a pattern of plain text, ^, $, .*, choices such as (a|b), and signs escaped by \ "
        raise InvalidParameter("filters", rule, regex)
    stars = "".join("**" if each == ".*" else literal(each.removeprefix("\\") or "\\") for each in tokens)
    return re.sub(r"(?<!\\)\*{2,}", "**", stars)
