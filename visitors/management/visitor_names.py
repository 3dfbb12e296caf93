"""Read whom a command is about: the public id of a visit, or the pseudonym of its visitor."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandError

from visitors.models import VisitorSession

HELP = "the id of a visit (a UUID, as the dashboard shows it), or the number of its visitor"


def visitor_ids_of(names: list[str]) -> set[int]:
    """Raises `CommandError` for a name that is neither, and for a visit that is not there."""
    return {_visitor_id(name) for name in names}


def _visitor_id(name: str) -> int:
    if name.isascii() and name.isdecimal() and 0 < int(name) < 1 << 63:
        return int(name)
    try:
        session_id = UUID(name)
    except ValueError:
        raise CommandError(f"`visitor` must be {HELP}, not {name!r}.") from None
    visit = VisitorSession.objects.filter(session_id=session_id).first()
    if visit is None:
        raise CommandError(f"No visit has the id {name}.")
    visitor_id: int = visit.visitor_id
    return visitor_id
