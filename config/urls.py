"""Where the site's parts are mounted."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from api.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/", include("api.urls")),
    path("dashboard/", include("visitors.dashboard.urls")),
    path("r/", include("visitors.applications.urls")),
    path("", include("portfolio.urls")),
]

handler404 = "portfolio.views.not_found"
