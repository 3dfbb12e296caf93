"""Addresses below `/api/`: the site, the visitors app, and the description of both."""

from __future__ import annotations

from django.urls import include, path

from api import views
from api.docs import DocsView, SchemaView
from api.health import health

urlpatterns = [
    path("projects/", views.ProjectsView.as_view(), name="api-projects"),
    path("projects/<slug:slug>/", views.ProjectView.as_view(), name="api-project"),
    path("chat/", views.ChatView.as_view(), name="api-chat"),
    path("job-analysis/", views.JobAnalysisView.as_view(), name="api-job-analysis"),
    path("contact/", views.ContactView.as_view(), name="api-contact"),
    path("visitors/", include("visitors.urls")),
    path("", include("visitors.plausible.urls")),
    path("health", health, name="api-health"),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
]
