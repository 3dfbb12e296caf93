"""Shared links and notes on days in the admin. A link's address is shown once, when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from visitors import sharing
from visitors.exceptions import InvalidParameter
from visitors.models import Annotation, SharedLink

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _ModelForm = forms.ModelForm[SharedLink]
else:
    _ModelAdmin = admin.ModelAdmin
    _ModelForm = forms.ModelForm


class SharedLinkForm(_ModelForm):
    days = forms.IntegerField(
        min_value=1, max_value=sharing.MAX_DAYS, initial=sharing.DEFAULT_DAYS, help_text=_("until it expires")
    )
    password = forms.CharField(
        required=False,
        min_length=sharing.MIN_PASSWORD,
        max_length=sharing.MAX_PASSWORD,
        widget=forms.PasswordInput,
        help_text=_("asked for before anything is shown; empty = none"),
    )

    class Meta:
        model = SharedLink
        fields = ("name",)


@admin.action(description=_("Revoke: the address opens nothing any more"), permissions=("change",))
def take_back(model_admin: SharedLinkAdmin, request: HttpRequest, queryset: QuerySet[SharedLink]) -> None:
    count = sum(sharing.revoke(link.pk) for link in queryset)
    text = ngettext("%d link is revoked.", "%d links are revoked.", count) % count
    model_admin.message_user(request, text, messages.SUCCESS)


@admin.register(SharedLink)
class SharedLinkAdmin(_ModelAdmin):
    list_display = ("name", "created_at", "expires_at", "revoked_at", "opened_count", "last_opened_at", "has_password")
    form = SharedLinkForm
    actions = (take_back,)
    readonly_fields = ("created_at", "expires_at", "revoked_at", "opened_count", "last_opened_at", "has_password")

    def get_fields(self, request: HttpRequest, obj: SharedLink | None = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("name", *self.readonly_fields) if obj else ("name", "days", "password")

    def get_readonly_fields(self, request: HttpRequest, obj: SharedLink | None = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("name", *self.readonly_fields) if obj else ()

    @admin.display(description=_("password"), boolean=True)
    def has_password(self, link: SharedLink) -> bool:
        return bool(link.password)

    def save_model(self, request: HttpRequest, obj: SharedLink, form: Any, change: bool) -> None:
        if change:
            return
        given = form.cleaned_data
        try:
            link, secret = sharing.share(given["name"], days=given["days"], password=given["password"])
        except InvalidParameter as error:
            self.message_user(request, error.message, messages.ERROR)
            return
        obj.__dict__.update(link.__dict__)
        address = request.build_absolute_uri(reverse("visitors_dashboard:shared", args=(secret,)))
        self.message_user(request, _("Copy the address now, it is kept nowhere: %s") % address, messages.WARNING)


@admin.register(Annotation)
class AnnotationAdmin(_ModelAdmin):
    list_display = ("day", "text")
    search_fields = ("text",)
    date_hierarchy = "day"
    ordering = ("-day",)
