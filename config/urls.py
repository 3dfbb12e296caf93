"""Where the site's parts are mounted."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from api.health import healthz, readyz
from visitors.plausible.script import script
from visitors.throttles import limited

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("admin/login/", limited("login")(admin.site.login)),
    path("admin/", admin.site.urls),
    path("api/", include("api.urls")),
    path("dashboard/", include("visitors.dashboard.urls")),
    path("js/script.js", script, name="plausible-script"),
    path("r/", include("visitors.applications.urls")),
    path("", include("portfolio.urls")),
]

handler404 = "portfolio.views.not_found"
