"""Where the recorder's time goes: its own steps, timed while it drains."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any, Final
from unittest.mock import patch

# Called once or a few times a batch, so that timing them costs nothing that is seen. None contains another.
STEPS: Final = (
    ("read", "visitors.recording.recorder", "_batch_of"),
    ("classify", "visitors.recording.writer", "classify"),
    ("resolve", "visitors.recording.writer", "_resolve"),
    ("resolve", "visitors.recording.writer", "_fill"),
    ("summarise", "visitors.recording.writer", "_summarise_all"),
    ("write", "visitors.recording.writer", "save"),
)
REST: Final = "commit, position"

Clock = Callable[[], int]


@contextmanager
def timed_steps(*, clock: Clock = time.process_time_ns) -> Iterator[dict[str, int]]:
    """Nanoseconds by step, complete when the block ends; what no step covers is under `REST`."""
    spent: dict[str, int] = defaultdict(int)
    with ExitStack() as patches:
        for step, module, name in STEPS:
            function = getattr(import_module(module), name)
            patches.enter_context(patch(f"{module}.{name}", _timed(function, step, spent, clock)))
        started = clock()
        yield spent
        spent[REST] = clock() - started - sum(spent.values())


def _timed(function: Callable[..., Any], step: str, spent: dict[str, int], clock: Clock) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        started = clock()
        try:
            return function(*arguments, **named)
        finally:
            spent[step] += clock() - started

    return call
