"""Which pages search engines should know."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from portfolio.models import Project


class PageSitemap(Sitemap):  # type: ignore[type-arg]  # Django's own is not generic
    def items(self) -> list[str]:
        return ["home", "about", "projects", "resume", "chat", "job-analysis", "contact", "privacy"]

    def location(self, item: str) -> str:
        return reverse(f"portfolio:{item}")


class ProjectSitemap(Sitemap):  # type: ignore[type-arg]  # Django's own is not generic
    def items(self) -> QuerySet[Project]:
        return Project.objects.all()

    def lastmod(self, item: Project) -> datetime:
        return item.updated_at
