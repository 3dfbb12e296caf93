"""The JSON faces of the reports: validate the question, ask the service, answer."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from . import analytics_service as service
from . import serializers
from .permissions import IsOwner, MayLabel
from .questions import days_of, label_of, min_score_of, paging_of, refuse_unknown
from .recording import apply_label, catch_up
from .schema import DAYS, MIN_SCORE, PAGING, describes
from .throttles import ClientThrottle

UNKNOWN_SESSION = "No session has this id."


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


class OwnerView(VisitorsView):
    # The token comes first so that anonymous requests are answered 401 and told how to authenticate.
    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsOwner,)
    throttle_scope = "owner"


class SessionStatisticsView(OwnerView):
    parameters = frozenset({"days"})

    @describes(serializers.SessionStatisticsSerializer, DAYS)
    def get(self, request: Request) -> Response:
        """Who came, how much, on what and from where, compared with the period before."""
        answer = service.session_statistics(days=days_of(request.query_params))
        return Response(serializers.SessionStatisticsSerializer(answer).data)


class SessionInsightView(OwnerView):
    @describes(serializers.SessionInsightSerializer, may_miss=True)
    def get(self, request: Request, session_id: UUID) -> Response:  # noqa: ARG002
        """One visit: timeline, behaviour, interest, engagement, likelihood to convert, and verdicts with reasons."""
        answer = service.session_insight(session_id)
        if answer is None:
            raise NotFound(UNKNOWN_SESSION)
        return Response(serializers.SessionInsightSerializer(answer).data)


class EngagementView(OwnerView):
    parameters = frozenset({"days"})

    @describes(serializers.EngagementSerializer, DAYS)
    def get(self, request: Request) -> Response:
        """How deeply people engage: rates, times, depth and scores, compared with the period before."""
        answer = service.engagement(days=days_of(request.query_params))
        return Response(serializers.EngagementSerializer(answer).data)


class BehaviorView(OwnerView):
    parameters = frozenset({"days"})

    @describes(serializers.BehaviorSerializer, DAYS)
    def get(self, request: Request) -> Response:
        """How people move: patterns, first and last pages, ways through the site, hours of the week."""
        answer = service.behavior(days=days_of(request.query_params))
        return Response(serializers.BehaviorSerializer(answer).data)


class PopularPagesView(OwnerView):
    parameters = frozenset({"days", "page", "page_size"})

    @describes(serializers.PopularPagesSerializer, DAYS, *PAGING)
    def get(self, request: Request) -> Response:
        """Pages, most viewed first, and the addresses that were not found."""
        asked = request.query_params
        answer = service.popular_pages(days=days_of(asked), paging=paging_of(asked))
        return Response(serializers.PopularPagesSerializer(answer).data)


class RealTimeView(OwnerView):
    @describes(serializers.RealTimeSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Who is here now, the last 30 minutes by minute, and what was done last."""
        return Response(serializers.RealTimeSerializer(service.real_time()).data)


class BotsView(OwnerView):
    parameters = frozenset({"days"})

    @describes(serializers.BotsSerializer, DAYS)
    def get(self, request: Request) -> Response:
        """Bots by kind, name, reason, day and hour."""
        answer = service.bots(days=days_of(request.query_params))
        return Response(serializers.BotsSerializer(answer).data)


class RecruitersView(OwnerView):
    parameters = frozenset({"days", "min_score", "page", "page_size"})

    @describes(serializers.RecruitersSerializer, DAYS, MIN_SCORE, *PAGING)
    def get(self, request: Request) -> Response:
        """Visits that look like a recruiter's, highest score first, with their strongest signals."""
        asked = request.query_params
        answer = service.recruiters(days=days_of(asked), min_score=min_score_of(asked), paging=paging_of(asked))
        return Response(serializers.RecruitersSerializer(answer).data)


class SessionLabelView(OwnerView):
    permission_classes = (MayLabel,)

    @describes(serializers.SessionLabelledSerializer, request=serializers.LabelSerializer, may_miss=True)
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


def _visitor_ids(request: HttpRequest) -> tuple[int, ...]:
    """Today's id and, for a visit over midnight, yesterday's; none where the middleware is not installed."""
    visitor = getattr(request, "visitor", None)
    return (visitor.visitor_id, visitor.previous_visitor_id) if visitor else ()
