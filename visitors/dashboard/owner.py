"""What the site around the app wants its owner to see beside the figures: questions that it could not answer, say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.utils.module_loading import import_string

from visitors import OwnerPanel
from visitors.conf import conf

from .question import Question

MAX_ROWS: Final = 20


def owner_panels(question: Question) -> tuple[OwnerPanel, ...]:
    """One for each callable of `VISITORS["OWNER_PANELS"]`, in that order."""
    callables: list[Callable[..., OwnerPanel]] = [import_string(path) for path in conf.OWNER_PANELS]
    start, end = question.period.start, question.period.end
    return tuple(build(start=start, end=end, limit=MAX_ROWS) for build in callables)
