"""The JSON faces of the query language: any question, a series, a breakdown, and what can be asked."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from . import analytics_service as service
from .caching import remembered
from .exceptions import Rule
from .questions_query import OF_BREAKDOWN, OF_TIMESERIES, breakdown_of, query_in, timeseries_of
from .schema import describes
from .schema_query import DIMENSION, INTERVAL, METRICS, QUESTION, ROWS, VisitsQuestionSerializer
from .schema_reports import COMPARE, SCOPE
from .serializers import DefinitionsSerializer, QuestionAnswerSerializer
from .views import OwnerView


class QueryView(OwnerView):
    post_reads = True

    @extend_schema(examples=[QUESTION])
    @describes(
        QuestionAnswerSerializer,
        request=VisitsQuestionSerializer,
        operation="Query",
        rules=(Rule.TOGETHER, Rule.PERIOD, Rule.LANGUAGE),
    )
    def post(self, request: Request) -> Response:
        """Any question: metrics by dimensions, filtered, compared, ordered and cut."""
        answer = service.query(query_in(request.data, service.clock()))
        return Response(QuestionAnswerSerializer(answer).data)


class TimeseriesView(OwnerView):
    parameters = OF_TIMESERIES

    @describes(QuestionAnswerSerializer, *SCOPE, *COMPARE, METRICS, INTERVAL, operation="Timeseries")
    @remembered
    def get(self, request: Request) -> Response:
        """Metrics by minute, hour, day, week or month; one row for each, oldest first, empty ones too."""
        answer = service.query(timeseries_of(request.query_params, service.clock()))
        return Response(QuestionAnswerSerializer(answer).data)


class BreakdownView(OwnerView):
    parameters = OF_BREAKDOWN

    @describes(QuestionAnswerSerializer, *SCOPE, *COMPARE, DIMENSION, METRICS, *ROWS, operation="Breakdown")
    @remembered
    def get(self, request: Request, dimension: str) -> Response:
        """Metrics by a dimension, or by several parted by commas; the largest first."""
        answer = service.query(breakdown_of(dimension, request.query_params, service.clock()))
        return Response(QuestionAnswerSerializer(answer).data)


class DefinitionsView(OwnerView):
    drains_first = False

    @describes(DefinitionsSerializer)
    @remembered
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Every metric with numerator, denominator, unit and empty value; every dimension, filter and period."""
        return Response(DefinitionsSerializer(service.all_definitions()).data)
