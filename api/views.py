"""The site as JSON: validate, call the service that the pages call too, respond."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.pagination import ProjectPagination
from api.parsers import JobFileParser, JobTextParser
from api.schema import FORM, JOB_RULES, answer, refusals, sent
from api.serializers import (
    AnswerSerializer,
    ContactSerializer,
    JobAnalysisSerializer,
    JobFileSerializer,
    JobTextSerializer,
    ProjectDetailSerializer,
    ProjectSerializer,
    QuestionSerializer,
    ReceivedSerializer,
)
from portfolio import contact
from portfolio.chat import conversations
from portfolio.jobs.analysis import analyse
from portfolio.jobs.documents import DocumentRefused, read_document
from portfolio.models import ContactMessage, Project
from portfolio.throttles import CHAT, CONTACT, JOB_ANALYSIS
from visitors.exceptions import Rule
from visitors.schema_rules import WISHES, broken_by
from visitors.throttles import ClientThrottle


class UnreadableDocument(APIException):
    """A refused document in the API's shape."""

    def __init__(self, refused: DocumentRefused) -> None:
        super().__init__(refused.message, refused.code)
        self.status_code = refused.status


class PublicView(APIView):
    """Open to everybody; what a visitor sent is never kept by a cache."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ClientThrottle,)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answered: Response = super().finalize_response(request, response, *args, **kwargs)
        if request.method == "POST":
            answered["Cache-Control"] = "no-store"
        return answered


@extend_schema_view(
    get=extend_schema(
        operation_id="projects",
        tags=["site"],
        auth=[],
        responses={200: answer("project", ProjectSerializer(many=True)), **refusals(404, 503)},
    )
)
class ProjectsView(PublicView, generics.ListAPIView[Project]):
    """The projects in the owner's order."""

    queryset = Project.objects.all()
    serializer_class = ProjectSerializer
    pagination_class = ProjectPagination


@extend_schema_view(
    get=extend_schema(
        operation_id="project",
        tags=["site"],
        auth=[],
        responses={200: answer("project_detail", ProjectDetailSerializer), **refusals(404, 503)},
    )
)
class ProjectView(PublicView, generics.RetrieveAPIView[Project]):
    """One project by its slug."""

    queryset = Project.objects.all()
    serializer_class = ProjectDetailSerializer
    lookup_field = "slug"


class ChatView(PublicView):
    throttle_scope = CHAT

    @extend_schema(
        operation_id="chat",
        extensions=broken_by("does_not_exist", Rule.UNSTORABLE),
        tags=["site"],
        auth=[],
        request=QuestionSerializer,
        examples=sent("question"),
        responses={200: answer("answer", AnswerSerializer), **refusals(400, 413, 415, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Answer from the site's content. The first answer sets the cookie that continues the conversation."""
        asked = QuestionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        exchange = conversations.ask(
            request._request,
            question=asked.validated_data["question"],
            project=asked.validated_data.get("project"),
        )
        response = Response(AnswerSerializer(exchange.message).data)
        conversations.remember(response, exchange.key)
        return response


class JobAnalysisView(PublicView):
    throttle_scope = JOB_ANALYSIS
    parser_classes: tuple[type[BaseParser], ...] = (JobTextParser, JobFileParser)

    @extend_schema(
        operation_id="job_analysis",
        extensions=broken_by(*JOB_RULES, Rule.UNSTORABLE),
        parameters=[WISHES],
        tags=["site"],
        auth=[],
        request={"application/json": JobTextSerializer, FORM: JobFileSerializer},
        examples=sent("job", media_types=("application/json", FORM)),
        responses={200: answer("job_analysis", JobAnalysisSerializer), **refusals(400, 413, 415, 422, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Compare a job description with the profile; each skill comes with the sentence that asks for it."""
        has_form = str(request.content_type).startswith("multipart/")
        sent = (JobFileSerializer if has_form else JobTextSerializer)(data=request.data)
        sent.is_valid(raise_exception=True)
        file = sent.validated_data.get("file")
        try:
            text = read_document(file) if file is not None else sent.validated_data["job_requirements"]
            analysis = analyse(request._request, text)
        except DocumentRefused as refused:
            raise UnreadableDocument(refused) from refused
        return Response(analysis.result)


class ContactView(PublicView):
    throttle_scope = CONTACT

    @extend_schema(
        operation_id="contact",
        extensions=broken_by(Rule.UNSTORABLE),
        tags=["site"],
        auth=[],
        request=ContactSerializer,
        examples=sent("message"),
        responses={201: answer("received", ReceivedSerializer), **refusals(400, 413, 415, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Send the owner a message."""
        sent = ContactSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        message = contact.send(request._request, ContactMessage(**sent.validated_data))
        return Response(ReceivedSerializer(message).data, status=201)
