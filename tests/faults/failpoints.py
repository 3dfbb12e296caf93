"""Drain the journal and die by `kill -9` at a named point: `python -m tests.faults.failpoints POINT TIMES`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django
from django.db.backends.base.base import BaseDatabaseWrapper

MODULE_POINTS = {
    "before the insert": ("_write", "before"),
    "after the insert": ("_write", "after"),
    "after the drops": ("count_drops", "after"),
    "before the position": ("_move_position", "before"),
    "after the position": ("_move_position", "after"),
    "before files go": ("remove_finished", "before"),
    "after files went": ("remove_finished", "after"),
}
COMMIT_POINTS = {"before the commit": "before", "after the commit": "after"}
POINTS = (*MODULE_POINTS, *COMMIT_POINTS)


def dying(function: Callable[..., Any], *, when: str, times: int) -> Callable[..., Any]:
    """`function` that kills its process around its call number `times`."""
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == times and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if calls == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call


def main(point: str, times: int) -> None:
    django.setup()
    from visitors.recording import recorder

    if point in COMMIT_POINTS:
        dying_commit = dying(BaseDatabaseWrapper._commit, when=COMMIT_POINTS[point], times=times)
        BaseDatabaseWrapper._commit = lambda self: dying_commit(self)  # type: ignore[method-assign]
    else:
        name, when = MODULE_POINTS[point]
        setattr(recorder, name, dying(getattr(recorder, name), when=when, times=times))
    recorder.drain()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
