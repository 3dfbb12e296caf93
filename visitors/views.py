"""The JSON faces of the reports: validate the question, ask the service, answer."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from . import analytics_service as service
from . import serializers
from .authentication import ApiTokenAuthentication
from .caching import remembered, vary
from .permissions import IsOwner, MayLabel
from .questions import (
    OF_COMPARISON,
    OF_SCOPE,
    against_of,
    label_of,
    min_score_of,
    paging_of,
    refuse_unknown,
    scope_of,
)
from .recording import apply_label, catch_up
from .reports.periods import Period
from .reports.scope import Scope
from .schema import MIN_SCORE, PAGING, describes
from .schema_reports import COMPARE, SCOPE
from .throttles import ClientThrottle

UNKNOWN_SESSION = "No session has this id."
LABELLED = {"label": "recruiter"}


class VisitorsView(APIView):
    """What all faces share: known parameters only, what waits is stored first, no answer is kept by a cache."""

    throttle_classes = (ClientThrottle,)
    parameters: ClassVar[frozenset[str]] = frozenset()
    drains_first: ClassVar[bool] = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_unknown(request.query_params, known=self.parameters)
        if self.drains_first:
            catch_up()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answered: Response = super().finalize_response(request, response, *args, **kwargs)
        answered["Cache-Control"] = "no-store"
        return answered


@method_decorator(gzip_page, name="dispatch")
class OwnerView(VisitorsView):
    """For the owner alone. Compressed with Django's padding of random length, so that sizes tell nothing; answers hold
    no secret that a stranger's text could be compared with."""

    # The token comes first so that anonymous requests are answered 401 and told how to authenticate.
    authentication_classes = (ApiTokenAuthentication, SessionAuthentication)
    permission_classes = (IsOwner,)
    throttle_scope = "owner"

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answered = super().finalize_response(request, response, *args, **kwargs)
        vary(answered)
        return answered


class SessionStatisticsView(OwnerView):
    parameters = OF_SCOPE | OF_COMPARISON

    @describes(serializers.SessionStatisticsSerializer, *SCOPE, *COMPARE)
    @remembered
    def get(self, request: Request) -> Response:
        """Who came, how much, on what and from where, compared with the period before."""
        answer = service.session_statistics(scope=_scope(request), against=_against(request))
        return Response(serializers.SessionStatisticsSerializer(answer).data)


class SessionInsightView(OwnerView):
    @describes(serializers.SessionInsightSerializer, may_miss=True)
    @remembered
    def get(self, request: Request, session_id: UUID) -> Response:  # noqa: ARG002
        """One visit: timeline, behaviour, interest, engagement, likelihood to convert, and verdicts with reasons."""
        answer = service.session_insight(session_id)
        if answer is None:
            raise NotFound(UNKNOWN_SESSION)
        return Response(serializers.SessionInsightSerializer(answer).data)


class EngagementView(OwnerView):
    parameters = OF_SCOPE | OF_COMPARISON

    @describes(serializers.EngagementSerializer, *SCOPE, *COMPARE)
    @remembered
    def get(self, request: Request) -> Response:
        """How deeply people engage: rates, times, depth and scores, compared with the period before."""
        answer = service.engagement(scope=_scope(request), against=_against(request))
        return Response(serializers.EngagementSerializer(answer).data)


class BehaviorView(OwnerView):
    parameters = OF_SCOPE

    @describes(serializers.BehaviorSerializer, *SCOPE)
    @remembered
    def get(self, request: Request) -> Response:
        """How people move: patterns, first and last pages, ways through the site, hours of the week."""
        answer = service.behavior(scope=_scope(request))
        return Response(serializers.BehaviorSerializer(answer).data)


class PopularPagesView(OwnerView):
    parameters = OF_SCOPE | {"page", "page_size"}

    @describes(serializers.PopularPagesSerializer, *SCOPE, *PAGING)
    @remembered
    def get(self, request: Request) -> Response:
        """Pages, most viewed first, and the addresses that were not found."""
        answer = service.popular_pages(scope=_scope(request), paging=paging_of(request.query_params))
        return Response(serializers.PopularPagesSerializer(answer).data)


class RealTimeView(OwnerView):
    @describes(serializers.RealTimeSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Who is here now, the last 30 minutes by minute, and what was done last."""
        return Response(serializers.RealTimeSerializer(service.real_time()).data)


class BotsView(OwnerView):
    parameters = OF_SCOPE

    @describes(serializers.BotsSerializer, *SCOPE)
    @remembered
    def get(self, request: Request) -> Response:
        """Bots by kind, name, reason, day and hour."""
        answer = service.bots(scope=_scope(request))
        return Response(serializers.BotsSerializer(answer).data)


class RecruitersView(OwnerView):
    parameters = OF_SCOPE | {"min_score", "page", "page_size"}

    @describes(serializers.RecruitersSerializer, *SCOPE, MIN_SCORE, *PAGING)
    @remembered
    def get(self, request: Request) -> Response:
        """Visits that look like a recruiter's, highest score first, with their strongest signals."""
        asked = request.query_params
        answer = service.recruiters(scope=_scope(request), min_score=min_score_of(asked), paging=paging_of(asked))
        return Response(serializers.RecruitersSerializer(answer).data)


class SessionLabelView(OwnerView):
    permission_classes = (MayLabel,)

    @describes(serializers.SessionLabelledSerializer, request=serializers.LabelSerializer, may_miss=True, sent=LABELLED)
    def post(self, request: Request, session_id: UUID) -> Response:
        """Keep the owner's own verdict on a visit; the figures of its day follow."""
        label = label_of(request.data)
        session = service.find_session(session_id)
        if session is None:
            raise NotFound(UNKNOWN_SESSION)
        apply_label(session, label)
        return Response(serializers.SessionLabelledSerializer(service.labelled(session)).data)


class CurrentSessionView(VisitorsView):
    """Open to everyone, because each visitor sees his own visit only."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "visitor"

    @describes(serializers.CurrentSessionSerializer, is_public=True)
    def get(self, request: Request) -> Response:
        """The visitor's own session: when it began and what was seen. `null` when none is open."""
        answer = service.current_session(_visitor_ids(request._request))
        return Response(serializers.CurrentSessionSerializer(answer).data)


def _scope(request: Request) -> Scope:
    return scope_of(request.query_params, service.clock())


def _against(request: Request) -> Period | None:
    return against_of(request.query_params, service.clock())


def _visitor_ids(request: HttpRequest) -> tuple[int, ...]:
    """Today's id and, for a visit over midnight, yesterday's; none where the middleware is not installed."""
    visitor = getattr(request, "visitor", None)
    return (visitor.visitor_id, visitor.previous_visitor_id) if visitor else ()
