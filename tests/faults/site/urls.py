"""Pages whose path names the request, and one that uses the cache."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import path

import visitors


def page(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse(f"<!doctype html><title>Page {number}</title>")


def up(request: HttpRequest) -> HttpResponse:
    return HttpResponse("up", content_type="text/plain")


def cached(request: HttpRequest, number: int) -> HttpResponse:
    """As a page with a rate limit does: one read, one write."""
    cache.set("last", (cache.get("last") or 0) + 1, 60)
    return page(request, number)


def act(request: HttpRequest, number: int) -> HttpResponse:
    visitors.track(request, "download", target=f"/page/{number}/")
    return HttpResponse("", content_type="text/plain")


urlpatterns = [
    path("up/", up),
    path("page/<int:number>/", page),
    path("cached/<int:number>/", cached),
    path("act/<int:number>/", act),
]
