"""First-party visitor analytics for Django. `track()` is the door for the site around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest


def track(request: HttpRequest, kind: str, *, target: str = "", **details: Any) -> None:
    """Record an act of this visitor once the response has succeeded.

    `kind` is one of chat_start, chat_message, job_analysis, project_view, download, contact, outbound or a name of
    your own (letters, digits, `_`, `-`; at most 40). `details` are small scalars that are kept; the special detail
    `typed` is text that the visitor wrote: it is matched for hiring words in memory and then forgotten. A request
    that is refused or fails records nothing. Never raises.
    """
    from .middleware import collect_act

    collect_act(request, kind, target=target, details=details)
