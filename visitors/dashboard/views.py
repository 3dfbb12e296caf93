"""The owner's pages: read the address, ask the panels, answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET

from visitors import analytics_service as service
from visitors.admin.export import csv_lines
from visitors.exceptions import InvalidParameter
from visitors.recording import catch_up
from visitors.reports.scope import FILTERS

from .exports import EXPORTS, rows_of
from .guard import for_owner
from .panels import PANELS, context_of
from .question import CHOICES, PRESETS, Question, read_question
from .texts import country_name, days_text, words

THEMES: Final = ("light", "dark")
PLACE: Final = re.compile(r"<!-- panel (\w+) -->")
SEGMENTS: Final = ("today", "7d", "30d", "12mo")


@dataclass(frozen=True, slots=True)
class Chip:
    name: str
    value: str
    without: str


@require_GET
@for_owner
def page(request: HttpRequest) -> HttpResponseBase:
    """Everything on one page; 400 with the reason for an address that cannot be answered."""
    if "add" in request.GET:
        return _with_filter(request)
    try:
        question = read_question(request.GET, now=service.clock())
    except InvalidParameter as error:
        return render(request, "visitors/dashboard/refused.html", {"reason": error.message}, status=400)
    catch_up()
    pieces = _pieces(request, question)
    # A server of the other kind would gather a plain iterator before the first byte, and warn.
    return HttpResponse("".join(pieces)) if isinstance(request, ASGIRequest) else StreamingHttpResponse(pieces)


@require_GET
@for_owner
def panel(request: HttpRequest, name: str) -> HttpResponse:
    """One panel as a fragment, for the script; answers 304 while it is what the script has."""
    if name not in PANELS:
        raise Http404
    try:
        question = read_question(request.GET, now=service.clock())
    except InvalidParameter as error:
        return HttpResponse(error.message, status=400, content_type="text/plain; charset=utf-8")
    catch_up()
    chosen = PANELS[name]
    html = render_to_string(chosen.template, context_of(chosen, question), request)
    etag = f'"{blake2b(html.encode(), digest_size=12).hexdigest()}"'
    response = HttpResponse(html, headers={"ETag": etag})
    return get_conditional_response(request, etag=etag, response=response) or response


@require_GET
@for_owner
def export(request: HttpRequest, name: str) -> HttpResponse:
    """The rows of a panel as CSV, as they are on screen."""
    if name not in EXPORTS:
        raise Http404
    try:
        question = read_question(request.GET, now=service.clock())
    except InvalidParameter as error:
        return HttpResponse(error.message, status=400, content_type="text/plain; charset=utf-8")
    heads, rows = rows_of(name, question)
    file_name = f"{name}-{question.period.start}-{question.period.last_day}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return HttpResponse("".join(csv_lines(heads, rows)), content_type="text/csv; charset=utf-8", headers=headers)


def _pieces(request: HttpRequest, question: Question) -> Iterator[str]:
    """The frame at once, then each panel in its place as soon as it is counted."""
    page = render_to_string("visitors/dashboard/page.html", _frame(request, question), request)
    for place, part in enumerate(PLACE.split(page)):
        if place % 2:
            yield render_to_string(PANELS[part].template, context_of(PANELS[part], question), request)
        else:
            yield part


def _with_filter(request: HttpRequest) -> HttpResponse:
    """The filter form names one filter and its value; the address of the answer is the ordinary one."""
    asked = request.GET.copy()
    name, value = asked.pop("add")[-1], asked.pop("value", [""])[-1].strip()
    if name in FILTERS and value:
        asked[name] = value
    return redirect(f"{request.path}?{asked.urlencode()}")


def _frame(request: HttpRequest, question: Question) -> dict[str, Any]:
    theme = request.COOKIES.get("visitors_theme", "")
    return {
        "question": question,
        "theme": theme if theme in THEMES else "",
        "host": request.get_host(),
        "days": days_text(question.period.start, question.period.last_day),
        "against": days_text(question.against.start, question.against.last_day) if question.against else "",
        "chips": [_chip(question, one.name, one.value) for one in question.scope.filters],
        "segments": [(PRESETS[name], question.of_preset(name), name == question.preset) for name in SEGMENTS],
        "presets": [(name, label, question.of_preset(name)) for name, label in PRESETS.items()],
        "compares": [(name, question.link(compare=name)) for name in CHOICES["compare"]],
        "earlier": question.shifted(-1),
        "later": question.shifted(1),
        "uncompared": question.link(compare="off" if question.against else "previous"),
        "unfiltered": question.link(**dict.fromkeys(FILTERS)),
        "filters": [(name, words(name)) for name in FILTERS],
    }


def _chip(question: Question, name: str, value: str) -> Chip:
    shown = country_name(value) if name == "country" else words(value) if name == "act" else value
    return Chip(words(name), shown, question.link(**{name: None}))
