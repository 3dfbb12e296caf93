r"""Read patterns such as `/projects/*`: `*` is any text without a slash, `**` any text, `\*` a star. Pure.

No regular expressions: SQLite and PostgreSQL disagree about them, and some cost exponential time. These patterns become
`GLOB` and `LIKE`, which answer the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from visitors.exceptions import InvalidParameter

MAX_STARS: Final = 8

_TOKENS: Final = re.compile(r"\\[*\\]|\*\*+|\*|[^*\\]+|\\")


@dataclass(frozen=True, slots=True)
class Wildcards:
    """Texts between stars, in order; `has_slashes` says whether a star may stand for a slash."""

    texts: tuple[str, ...]
    has_slashes: bool

    @property
    def like(self) -> str:
        return "%".join(_escaped_like(text) for text in self.texts)

    @property
    def glob(self) -> str:
        return "*".join(_escaped_glob(text) for text in self.texts)

    @property
    def too_many_slashes(self) -> Wildcards | None:
        """What a text must not fit besides: with as many slashes as the pattern has, none lies within a star."""
        if self.has_slashes or len(self.texts) == 1:
            return None
        slashes = sum(text.count("/") for text in self.texts)
        return Wildcards(("", *["/"] * (slashes + 1), ""), has_slashes=True)


def stars_of(pattern: str, *, name: str) -> Wildcards:
    """Raises `InvalidParameter` for too many stars, or for both kinds in one pattern."""
    texts, kinds = [""], set()
    for token in _TOKENS.findall(pattern):
        if token.startswith("*"):
            kinds.add(len(token) > 1)
            texts.append("")
        else:
            texts[-1] += token[1:] if token in {"\\*", "\\\\"} else token
    if len(kinds) > 1:
        raise InvalidParameter(name, "a pattern with either `*` (no slash) or `**` (any text)", pattern)
    if len(texts) - 1 > MAX_STARS:
        raise InvalidParameter(name, f"a pattern with at most {MAX_STARS} stars", pattern)
    return Wildcards(tuple(texts), has_slashes=kinds == {True})


def literal(text: str) -> str:
    """The pattern that only this text fits."""
    return text.replace("\\", "\\\\").replace("*", "\\*")


def _escaped_like(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _escaped_glob(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)
