"""The measured page, under as many addresses as a run wants."""

from __future__ import annotations

from django.urls import path

from .views import page

urlpatterns = [path("", page), path("page/<slug:name>/", page)]
