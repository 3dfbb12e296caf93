"""The same pages beside the API, which takes a moment to load."""

from __future__ import annotations

from django.urls import include, path

from .urls import urlpatterns as pages

urlpatterns = [*pages, path("api/visitors/", include("visitors.urls"))]
