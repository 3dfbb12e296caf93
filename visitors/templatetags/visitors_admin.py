"""`{% visitors_panel %}`: today's visits and the state of recording, for the index of the admin."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.db import DatabaseError, InterfaceError
from django.template.context import Context

from visitors import analytics_service
from visitors.recording import catch_up
from visitors.recording.status import Status, recording_status
from visitors.reports.overview import SessionStatistics

register = template.Library()


@dataclass(frozen=True, slots=True)
class Panel:
    """`status` is `None` when recording cannot be asked now."""

    today: SessionStatistics
    status: Status | None


@register.inclusion_tag("admin/visitors/panel.html", takes_context=True)
def visitors_panel(context: Context) -> dict[str, Panel | None]:
    """Empty for staff who may not look at visits."""
    user = getattr(context.get("request"), "user", None)
    may_look = user is not None and user.has_perm("visitors.view_visitorsession")
    return {"panel": _panel() if may_look else None}


def _panel() -> Panel:
    catch_up()
    return Panel(analytics_service.session_statistics(days=1), _status())


def _status() -> Status | None:
    try:
        return recording_status()
    except (DatabaseError, InterfaceError, OSError):
        return None
