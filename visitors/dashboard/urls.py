"""Addresses of the dashboard, to be mounted where the owner wants it."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "visitors_dashboard"

urlpatterns = [
    path("", views.page, name="page"),
    path("panel/<slug:name>/", views.panel, name="panel"),
    path("export/<slug:name>.csv", views.export, name="export"),
]
