"""Hand out all that is kept of a visitor, verdicts and reasons included, for the owner's answer to who asks for it.

Unlike the visitor's own page this tells verdicts, since the owner has made sure who asks before he hands it on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Model, Q

from visitors.applications.models import ApplicationHit, Notice
from visitors.models import PageView, VisitorInteraction, VisitorSession

from .hooks import export_elsewhere
from .keys import erasure_key


def export_visitors(visitor_ids: Collection[int]) -> dict[str, Any]:
    """Rows by kind, oldest first, as plain values; ids of 63 bits are texts, since JSON readers round them."""
    sessions = list(VisitorSession.objects.filter(visitor_id__in=visitor_ids).order_by("id"))
    of_these = Q(session_id__in=[session.id for session in sessions])
    return {
        "visits": _rows(sessions),
        "page_views": _rows(PageView.objects.filter(visitor_id__in=visitor_ids).order_by("id")),
        "interactions": _rows(VisitorInteraction.objects.filter(visitor_id__in=visitor_ids).order_by("id")),
        "openings": _rows(ApplicationHit.objects.filter(of_these | Q(visitor_id__in=visitor_ids)).order_by("id")),
        "notices": _rows(Notice.objects.filter(of_these).order_by("id")),
        "elsewhere": export_elsewhere({erasure_key(visitor_id) for visitor_id in visitor_ids}),
    }


def _rows(rows: Iterable[Model]) -> list[dict[str, Any]]:
    return [
        {field.attname: _plain(field.attname, getattr(row, field.attname)) for field in row._meta.concrete_fields}
        for row in rows
    ]


def _plain(name: str, value: Any) -> Any:
    return str(value) if name in {"id", "visitor_id", "session_id"} and value is not None else value
