"""The owner's JSON doors to applications: validate, call the desk or the service, respond."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from visitors import analytics_service as service
from visitors import serializers
from visitors.exceptions import InvalidParameter
from visitors.permissions import MayKeepApplications
from visitors.questions import paging_of
from visitors.schema import PAGING, describes
from visitors.views import OwnerView

from .desk import add_application, change_application, find_application, revoke_application
from .models import Application, SentBy, Status
from .requests import ApplicationChangeSerializer, NewApplicationSerializer

UNKNOWN_APPLICATION: Final = "No application has this id."
ADDED: Final = {"company": "Acme", "role": "Backend engineer", "channel": SentBy.EMAIL.value, "target": "/resume/"}
CHANGED: Final = {"status": Status.INTERVIEW.value, "notes": "On Friday at ten."}
FILTERS: Final = (
    OpenApiParameter("status", str, enum=Status.values, description="Only those of this status."),
    OpenApiParameter("channel", str, enum=SentBy.values, description="Only those sent this way."),
)


class ApplicationsView(OwnerView):
    permission_classes = (MayKeepApplications,)
    parameters = frozenset({"status", "channel", "page", "page_size"})

    @describes(serializers.ApplicationListSerializer, *FILTERS, *PAGING)
    def get(self, request: Request) -> Response:
        """Job applications, newest first, with their links and openings."""
        asked = request.query_params
        answer = service.applications(
            paging=paging_of(asked),
            site=_site(request),
            status=_one_of("status", asked, Status.values),
            channel=_one_of("channel", asked, SentBy.values),
        )
        return Response(serializers.ApplicationListSerializer(answer).data)

    @describes(
        serializers.ApplicationShownSerializer,
        request=NewApplicationSerializer,
        operation="ApplicationAdd",
        sent=ADDED,
        status=201,
    )
    def post(self, request: Request) -> Response:
        """Add an application; the answer holds its link."""
        made = add_application(_body(request))
        return Response(_shown(made, request), status=201)


class ApplicationView(OwnerView):
    permission_classes = (MayKeepApplications,)

    @describes(serializers.ApplicationShownSerializer, may_miss=True)
    def get(self, request: Request, application_id: int) -> Response:
        """One application with its link and openings."""
        return Response(_shown(_found(application_id), request))

    @describes(
        serializers.ApplicationShownSerializer,
        request=ApplicationChangeSerializer,
        operation="ApplicationChange",
        sent=CHANGED,
        may_miss=True,
    )
    def patch(self, request: Request, application_id: int) -> Response:
        """Change what is given. A status moved back or closed is the owner's word: visits change it no more."""
        return Response(_shown(change_application(_found(application_id), _body(request)), request))


class RevokeView(OwnerView):
    permission_classes = (MayKeepApplications,)

    @describes(serializers.ApplicationShownSerializer, operation="ApplicationRevoke", may_miss=True)
    def post(self, request: Request, application_id: int) -> Response:
        """Let the link lead to the plain site from now on."""
        return Response(_shown(revoke_application(_found(application_id)), request))


class TimelineView(OwnerView):
    @describes(serializers.ApplicationTimelineSerializer, may_miss=True)
    def get(self, request: Request, application_id: int) -> Response:
        """Openings with reasons, pages with engaged time, acts and shares of one application, oldest first."""
        answer = service.application_timeline(application_id, site=_site(request)) if _is_key(application_id) else None
        if answer is None:
            raise NotFound(UNKNOWN_APPLICATION)
        return Response(serializers.ApplicationTimelineSerializer(answer).data)


class FunnelView(OwnerView):
    @describes(serializers.ApplicationFunnelSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """From sent to opened, read, resume and contacted; days to open; by channel and resume version."""
        return Response(serializers.ApplicationFunnelSerializer(service.application_funnel()).data)


def _found(pk: int) -> Application:
    found = find_application(pk) if _is_key(pk) else None
    if found is None:
        raise NotFound(UNKNOWN_APPLICATION)
    return found


def _is_key(pk: int) -> bool:
    """Databases refuse to look for numbers beyond 63 bits."""
    return pk < 1 << 63


def _shown(application: Application, request: Request) -> Mapping[str, Any]:
    answer = service.application(application.pk, site=_site(request))
    shown: Mapping[str, Any] = serializers.ApplicationShownSerializer(answer).data
    return shown


def _site(request: Request) -> str:
    return request.build_absolute_uri("/")


def _body(request: Request) -> Mapping[str, Any]:
    if not isinstance(request.data, Mapping):
        raise InvalidParameter("body", "a JSON object", type(request.data).__name__)
    return request.data


def _one_of(name: str, asked: Mapping[str, str], known: list[str]) -> str:
    given = asked.get(name)
    if given is not None and given not in known:
        raise InvalidParameter(name, f"one of {', '.join(known)}", given)
    return given or ""
