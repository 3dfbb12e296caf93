"""Keep the owner's own verdict on visits: it wins over every rule and recounts what depends on it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from visitors.exceptions import InvalidParameter
from visitors.models import Label, VisitorSession

from .recorder import lock_recording
from .writer import recount


def relabel(sessions: Sequence[VisitorSession], label: Label | str) -> None:
    """Set `label` ("" takes it back) on these visits and judge them again; raises `InvalidParameter`."""
    if label and label not in Label.values:
        raise InvalidParameter("label", f"one of {', '.join(Label.values)} or empty", label)
    with transaction.atomic():
        lock_recording()
        fresh = list(VisitorSession.objects.filter(id__in=[session.id for session in sessions]))
        for session in fresh:
            session.label = str(label)
        recount(fresh)
    for session in sessions:
        session.refresh_from_db()
