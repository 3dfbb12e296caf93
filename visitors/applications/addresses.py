"""The public address of a link."""

from __future__ import annotations

from urllib.parse import urljoin

from django.urls import reverse

from visitors.conf import conf

from .models import Application


def link_of(application: Application, *, site: str = "") -> str:
    """Absolute by `VISITORS["SITE_URL"]`, else by `site` (scheme and host); a bare path where neither is known."""
    return urljoin(conf.SITE_URL or site, reverse("applications:open", args=(application.slug,)))
