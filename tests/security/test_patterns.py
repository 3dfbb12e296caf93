"""No pattern of ours takes long on any text: by the processor's clock, with texts that nearly match."""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

import api
import config
import portfolio
import visitors
from tests.test_house import sources

LENGTH = 1_000  # headers are cut to 1,024 characters, addresses to 500, other texts to 200
MOST_SECONDS = 0.01
TRIES = 5  # the least of them counts: another process may have had the processor


def modules() -> Iterator[Any]:
    for package in (api, config, portfolio, visitors):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in found.name and not found.name.startswith("config.settings"):
                yield importlib.import_module(found.name)


def held(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """The patterns in a module's value, inside of tuples, lists and mappings too."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, dict):
        for item in value.items():
            yield from held(item, depth + 1)
    elif depth < 4 and isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from held(item, depth + 1)


def ours() -> dict[str, re.Pattern[Any]]:
    found: dict[str, re.Pattern[Any]] = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in held(value):
                found[f"{module.__name__}.{name}: {str(pattern.pattern)[:60]}"] = pattern
    return found


PATTERNS = ours()
SOURCE = "\n".join(path.read_text() for path in sources())


def literals(pattern: re.Pattern[Any]) -> list[str]:
    """Characters that the pattern speaks of: the material of texts that nearly match."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    return sorted(set(re.sub(r"[\\()\[\]{}|^$?*+]", "", text)))[:24]


def texts(pattern: re.Pattern[Any]) -> Iterator[str]:
    for piece in ["a", " ", "\t", "0", ".", "/", "-", ",", ";", "(", "<", "@", "a ", "a.", "a-", "1.", "aA1 ", "\n",
                  "http://", "a@a.", "Mozilla/5.0 ", "years ", *literals(pattern)]:  # fmt: skip
        yield piece * (LENGTH // len(piece)) + "\x00"
        yield "x" + piece * (LENGTH // len(piece)) + "!"


def use_of(name: str) -> str:
    """How the code applies the pattern: what is only matched from its beginning is not tried at each character."""
    variable = name.partition(":")[0].rpartition(".")[2]
    uses = set(re.findall(rf"\b{re.escape(variable)}\.(\w+)\(", SOURCE))
    return "fullmatch" if uses == {"fullmatch"} else "match" if uses and uses <= {"match", "fullmatch"} else "search"


def seconds(pattern: re.Pattern[Any], text: Any, use: str) -> float:
    apply = getattr(pattern, use)
    started = time.thread_time()
    apply(text)
    return time.thread_time() - started


def test_the_patterns_of_the_code_are_found() -> None:
    assert len(PATTERNS) > 25


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_at_most_ten_milliseconds(name: str) -> None:
    pattern = PATTERNS[name]
    slow, use = {}, use_of(name)
    gc.disable()
    try:
        for text in texts(pattern):
            sent = text.encode() if isinstance(pattern.pattern, bytes) else text
            taken = seconds(pattern, sent, use)
            if taken > MOST_SECONDS:
                taken = min(taken, *(seconds(pattern, sent, use) for _ in range(TRIES)))
            if taken > MOST_SECONDS:
                slow[text[:20]] = taken
    finally:
        gc.enable()
    assert slow == {}


def test_a_planted_catastrophe_takes_longer() -> None:
    assert seconds(re.compile("a*a*a*b"), "a" * 500, "match") > MOST_SECONDS
