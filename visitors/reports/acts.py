"""What people do besides reading: acts by kind, and the goals that they reach."""

from __future__ import annotations

from dataclasses import dataclass

from .conversions import Conversions, conversions
from .scope import Scope
from .sums import act_totals


@dataclass(frozen=True, slots=True)
class ActRow:
    kind: str
    visitors: int
    acts: int


def acts(scope: Scope) -> tuple[ActRow, ...]:
    """Kinds by the number of visitors."""
    rows = (ActRow(kind, sums.visitors, sums.interactions) for kind, sums in act_totals(scope).items())
    return tuple(sorted(rows, key=lambda row: (-row.visitors, -row.acts, row.kind)))


def goals(scope: Scope) -> Conversions:
    return conversions(scope)
