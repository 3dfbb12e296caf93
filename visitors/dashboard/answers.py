"""Answer for whoever looks: the whole page piece by piece, one panel, or its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response

from visitors import analytics_service as service
from visitors.exceptions import InvalidParameter
from visitors.recording import catch_up
from visitors.reports.scope import FILTERS
from visitors.spreadsheets import csv_lines

from .exports import EXPORTS, rows_of
from .frame import frame_of
from .panels import PANELS, context_of
from .question import OPERATORS, Question, read_question
from .viewer import Viewer

LATE: Final = ("funnel",)  # reads every page view of the period in order
PLACE: Final = re.compile(r"<!-- panel (\w+) -->")


def answer_page(request: HttpRequest, viewer: Viewer) -> HttpResponseBase:
    if "add" in request.GET:
        return _with_filter(request, viewer)
    try:
        question = _question(request, viewer)
    except InvalidParameter as error:
        context = {"reason": error.message, "viewer": viewer}
        return render(request, "visitors/dashboard/refused.html", context, status=400)
    catch_up()
    pieces = _pieces(request, question, viewer)
    # A server of the other kind would gather a plain iterator before the first byte, and warn.
    return HttpResponse("".join(pieces)) if isinstance(request, ASGIRequest) else StreamingHttpResponse(pieces)


def answer_panel(request: HttpRequest, name: str, viewer: Viewer) -> HttpResponse:
    if name not in PANELS or not viewer.sees(name):
        raise Http404
    try:
        question = _question(request, viewer)
    except InvalidParameter as error:
        return _refused(error)
    catch_up()
    html = _panel(request, name, question, viewer)
    etag = f'"{blake2b(html.encode(), digest_size=12).hexdigest()}"'
    response = HttpResponse(html, headers={"ETag": etag})
    return get_conditional_response(request, etag=etag, response=response) or response


def answer_export(request: HttpRequest, name: str, viewer: Viewer) -> HttpResponse:
    if name not in EXPORTS or not viewer.sees(name):
        raise Http404
    try:
        question = _question(request, viewer)
    except InvalidParameter as error:
        return _refused(error)
    heads, rows = rows_of(name, question)
    file_name = f"{name}-{question.period.start}-{question.period.last_day}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return HttpResponse("".join(csv_lines(heads, rows)), content_type="text/csv; charset=utf-8", headers=headers)


def _question(request: HttpRequest, viewer: Viewer) -> Question:
    return read_question(request.GET, now=service.clock(), base=viewer.base, is_shared=viewer.is_shared)


def _refused(error: InvalidParameter) -> HttpResponse:
    return HttpResponse(error.message, status=400, content_type="text/plain; charset=utf-8")


def _pieces(request: HttpRequest, question: Question, viewer: Viewer) -> Iterator[str]:
    """The frame at once, then each panel in its place as soon as it is counted. The script puts panels where they
    belong by name, and so gets the one that takes longest at the end."""
    page = render_to_string("visitors/dashboard/page.html", frame_of(request, question, viewer), request)
    is_scripted = request.headers.get("X-Requested-With") == "fetch"
    late = [name for name in LATE if f"<!-- panel {name} -->" in page] if is_scripted else []
    for place, part in enumerate(PLACE.split(page)):
        if not place % 2:
            yield part
        elif part not in late:
            yield _panel(request, part, question, viewer)
    for name in late:
        yield f'<section data-panel="{name}">{_panel(request, name, question, viewer)}</section>'


def _panel(request: HttpRequest, name: str, question: Question, viewer: Viewer) -> str:
    return render_to_string(PANELS[name].template, context_of(PANELS[name], question, viewer), request)


def _with_filter(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The filter form names a filter, how, and a value; the address of the answer is the ordinary one."""
    asked = request.GET.copy()
    name, how, value = (asked.pop(key, [""])[-1].strip() for key in ("add", "how", "value"))
    if name in FILTERS and how in OPERATORS and value:
        parameter = f"{name}.{how}" if how else name
        if value not in asked.getlist(parameter):
            asked.appendlist(parameter, value)
    return redirect(f"{viewer.base}?{asked.urlencode()}")
