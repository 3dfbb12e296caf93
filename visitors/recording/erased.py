"""Leave out what an erased visitor did before he was erased: it may have waited in a journal, here or elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from visitors.models import Erasure, unix_ms
from visitors.observation import NOBODY, DropReason, Observation
from visitors.privacy.keys import erasure_key


def leave_out_erased(
    observations: Iterable[Observation],
) -> tuple[Iterable[Observation], Counter[tuple[str, DropReason]]]:
    """What may be stored, and how many may not, by day and reason. One query, whatever comes."""
    erased = {digest: unix_ms(at) for digest, at in Erasure.objects.values_list("digest", "erased_at")}
    left_out: Counter[tuple[str, DropReason]] = Counter()
    if not erased:
        return observations, left_out
    kept = []
    for seen in observations:
        if any(seen.at_ms <= erased.get(erasure_key(visitor_id), -1) for visitor_id in _ids(seen)):
            left_out[seen.day, DropReason.ERASED] += 1
        else:
            kept.append(seen)
    return kept, left_out


def _ids(seen: Observation) -> set[int]:
    return {seen.visitor_id, seen.previous_visitor_id} - {NOBODY}
