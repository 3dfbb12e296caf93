"""The public address of a link."""

from __future__ import annotations

from urllib.parse import urljoin

from django.http import HttpRequest
from django.urls import reverse

from visitors.conf import conf

from .models import Application


def link_of(application: Application, *, request: HttpRequest | None = None) -> str:
    """Absolute by `VISITORS["SITE_URL"]` or else by the request; a bare path where neither is known."""
    path = reverse("applications:open", args=(application.slug,))
    if conf.SITE_URL:
        return urljoin(conf.SITE_URL, path)
    return request.build_absolute_uri(path) if request else path
