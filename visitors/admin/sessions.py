"""Visits in the admin: the list with verdicts, the timeline of one, and the owner's labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from visitors import analytics_service as service
from visitors.models import Label, VisitorSession
from visitors.recording import catch_up, relabel_all
from visitors.reports.verdicts import signals_of

from .readonly import ReadOnlyAdmin, export_csv
from .texts import duration_text, reasons_text

MAX_LABELLED: Final = 500  # more at once would hold the recorder's lock for too long

Action = Callable[["SessionAdmin", HttpRequest, QuerySet[VisitorSession]], None]


def label_action(label: Label, description: Any) -> Action:
    """An action that keeps the owner's word; only for those that may change sessions."""

    @admin.action(description=description, permissions=("label",))
    def apply(model_admin: SessionAdmin, request: HttpRequest, queryset: QuerySet[VisitorSession]) -> None:
        model_admin.keep_label(request, list(queryset[: MAX_LABELLED + 1]), label)

    apply.__name__ = f"label_{label.value}"
    return apply


@admin.register(VisitorSession)
class SessionAdmin(ReadOnlyAdmin):
    list_display = (
        "started_at",
        "timeline_link",
        "dashboard_link",
        "score_badge",
        "verdict",
        "entry_path",
        "pages",
        "acts",
        "duration",
        "source",
        "country",
        "device",
        "label",
    )
    list_display_links = ("started_at",)
    list_filter = (
        "is_human",
        "is_bot",
        "bot_kind",
        "bot_certainty",
        "recruiter_band",
        "is_recruiter",
        "label",
        "channel",
        "device_type",
    )
    search_fields = ("entry_path", "source", "referrer_host", "bot_name", "network", "application")
    search_help_text = _("Path, source, referrer, bot, network, application, or the id of a session")
    date_hierarchy = "day"
    ordering = ("-day", "-started_at")
    # The secret-keyed id says nothing to a reader.
    exclude = ("visitor_id", "referrer")
    readonly_fields = ("timeline_link", "dashboard_link", "score_badge", "referrer_link")
    actions = (
        export_csv,
        label_action(Label.RECRUITER, _("This was a recruiter")),
        label_action(Label.BOT, _("This was a bot")),
        label_action(Label.HUMAN, _("This was a human")),
        label_action(Label.ME, _("This was me")),
    )
    export_columns = (
        "session_id",
        "started_at",
        "last_activity_at",
        "entry_host",
        "entry_path",
        "exit_host",
        "exit_path",
        "page_views_count",
        "interactions_count",
        "duration_ms",
        "engaged_ms",
        "is_bounce",
        "is_engaged",
        "engagement_score",
        "source",
        "channel",
        "referrer_host",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "country",
        "network",
        "device_type",
        "browser",
        "os",
        "is_human",
        "is_bot",
        "bot_kind",
        "bot_name",
        "bot_reason",
        "recruiter_score",
        "recruiter_band",
        "label",
        "application",
    )

    class Media:
        css = {"all": ("visitors/admin.css",)}

    def has_label_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("visitors.change_visitorsession")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[VisitorSession], search_term: str
    ) -> tuple[QuerySet[VisitorSession], bool]:
        """The public id, as the API shows it, finds its session."""
        try:
            return queryset.filter(session_id=UUID(search_term.strip())), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("timeline"))
    def timeline_link(self, session: VisitorSession) -> str:
        return timeline_link(session.pk)

    @admin.display(description=_("dashboard"))
    def dashboard_link(self, session: VisitorSession) -> str:
        return dashboard_link(session)

    @admin.display(description=_("referrer"))
    def referrer_link(self, session: VisitorSession) -> str:
        return referrer_link(session.referrer)

    @admin.display(description=_("pages"), ordering="page_views_count")
    def pages(self, session: VisitorSession) -> int:
        return session.page_views_count

    @admin.display(description=_("acts"), ordering="interactions_count")
    def acts(self, session: VisitorSession) -> int:
        return session.interactions_count

    @admin.display(description=_("duration"), ordering="duration_ms")
    def duration(self, session: VisitorSession) -> str:
        return duration_text(session.duration_ms)

    @admin.display(description=_("device"), ordering="device_type")
    def device(self, session: VisitorSession) -> str:
        return " ".join(part for part in (session.device_type, session.browser, session.os) if part) or "-"

    @admin.display(description=_("recruiter"), ordering="recruiter_score")
    def score_badge(self, session: VisitorSession) -> str:
        """The score, its band as colour, and the ledger as what the pointer shows."""
        if session.recruiter_score is None:
            return "-"
        return format_html(
            '<span class="visitors-badge visitors-{}" title="{}">{}</span>',
            session.recruiter_band or "unclear",
            reasons_text(signals_of(session)),
            session.recruiter_score,
        )

    @admin.display(description=_("verdict"), ordering="bot_kind")
    def verdict(self, session: VisitorSession) -> str:
        if not session.is_bot:
            return str(_("owner")) if session.is_owner else "-"
        return format_html(
            '<span title="{}">{}</span>', session.bot_reason, session.bot_name or session.bot_kind or _("bot")
        )

    def keep_label(self, request: HttpRequest, sessions: list[VisitorSession], label: Label) -> None:
        if len(sessions) > MAX_LABELLED:
            self.message_user(request, _("Choose at most %d visits at once.") % MAX_LABELLED, messages.ERROR)
            return
        relabel_all(sessions, label)
        if sessions:
            chosen = VisitorSession.objects.filter(pk__in=[session.pk for session in sessions])
            user = str(request.user.pk)
            LogEntry.objects.log_actions(user, chosen, CHANGE, change_message=f"Labelled {label.value}.")
        text = ngettext("%d visit is labelled.", "%d visits are labelled.", len(sessions)) % len(sessions)
        self.message_user(request, text, messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        timeline = path(
            "<path:object_id>/timeline/",
            self.admin_site.admin_view(self.timeline_view),
            name="visitors_visitorsession_timeline",
        )
        return [timeline, *super().get_urls()]

    def timeline_view(self, request: HttpRequest, object_id: str) -> TemplateResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        catch_up()
        session = self.get_object(request, object_id)
        insight = service.session_insight(session.session_id) if session else None
        if insight is None:
            raise Http404
        rows = [
            (duration_text(entry.offset_ms), entry, duration_text(entry.time_on_page_ms)) for entry in insight.timeline
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Timeline of a visit"),
            "opts": self.opts,
            "original": session,
            "insight": insight,
            "rows": rows,
            "duration": duration_text(insight.session.duration_ms),
            "engaged": duration_text(insight.session.engaged_ms),
        }
        return TemplateResponse(request, "admin/visitors/visitorsession/timeline.html", context)


def timeline_link(pk: int) -> str:
    """To the timeline of the session with this key; costs no query."""
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:visitors_visitorsession_timeline", args=(pk,)), _("Timeline")
    )


def dashboard_link(session: VisitorSession) -> str:
    """To the visit's story on the dashboard, on its own day; a dash where the dashboard is not mounted. No query."""
    try:
        page = reverse("visitors_dashboard:page")
    except NoReverseMatch:
        return "-"
    address = f"{page}?from={session.day}&to={session.day}&visits=everyone&visit={session.session_id}#session"
    return format_html('<a href="{}">{}</a>', address, _("Story"))


def referrer_link(referrer: str) -> str:
    """To the page that a visitor came from, if it is one of the web. A stranger wrote that address: it gets neither a
    hold on this window nor a word of where the owner comes from, and no search engine's vote."""
    if not referrer.startswith(("http://", "https://")):
        return referrer or "-"
    return format_html('<a href="{}" rel="noopener noreferrer nofollow">{}</a>', referrer, referrer)
