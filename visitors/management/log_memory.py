"""Tell which observations of a log are stored already, so that importing it again adds nothing.

An observation is known by its id. Some leave no row of their own (a robot's question, referrer spam); they are known
when the observation before them in the file is, since a log only ever grows at its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from visitors.models import PageView, Share, VisitorSession
from visitors.observation import PAGE, Observation
from visitors.recording.steps import Draft, drop_spam_referrer


class LogMemory:
    """Goes through one log, batch by batch in the order of the file."""

    def __init__(self) -> None:
        self._is_stored: bool | None = None

    def new_ones(self, batch: Sequence[Observation]) -> list[Observation]:
        """At three queries a batch."""
        ids = {seen.id for seen in batch}
        stored = {found for facts in (PageView, Share, VisitorSession) for found in _stored(facts, ids)}
        if self._is_stored is None:
            self._is_stored = next(_verdicts(batch, stored), False)
        return [seen for seen in batch if not self._is_known(seen, stored)]

    def _is_known(self, seen: Observation, stored: set[int]) -> bool:
        self._is_stored = next(_verdicts([seen], stored), self._is_stored)
        return bool(self._is_stored)


def _stored(facts: type[PageView] | type[Share] | type[VisitorSession], ids: set[int]) -> Iterator[int]:
    yield from facts._default_manager.filter(id__in=ids).values_list("id", flat=True)


def _verdicts(batch: Sequence[Observation], stored: set[int]) -> Iterator[bool]:
    """Whether it is stored, for each observation that can tell by itself."""
    for seen in batch:
        if seen.id in stored:
            yield True
        elif seen.kind == PAGE and drop_spam_referrer(Draft(seen)) is None:
            yield False
