"""The owner's pages: read the address, ask the panels, answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.views.decorators.http import require_GET

from .answers import answer_export, answer_page, answer_panel
from .guard import for_owner
from .viewer import owner_of


@require_GET
@for_owner
def page(request: HttpRequest) -> HttpResponseBase:
    """Everything on one page; 400 with the reason for an address that cannot be answered."""
    get_token(request)  # now: a streamed page is rendered after its cookies are sent
    return answer_page(request, owner_of(request))


@require_GET
@for_owner
def panel(request: HttpRequest, name: str) -> HttpResponse:
    """One panel as a fragment, for the script; answers 304 while it is what the script has."""
    return answer_panel(request, name, owner_of(request))


@require_GET
@for_owner
def export(request: HttpRequest, name: str) -> HttpResponse:
    """The rows of a panel as CSV, as they are on screen."""
    return answer_export(request, name, owner_of(request))
