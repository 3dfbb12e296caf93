"""The private links, to be mounted at `/r/`."""

from __future__ import annotations

from django.urls import path

from .links import open_link

app_name = "applications"

urlpatterns = [path("<slug:slug>/", open_link, name="open")]
