"""Who may read or write without a login: tokens of programs, links that the owner shares. And his notes on days."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TokenScope(models.TextChoices):
    READ = "read", _("read reports")
    EVENTS = "events", _("send events")
    ADMIN = "admin", _("read, correct and administer")


class ApiToken(models.Model):
    """A program's way in. The token itself is shown once and never kept: `digest` is its SHA-256."""

    name = models.CharField(max_length=100, help_text="what uses it")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visitor_tokens")
    scope = models.CharField(max_length=10, choices=TokenScope, default=TokenScope.READ)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=8, editable=False, help_text="its last characters")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.name} (...{self.hint})"


class SharedLink(models.Model):
    """A read-only look at the dashboard for whoever holds the address, until it expires or is revoked."""

    name = models.CharField(max_length=100, help_text="whom it is for")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the address's secret")
    password = models.CharField(max_length=128, blank=True, help_text="hashed; empty = none")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_count = models.PositiveIntegerField(default=0)
    last_opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("shared link")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name


class Annotation(models.Model):
    """The owner's note on a day, drawn into the chart."""

    day = models.DateField()
    text = models.CharField(max_length=200)

    class Meta:
        ordering = ("day",)
        # Notes of a period.
        indexes = (models.Index(fields=("day",), name="annotation_by_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.text}"
