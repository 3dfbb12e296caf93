"""First-party visitor analytics for Django. `track()` is the door for the site around it, `OwnerPanel` what it
may add to the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPanel:
    """A table of the site's own on the dashboard: what a callable of `VISITORS["OWNER_PANELS"]` answers.

    Each row has as many texts as there are `heads`; `total` counts what there is beyond the rows shown, and `more`
    is where all of it is. `empty` says what to do when there is nothing.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    empty: str
    more: str = ""


def track(request: HttpRequest, kind: str, *, target: str = "", **details: Any) -> None:
    """Record an act of this visitor once the response has succeeded.

    `kind` is one of chat_start, chat_message, job_analysis, project_view, download, contact, outbound or a name of
    your own (letters, digits, `_`, `-`; at most 40). `details` are scalars that are kept: the first 30, names cut
    at 300 and texts at 2,000 characters, 69,000 bytes in all; the special detail `typed` is text that the visitor
    wrote: it is matched for hiring words in memory and then forgotten. A request that is refused or fails records
    nothing. Never raises.
    """
    from .middleware import collect_act

    collect_act(request, kind, target=target, details=details)
