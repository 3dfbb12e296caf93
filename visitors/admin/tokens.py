"""Tokens of programs in the admin: made for oneself, shown once, revoked; never read again and never edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from visitors.models import ApiToken
from visitors.tokens import fault_of, keep_new, revoke

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[ApiToken]
else:
    _ModelAdmin = admin.ModelAdmin


@admin.action(description=_("Revoke the tokens"), permissions=("revoke",))
def revoke_chosen(model_admin: TokenAdmin, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
    chosen = list(queryset)
    for token in chosen:
        revoke(token)
        model_admin.log_change(request, token, "Revoked.")
    text = ngettext("%d token opens nothing any more.", "%d tokens open nothing any more.", len(chosen))
    model_admin.message_user(request, text % len(chosen), messages.SUCCESS)


@admin.register(ApiToken)
class TokenAdmin(_ModelAdmin):
    list_display = ("name", "scope", "user", "ending", "created_at", "last_used_on", "expires_at", "is_live")
    list_filter = ("scope", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("name", "hint")
    fields = ("name", "scope", "expires_at")
    actions = (revoke_chosen,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        """A superuser sees everybody's, others their own."""
        tokens = super().get_queryset(request)
        return tokens if request.user.is_superuser else tokens.filter(user=request.user)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("visitors.change_apitoken")

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:  # noqa: ARG002
        """Always one's own: a token for somebody else would be a way to his rights."""
        obj.user = request.user  # type: ignore[assignment]
        obj.text = keep_new(obj)  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:  # noqa: ARG002
        """The text is in this one answer: neither a message's cookie nor a log holds it."""
        title = _("The new token")
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "token": obj}
        return TemplateResponse(request, "admin/visitors/apitoken/issued.html", context)

    @admin.display(description=_("ends in"))
    def ending(self, token: ApiToken) -> str:
        return f"…{token.hint}"

    @admin.display(description=_("live"), boolean=True)
    def is_live(self, token: ApiToken) -> bool:
        return not fault_of(token, now=timezone.now())
