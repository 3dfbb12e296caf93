"""What every list of recorded facts shares: reading and exporting, no form that adds, edits or deletes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _

from visitors.querysets import streamed
from visitors.recording import catch_up
from visitors.spreadsheets import csv_lines

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


@admin.action(description=_("Export as CSV"), permissions=("view",))
def export_csv(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,  # noqa: ARG001
    queryset: QuerySet[Any],
) -> StreamingHttpResponse:
    """The chosen rows, streamed, so that a year's visits fit in memory."""
    columns = model_admin.export_columns
    rows = streamed(queryset.values_list(*columns))
    name = model_admin.opts.model_name
    return StreamingHttpResponse(
        csv_lines(columns, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}s.csv"'},
    )


class ReadOnlyAdmin(_ModelAdmin):
    actions: tuple[Callable[..., Any], ...] = (export_csv,)
    export_columns: ClassVar[tuple[str, ...]] = ()
    # Counting all rows of a growing table is what makes such lists slow.
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        catch_up()
        return super().changelist_view(request, extra_context)
