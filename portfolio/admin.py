"""The owner's desk: edit the site's content, read what visitors left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from portfolio.models import (
    ContactMessage,
    Conversation,
    Degree,
    JobAnalysis,
    Message,
    Position,
    Profile,
    Project,
    Skill,
    UnansweredQuestion,
)

# Django's own classes take no type parameter when the code runs.
if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _TabularInline = admin.TabularInline[Any, Any]
    _StackedInline = admin.StackedInline[Any, Any]
else:
    _ModelAdmin = admin.ModelAdmin
    _TabularInline = admin.TabularInline
    _StackedInline = admin.StackedInline


# "ada.example" typed without a scheme means https.
URL_FIELDS: dict[type[models.Field[Any, Any]], dict[str, str]] = {models.URLField: {"assume_scheme": "https"}}


class SkillInline(_TabularInline):
    model = Skill
    extra = 0
    fields = ("order", "name", "group", "level", "years", "aliases")


class PositionInline(_StackedInline):
    model = Position
    extra = 0
    fields = (("title", "company", "location"), ("started_on", "ended_on"), "summary", "highlights")


class DegreeInline(_StackedInline):
    model = Degree
    extra = 0
    fields = (("title", "level"), "institution", ("started_year", "ended_year"), "summary")


@admin.register(Profile)
class ProfileAdmin(_ModelAdmin):
    list_display = ("name", "headline", "location")
    formfield_overrides = URL_FIELDS
    inlines = (SkillInline, PositionInline, DegreeInline)
    fieldsets = (
        (None, {"fields": ("name", "headline", "bio", "location")}),
        ("Links", {"fields": ("email", "github_url", "linkedin_url", "website_url", "resume")}),
        (
            "What recruiters ask",
            {
                "description": "The chat answers from these. What is empty, it does not know.",
                "fields": (
                    "availability",
                    "notice_period",
                    "work_permit",
                    "remote",
                    "relocation",
                    "salary",
                    "spoken_languages",
                ),
            },
        ),
    )


@admin.register(Project)
class ProjectAdmin(_ModelAdmin):
    list_display = ("title", "year", "tech", "featured", "order")
    formfield_overrides = URL_FIELDS
    list_editable = ("featured", "order")
    list_filter = ("featured", "year")
    search_fields = ("title", "summary", "description")
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    fieldsets = (
        (None, {"fields": (("title", "slug"), "summary", "description", "highlights")}),
        ("Facts", {"fields": ("tech_stack", ("role", "year"), ("source_url", "demo_url"))}),
        ("Place on the site", {"fields": (("featured", "order"),)}),
    )

    @admin.display(description="built with")
    def tech(self, project: Project) -> str:
        return ", ".join(project.tech_stack)


class LeftByVisitorsAdmin(_ModelAdmin):
    """To read and to delete; nobody writes in a visitor's name."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False


@admin.register(ContactMessage)
class ContactMessageAdmin(_ModelAdmin):
    list_display = ("received_at", "name", "company", "email", "opening", "is_answered")
    list_display_links = ("received_at", "name")
    list_editable = ("is_answered",)
    list_filter = ("is_answered", "received_at")
    search_fields = ("name", "email", "company", "message")
    date_hierarchy = "received_at"
    readonly_fields = ("received_at", "name", "email", "company", "message")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    @admin.display(description="message")
    def opening(self, message: ContactMessage) -> str:
        return message.message[:80]


class MessageInline(_TabularInline):
    model = Message
    extra = 0
    can_delete = False
    fields = readonly_fields = ("asked_at", "question", "answer", "topic", "is_answered")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Conversation)
class ConversationAdmin(LeftByVisitorsAdmin):
    list_display = ("started_at", "questions")
    date_hierarchy = "started_at"
    inlines = (MessageInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        questions: QuerySet[Any] = super().get_queryset(request).annotate(question_count=Count("messages"))
        return questions

    @admin.display(description="questions", ordering="question_count")
    def questions(self, conversation: Any) -> int:
        return int(conversation.question_count)


@admin.register(Message)
class MessageAdmin(LeftByVisitorsAdmin):
    list_display = ("asked_at", "question", "topic", "is_answered", "project")
    list_filter = ("is_answered", "topic", "asked_at")
    list_select_related = ("project",)
    search_fields = ("question", "answer")
    date_hierarchy = "asked_at"


@admin.register(UnansweredQuestion)
class UnansweredQuestionAdmin(LeftByVisitorsAdmin):
    """What visitors wanted to know and the site does not say, newest first."""

    list_display = ("asked_at", "question", "topic", "project")
    list_filter = ("topic", "asked_at")
    list_select_related = ("project",)
    search_fields = ("question",)
    date_hierarchy = "asked_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(is_answered=False).order_by("-asked_at")


@admin.register(JobAnalysis)
class JobAnalysisAdmin(LeftByVisitorsAdmin):
    list_display = ("analysed_at", "title", "match_level", "overall")
    list_filter = ("match_level", "analysed_at")
    search_fields = ("title", "job_requirements")
    date_hierarchy = "analysed_at"
