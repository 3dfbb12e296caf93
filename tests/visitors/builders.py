"""Rows as the recorder would leave them; a test names only what matters to it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from visitors.models import TIME_SHIFT, ApiToken, PageView, VisitorInteraction, VisitorSession, first_id
from visitors.tokens import TokenScope, issue

HOST = "example.com"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday

_numbers = itertools.count(1)


def an_id(moment: datetime) -> int:
    """63 bits, ordered by time, never twice."""
    return first_id(moment) | next(_numbers) & (1 << TIME_SHIFT) - 1


def local_day(moment: datetime) -> Any:
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def local_hour(moment: datetime) -> int:
    return timezone.localtime(moment, timezone.get_default_timezone()).hour


def a_session(
    at: datetime = NOON, *, pages: Sequence[str] = ("/",), acts: Sequence[str] = (), **columns: Any
) -> VisitorSession:
    """One visit whose pages follow each other by a minute, with the acts on its last page.

    `pages=()` makes a visit without page views. Columns given by name win over what follows from the rows.
    """
    columns.setdefault("visitor_id", next(_numbers))
    session = VisitorSession(
        id=an_id(at),
        session_id=uuid.uuid4(),
        started_at=at,
        day=columns.pop("day", local_day(at)),
        **_totals(at, pages, acts),
    )
    for name, value in columns.items():
        setattr(session, name, value)
    session.hour = local_hour(at)
    session.is_converted = bool(session.converted_goals)
    if "is_human" not in columns:
        session.is_human = not session.is_bot and not session.is_owner and bool(pages or acts)
    session.save(force_insert=True)
    for number, path in enumerate(pages):
        a_page_view(
            session, path, after=timedelta(minutes=number), sequence=number + 1, has_next=number + 1 < len(pages)
        )
    for kind in acts:
        an_interaction(session, kind, after=timedelta(minutes=max(len(pages) - 1, 0)))
    return session


def _totals(at: datetime, pages: Sequence[str], acts: Sequence[str]) -> dict[str, Any]:
    duration = timedelta(minutes=max(len(pages) - 1, 0))
    return {
        "last_activity_at": at + duration,
        "entry_host": HOST if pages else "",
        "exit_host": HOST if pages else "",
        "entry_path": pages[0] if pages else "",
        "exit_path": pages[-1] if pages else "",
        "page_views_count": len(pages),
        "interactions_count": len(acts),
        "duration_ms": duration // timedelta(milliseconds=1),
        "is_bounce": len(pages) == 1 and not acts,
        "is_engaged": len(pages) >= 2 or bool(acts),
        "source": "Direct",
        "channel": "Direct",
        "device_type": "desktop",
        "browser": "Firefox",
        "os": "Linux",
    }


def a_page_view(
    session: VisitorSession,
    path: str = "/",
    *,
    after: timedelta = timedelta(0),
    has_next: bool = False,
    **columns: Any,
) -> PageView:
    """A page of the visit, timed by the gap of a minute when another one follows."""
    at = session.started_at + after
    values = {
        "id": an_id(at),
        "visitor_id": session.visitor_id,
        "session_id": session.id,
        "viewed_at": at,
        "day": local_day(at),
        "host": session.entry_host,
        "path": path,
        "title": f"Title of {path}",
        "time_on_page_ms": 60_000 if has_next else None,
        "is_estimated": has_next,
        "is_human": session.is_human,
        "source": session.source,
        "channel": session.channel,
        "device_type": session.device_type,
        "country": session.country,
    }
    return PageView.objects.create(**(values | columns))


def an_interaction(
    session: VisitorSession, kind: str = "download", *, after: timedelta = timedelta(0), **columns: Any
) -> VisitorInteraction:
    at = session.started_at + after
    values = {
        "id": an_id(at),
        "visitor_id": session.visitor_id,
        "session_id": session.id,
        "occurred_at": at,
        "day": local_day(at),
        "kind": kind,
        "host": session.exit_host,
        "path": session.exit_path,
        "is_human": session.is_human,
    }
    return VisitorInteraction.objects.create(**(values | columns))


def a_token(user: Any, *, scope: str = "admin", **columns: Any) -> str:
    """The text of a token that was used today already, so that using it writes nothing."""
    token, text = issue(name="test", user=user, scope=TokenScope(scope))
    columns.setdefault("last_used_on", local_day(timezone.now()))
    ApiToken.objects.filter(pk=token.pk).update(**columns)
    return text
