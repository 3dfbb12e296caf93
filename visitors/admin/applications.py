"""Job applications in the admin: the list, the link with its QR code, the story of each, and its openings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from visitors import analytics_service as service
from visitors.applications import qr
from visitors.applications.addresses import link_of
from visitors.applications.desk import checked_target, keep_changed, revoke_application, save_new
from visitors.applications.models import Application, ApplicationHit, HitKind, Status
from visitors.exceptions import InvalidParameter
from visitors.recording import catch_up

from .readonly import ReadOnlyAdmin
from .sessions import timeline_link
from .texts import duration_text

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Application]
    _ModelForm = forms.ModelForm[Application]
else:
    _ModelAdmin = admin.ModelAdmin
    _ModelForm = forms.ModelForm

DRAWINGS = {"svg": (qr.svg, "image/svg+xml"), "png": (qr.png, "image/png")}


class ApplicationForm(_ModelForm):
    class Meta:
        model = Application
        fields = (
            "company",
            "role",
            "channel",
            "target",
            "resume_version",
            "status",
            "sent_at",
            "expires_at",
            "notify",
            "notes",
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("status") != Status.DRAFT and cleaned.get("sent_at") is None:
            cleaned["sent_at"] = timezone.now()
        return cleaned

    def clean_target(self) -> str:
        try:
            return checked_target(self.cleaned_data["target"])
        except InvalidParameter as error:
            raise ValidationError(error.message) from error


@admin.action(description=_("Revoke the links"), permissions=("change",))
def revoke(model_admin: ApplicationAdmin, request: HttpRequest, queryset: QuerySet[Application]) -> None:
    chosen = list(queryset)
    for application in chosen:
        revoke_application(application)
    text = ngettext("%d link leads to the plain site now.", "%d links lead to the plain site now.", len(chosen))
    model_admin.message_user(request, text % len(chosen), messages.SUCCESS)


@admin.register(Application)
class ApplicationAdmin(_ModelAdmin):
    form = ApplicationForm
    list_display = ("company", "role", "status", "sent_at", "channel", "resume_version", "people", "link", "story")
    list_filter = ("status", "channel", "resume_version", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("company", "role", "slug", "notes")
    date_hierarchy = "sent_at"
    readonly_fields = ("link", "codes", "story", "revoked_at", "created_at")
    actions = (revoke,)
    list_per_page = 50

    class Media:
        css = {"all": ("visitors/admin.css",)}
        js = ("visitors/copy_link.js",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        catch_up()
        return super().changelist_view(request, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        people = Count("hits", filter=Q(hits__kind=HitKind.HUMAN))
        return super().get_queryset(request).annotate(people_count=people)

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:  # noqa: ARG002
        """A status set here is the owner's own word."""
        if change:
            keep_changed(obj, status_before=str(form.initial["status"]))
        else:
            save_new(obj)

    @admin.display(description=_("opened by people"), ordering="people_count")
    def people(self, application: Any) -> int:
        return int(application.people_count)

    @admin.display(description=_("link"))
    def link(self, application: Application) -> str:
        if not application.slug:
            return "-"
        url = link_of(application)  # a bare path is completed by the browser
        label = _("revoked") if application.revoked_at else qr.short_form(url)
        return format_html(
            '<span class="visitors-link">{}</span> <button type="button" data-copy="{}">{}</button>',
            label,
            url,
            _("Copy"),
        )

    @admin.display(description=_("QR code"))
    def codes(self, application: Application) -> str:
        if not application.slug:
            return "-"
        svg, png = (reverse("admin:visitors_application_qr", args=(application.pk, form)) for form in DRAWINGS)
        return format_html(
            '<img src="{0}" alt="{2}" width="160" height="160"> <a href="{0}">SVG</a> <a href="{1}">PNG</a>',
            svg,
            png,
            _("QR code of the link"),
        )

    @admin.display(description=_("timeline"))
    def story(self, application: Application) -> str:
        if not application.slug:
            return "-"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:visitors_application_timeline", args=(application.pk,)), _("Timeline")
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/timeline/", view(self.timeline_view), name="visitors_application_timeline"),
            path("<int:pk>/qr.<str:form>", view(self.qr_view), name="visitors_application_qr"),
        ]
        return [*own, *super().get_urls()]

    def timeline_view(self, request: HttpRequest, pk: int) -> TemplateResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        catch_up()
        timeline = service.application_timeline(pk, site=request.build_absolute_uri("/"))
        if timeline is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": _("Timeline of an application"),
            "opts": self.opts,
            "timeline": timeline,
            "rows": [(event, duration_text(event.engaged_ms or None)) for event in timeline.events],
        }
        return TemplateResponse(request, "admin/visitors/application/timeline.html", context)

    def qr_view(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        """The code to print; a file of its own, so that it can be taken along."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        application = Application.objects.filter(pk=pk).first()
        if application is None or form not in DRAWINGS:
            raise Http404
        draw, content_type = DRAWINGS[form]
        return HttpResponse(
            draw(link_of(application, site=request.build_absolute_uri("/"))),
            content_type=content_type,
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": f'inline; filename="{application.slug}.{form}"',
            },
        )


@admin.register(ApplicationHit)
class ApplicationHitAdmin(ReadOnlyAdmin):
    list_display = ("opened_at", "application", "kind", "reason", "channel", "referrer_host", "timeline")
    list_filter = ("kind", "channel")
    list_select_related = ("application",)
    search_fields = ("application__company", "application__slug", "reason")
    date_hierarchy = "day"
    ordering = ("-opened_at",)
    exclude = ("visitor_id", "session_id")
    readonly_fields = ("timeline",)
    export_columns = ("opened_at", "application__company", "kind", "reason", "channel", "referrer_host")

    @admin.display(description=_("visit"))
    def timeline(self, hit: ApplicationHit) -> str:
        return timeline_link(hit.session_id) if hit.session_id else "-"
