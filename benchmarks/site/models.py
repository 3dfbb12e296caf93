"""What the measured page shows, and the three models of a recorder that writes inside the request."""

from __future__ import annotations

from datetime import date

from django.db import models

SHOWN = 6


class Work(models.Model):
    """One entry of the page."""

    slug = models.SlugField(primary_key=True)
    title = models.CharField(max_length=100)
    summary = models.TextField()
    since = models.DateField()
    is_open = models.BooleanField()

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.title


class InlineSession(models.Model):
    """One visit, found by its key, prolonged by every page view."""

    key = models.CharField(max_length=32, unique=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=500)
    referrer = models.CharField(max_length=500)
    started_at = models.DateTimeField(db_index=True)
    last_activity_at = models.DateTimeField()
    page_views_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.key


class InlinePageView(models.Model):
    session = models.ForeignKey(InlineSession, on_delete=models.CASCADE)
    path = models.CharField(max_length=500, db_index=True)
    viewed_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.path


class InlineInteraction(models.Model):
    session = models.ForeignKey(InlineSession, on_delete=models.CASCADE)
    kind = models.CharField(max_length=40)
    occurred_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.kind


def fill() -> None:
    """The page's entries, once."""
    Work.objects.bulk_create(
        [
            Work(
                slug=f"work-{number}",
                title=f"Work number {number}",
                summary="Measured software that answers questions about itself. " * 12,
                since=date(2020 + number % 6, number + 1, 1),
                is_open=number % 2 == 0,
            )
            for number in range(SHOWN)
        ],
        ignore_conflicts=True,
    )
