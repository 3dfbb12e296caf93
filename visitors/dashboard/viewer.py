"""Who looks at a page: the owner, with what he may change, or somebody with a shared link, who may change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

# Single visits, and what visitors typed, are for the owner alone.
OWNERS_PANELS: Final = frozenset({"visits", "session", "owner"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """`base` is the address below which the pages are, with the slash."""

    base: str
    is_shared: bool = False
    may_label: bool = False
    may_note: bool = False

    def sees(self, panel: str) -> bool:
        return not (self.is_shared and panel in OWNERS_PANELS)


def owner_of(request: HttpRequest) -> Viewer:
    return Viewer(
        base=reverse("visitors_dashboard:page"),
        may_label=request.user.has_perm("visitors.change_visitorsession"),
        may_note=request.user.has_perms(("visitors.add_annotation", "visitors.delete_annotation")),
    )


def guest_of(secret: str) -> Viewer:
    return Viewer(base=reverse("visitors_dashboard:shared", args=(secret,)), is_shared=True)
