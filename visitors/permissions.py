"""Who may read the reports, and who may correct a verdict: by Django's permissions, and by a token's scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from .tokens import ApiToken, TokenScope

if TYPE_CHECKING:  # the framework's views ask for this module while they are being imported
    from rest_framework.views import APIView

READ_REPORTS: Final = "visitors.view_visitorsession"


def may_read_reports(user: Any) -> bool:
    """Staff with the permission to view sessions; being staff alone is not enough."""
    return bool(user and user.is_active and user.is_staff and user.has_perm(READ_REPORTS))


class IsOwner(BasePermission):
    """Staff that may read reports, by session or by token. A token gives no more than its scope and its account.

    A view whose POST only asks (a query too long for an address) says so with `post_reads = True`.
    """

    message = "Reports are for staff of the site with the permission to view sessions."

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = request.auth
        if isinstance(token, ApiToken) and not _is_in_scope(token, request, view):
            self.message = f"This needs more than a token of scope `{token.scope}`."
            return False
        return may_read_reports(request.user)


def _is_in_scope(token: ApiToken, request: Request, view: APIView) -> bool:
    if token.scope == TokenScope.ADMIN:
        return True
    return token.scope == TokenScope.READ and _is_reading(request, view)


def _is_reading(request: Request, view: APIView) -> bool:
    return request.method in SAFE_METHODS or (request.method == "POST" and getattr(view, "post_reads", False))


class MayKeepApplications(IsOwner):
    """Who reads reports reads applications; adding and changing them needs Django's permissions for it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        self.message = "Adding or changing applications needs the permission for it."
        needed = "add_application" if request.method == "POST" and not view.kwargs else "change_application"
        return request.method in SAFE_METHODS or request.user.has_perm(f"visitors.{needed}")


class MayLabel(IsOwner):
    """Staff that may change sessions: reading reports is not enough."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        self.message = "Labelling a visit needs the permission to change sessions."
        return request.user.has_perm("visitors.change_visitorsession")
