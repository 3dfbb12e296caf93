"""The owner's inbox: what happened, by which ways it was told, and the undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from visitors.applications.models import Notice, NoticeDelivery
from visitors.notices.outbox import undo

from .readonly import ReadOnlyAdmin
from .sessions import timeline_link

if TYPE_CHECKING:
    _TabularInline = admin.TabularInline[NoticeDelivery, Notice]
    _Filter = admin.SimpleListFilter
else:
    _TabularInline = admin.TabularInline
    _Filter = admin.SimpleListFilter


class Unread(_Filter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return [("unread", _("unread")), ("read", _("read")), ("withdrawn", _("withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:  # noqa: ARG002
        if self.value() == "withdrawn":
            return queryset.exclude(withdrawn_at=None)
        if self.value() == "read":
            return queryset.exclude(read_at=None)
        return queryset.filter(read_at=None, withdrawn_at=None) if self.value() == "unread" else queryset


class DeliveryInline(_TabularInline):
    model = NoticeDelivery
    fields = readonly_fields = ("way", "state", "due_at", "attempts", "sent_at", "error")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.action(description=_("Mark as read"), permissions=("keep",))
def mark_read(model_admin: NoticeAdmin, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
    count = queryset.filter(read_at=None).update(read_at=timezone.now())
    text = ngettext("%d notice is read.", "%d notices are read.", count) % count
    model_admin.message_user(request, text, messages.SUCCESS)


@admin.action(description=_("Undo: withdraw the notice and put the status back"), permissions=("keep",))
def take_back(model_admin: NoticeAdmin, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
    chosen = list(queryset.filter(withdrawn_at=None))
    for notice in chosen:
        undo(notice)
    text = ngettext("%d notice is withdrawn.", "%d notices are withdrawn.", len(chosen)) % len(chosen)
    model_admin.message_user(request, text, messages.SUCCESS)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "text", "kind", "application", "visit", "is_unread")
    list_display_links = ("created_at", "text")
    list_filter = (Unread, "kind")
    list_select_related = ("application",)
    search_fields = ("text", "application__company")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)
    exclude = ("session_id",)
    readonly_fields = ("visit",)
    inlines = (DeliveryInline,)
    actions = (mark_read, take_back)

    def has_keep_permission(self, request: HttpRequest) -> bool:
        """Reading the inbox is not enough to change it."""
        return request.user.has_perm("visitors.change_notice")

    @admin.display(description=_("visit"))
    def visit(self, notice: Notice) -> str:
        return timeline_link(notice.session_id) if notice.session_id else "-"

    @admin.display(description=_("unread"), boolean=True)
    def is_unread(self, notice: Notice) -> bool:
        return notice.read_at is None and notice.withdrawn_at is None
