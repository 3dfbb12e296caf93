"""Who may read the reports, and who may correct a verdict."""

from __future__ import annotations

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class IsOwner(BasePermission):
    """Staff of the site, by session or by token."""

    message = "Reports are for the staff of the site."

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        return bool(request.user and request.user.is_active and request.user.is_staff)


class MayKeepApplications(IsOwner):
    """Staff reads applications; adding and changing them needs Django's permissions for it."""

    message = "Adding or changing applications needs the permission for it."

    def has_permission(self, request: Request, view: APIView) -> bool:
        needed = "add_application" if request.method == "POST" and not view.kwargs else "change_application"
        is_reading = request.method in SAFE_METHODS
        return super().has_permission(request, view) and (is_reading or request.user.has_perm(f"visitors.{needed}"))


class MayLabel(IsOwner):
    """Staff that may change sessions: reading reports is not enough."""

    message = "Labelling a visit needs the permission to change sessions."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return super().has_permission(request, view) and request.user.has_perm("visitors.change_visitorsession")
