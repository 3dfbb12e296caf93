"""The JSON faces of goals, funnels, journeys, lists and exports: validate the question, ask the service, answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import chain, islice
from typing import ClassVar, Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from . import analytics_service as service
from . import serializers
from .caching import remembered
from .exceptions import Rule
from .questions import OF_COMPARISON, OF_SCOPE, against_of, scope_of
from .questions_reports import (
    OF_LIST,
    OF_STEP,
    Format,
    format_of,
    funnel_in,
    funnel_named,
    interval_of,
    length_of,
    page_size_of,
    path_of,
    step_of,
)
from .reports.export import Dataset
from .reports.scope import Scope
from .schema import describes
from .schema_reports import COMPARE, FUNNEL, INTERVAL, LENGTH, LIST, OWN_FUNNEL, PATH, SCOPE, STEP, file_of
from .spreadsheets import csv_lines, json_lines, pieces
from .views import OwnerView

MEDIA_TYPES: Final = {Format.CSV: "text/csv; charset=utf-8", Format.NDJSON: "application/x-ndjson"}


class ScopeView(OwnerView):
    """Asked of the visits of a period, all or narrowed."""

    parameters = OF_SCOPE

    def scope(self, request: Request) -> Scope:
        return scope_of(request.query_params, service.clock())


class GoalsView(ScopeView):
    parameters = OF_SCOPE | OF_COMPARISON | {"interval"}

    @describes(serializers.GoalsSerializer, *SCOPE, *COMPARE, INTERVAL)
    @remembered
    def get(self, request: Request) -> Response:
        """Goals that visits reached: counts, rates with their bounds, the period before, the trend."""
        asked = request.query_params
        against = against_of(asked, service.clock())
        answer = service.goals_reached(self.scope(request), against=against, interval=interval_of(asked))
        return Response(serializers.GoalsSerializer(answer).data)


class FunnelsView(ScopeView):
    parameters = OF_SCOPE | OF_STEP | {"funnel"}
    post_reads = True

    @describes(serializers.FunnelReportSerializer, *SCOPE, FUNNEL, *STEP)
    @remembered
    def get(self, request: Request) -> Response:
        """A funnel of the settings: who took its steps in order, where they stopped, the visits behind a step."""
        asked = request.query_params
        answer = service.funnel_steps(self.scope(request), funnel_named(asked), asked=step_of(asked))
        return Response(serializers.FunnelReportSerializer(answer).data)

    @describes(
        serializers.FunnelReportSerializer,
        *SCOPE,
        *STEP,
        request=serializers.FunnelSerializer,
        operation="OwnFunnel",
        rules=(Rule.TOGETHER, Rule.UNKNOWN),
        sent=OWN_FUNNEL,
    )
    def post(self, request: Request) -> Response:
        """The same for a funnel that the body defines."""
        asked = request.query_params
        answer = service.funnel_steps(self.scope(request), funnel_in(request.data), asked=step_of(asked))
        return Response(serializers.FunnelReportSerializer(answer).data)


class JourneysView(ScopeView):
    parameters = OF_SCOPE | {"path", "length"}

    @describes(serializers.JourneysSerializer, *SCOPE, PATH, LENGTH)
    @remembered
    def get(self, request: Request) -> Response:
        """The most common ways through the site, and what comes before and after a page."""
        asked = request.query_params
        answer = service.journeys(self.scope(request), page=path_of(asked), length=length_of(asked))
        return Response(serializers.JourneysSerializer(answer).data)


class SessionsView(ScopeView):
    parameters = OF_SCOPE | OF_LIST

    @describes(serializers.SessionListSerializer, *SCOPE, *LIST)
    @remembered
    def get(self, request: Request) -> Response:
        """Single visits, latest first; `next` goes on where the page ends."""
        asked = request.query_params
        answer = service.session_list(
            self.scope(request), cursor=asked.get("cursor", ""), page_size=page_size_of(asked)
        )
        return Response(serializers.SessionListSerializer(answer).data)


class RetentionView(ScopeView):
    @describes(serializers.RetentionSerializer, *SCOPE)
    @remembered
    def get(self, request: Request) -> Response:
        """Who came back: within the day, and from week to week where visitors may be known again."""
        return Response(serializers.RetentionSerializer(service.retention(self.scope(request))).data)


class ExportView(ScopeView):
    """A file that is written while it is sent."""

    parameters = OF_SCOPE | {"format"}
    throttle_scope = "export"
    dataset: ClassVar[Dataset]

    def get(self, request: Request) -> StreamingHttpResponse:
        """The stored rows as CSV or as one JSON object a line."""
        asked = request.query_params
        kind, found = format_of(asked), service.export(self.scope(request), self.dataset)
        lines = (csv_lines if kind is Format.CSV else json_lines)(found.header, found.rows)
        parts = _begun(pieces(lines))
        is_asgi = isinstance(request._request, ASGIRequest)
        answer = StreamingHttpResponse(_in_threads(parts) if is_asgi else parts, content_type=MEDIA_TYPES[kind])
        answer["Content-Disposition"] = f'attachment; filename="{self.dataset}.{kind}"'
        return answer


@extend_schema_view(get=file_of(Dataset.SESSIONS))
class SessionsExportView(ExportView):
    dataset = Dataset.SESSIONS


@extend_schema_view(get=file_of(Dataset.PAGE_VIEWS))
class PageViewsExportView(ExportView):
    dataset = Dataset.PAGE_VIEWS


@extend_schema_view(get=file_of(Dataset.INTERACTIONS))
class InteractionsExportView(ExportView):
    dataset = Dataset.INTERACTIONS


def _begun(parts: Iterator[bytes]) -> Iterator[bytes]:
    """With the first part made, so that a database that is away is answered 503 and not with half a file."""
    return chain(list(islice(parts, 1)), parts)


async def _in_threads(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Under ASGI Django would gather a plain iterator whole before it sends the first byte."""
    take = sync_to_async(lambda: next(parts, b""))
    while part := await take():
        yield part
