"""Addresses below `/api/`: the site, the visitors app, and the description of both."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from api import views

urlpatterns = [
    path("projects/", views.ProjectsView.as_view(), name="api-projects"),
    path("projects/<slug:slug>/", views.ProjectView.as_view(), name="api-project"),
    path("chat/", views.ChatView.as_view(), name="api-chat"),
    path("job-analysis/", views.JobAnalysisView.as_view(), name="api-job-analysis"),
    path("contact/", views.ContactView.as_view(), name="api-contact"),
    path("visitors/", include("visitors.urls")),
    path("schema/", SpectacularAPIView.as_view(authentication_classes=[]), name="api-schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api-schema", authentication_classes=[]), name="api-docs"),
]
