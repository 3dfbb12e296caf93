"""Page views, interactions, shares and what was left out, in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from visitors.models import DroppedCount, PageView, Share, VisitorInteraction

from .readonly import ReadOnlyAdmin
from .sessions import timeline_link
from .texts import duration_text


class FactAdmin(ReadOnlyAdmin):
    """A row of a visit, with the way to it."""

    date_hierarchy = "day"
    exclude = ("visitor_id", "session_id")
    readonly_fields = ("timeline",)

    @admin.display(description=_("visit"))
    def timeline(self, fact: PageView | VisitorInteraction) -> str:
        return timeline_link(fact.session_id)


@admin.register(PageView)
class PageViewAdmin(FactAdmin):
    list_display = ("viewed_at", "path", "title", "status", "time_on_page", "source", "device_type", "timeline")
    list_filter = ("is_human", "status", "channel", "device_type", "is_confirmed")
    search_fields = ("host", "path", "title")
    ordering = ("-viewed_at",)
    export_columns = (
        "viewed_at",
        "host",
        "path",
        "title",
        "status",
        "time_on_page_ms",
        "is_estimated",
        "engaged_ms",
        "scroll_depth",
        "source",
        "channel",
        "device_type",
        "country",
        "is_human",
    )

    @admin.display(description=_("time on page"), ordering="time_on_page_ms")
    def time_on_page(self, view: PageView) -> str:
        return duration_text(view.time_on_page_ms)


@admin.register(VisitorInteraction)
class InteractionAdmin(FactAdmin):
    list_display = ("occurred_at", "kind", "target", "path", "timeline")
    list_filter = ("is_human", "kind")
    search_fields = ("target", "path")
    ordering = ("-occurred_at",)
    export_columns = ("occurred_at", "kind", "target", "host", "path", "is_human")


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin):
    list_display = ("shared_at", "path", "channel", "bot_name", "application")
    list_filter = ("channel",)
    search_fields = ("path", "application")
    date_hierarchy = "day"
    ordering = ("-shared_at",)
    export_columns = ("shared_at", "path", "channel", "bot_name", "application")


@admin.register(DroppedCount)
class DroppedCountAdmin(ReadOnlyAdmin):
    list_display = ("day", "reason", "count")
    list_filter = ("reason",)
    date_hierarchy = "day"
    ordering = ("-day", "reason")
    export_columns = ("day", "reason", "count")
