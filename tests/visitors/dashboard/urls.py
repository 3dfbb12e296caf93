"""The dashboard in a site of its own: no API, no public pages around it."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("dashboard/", include("visitors.dashboard.urls"))]
