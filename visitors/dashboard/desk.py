"""What the owner changes from the dashboard: the label of a visit, his notes on days. Each leads back to the page."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from visitors import analytics_service as service
from visitors import day_notes
from visitors.exceptions import InvalidParameter
from visitors.questions import label_of
from visitors.recording import apply_label, catch_up

from .guard import for_owner
from .viewer import owner_of


@require_POST
@for_owner
def label(request: HttpRequest, session_id: UUID) -> HttpResponseBase:
    """Keep the owner's own verdict on a visit; an empty label takes it back."""
    if not owner_of(request).may_label:
        raise PermissionDenied
    catch_up()
    session = service.find_session(session_id)
    if session is None:
        raise Http404
    try:
        apply_label(session, label_of(request.POST))
    except InvalidParameter as error:
        return _refused(error)
    LogEntry.objects.log_actions(str(request.user.pk), [session], CHANGE, change_message=f"Labelled {session.label}.")
    return _back(request, "session")


@require_POST
@for_owner
def add_note(request: HttpRequest) -> HttpResponseBase:
    if not owner_of(request).may_note:
        raise PermissionDenied
    try:
        day_notes.add_note(_day(request.POST.get("day", "")), request.POST.get("text", ""))
    except InvalidParameter as error:
        return _refused(error)
    return _back(request, "notes")


@require_POST
@for_owner
def remove_note(request: HttpRequest, pk: int) -> HttpResponseBase:
    if not owner_of(request).may_note:
        raise PermissionDenied
    if not day_notes.remove_note(pk):
        raise Http404
    return _back(request, "notes")


def _day(given: str) -> date:
    try:
        return datetime.strptime(given, "%Y-%m-%d").date()
    except ValueError:
        raise InvalidParameter("day", "a day such as 2026-01-31", given) from None


def _refused(error: InvalidParameter) -> HttpResponse:
    return HttpResponse(error.message, status=400, content_type="text/plain; charset=utf-8")


def _back(request: HttpRequest, place: str) -> HttpResponse:
    """To the page that the form stood on: its question is in the address of the form."""
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{owner_of(request).base}{f'?{query}' if query else ''}#{place}")
