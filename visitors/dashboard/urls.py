"""Addresses of the dashboard, to be mounted where the owner wants it."""

from __future__ import annotations

from django.urls import path

from . import desk, shared, views

app_name = "visitors_dashboard"

urlpatterns = [
    path("", views.page, name="page"),
    path("panel/<slug:name>/", views.panel, name="panel"),
    path("export/<slug:name>.csv", views.export, name="export"),
    path("visit/<uuid:session_id>/label/", desk.label, name="label"),
    path("notes/", desk.add_note, name="add-note"),
    path("notes/<int:pk>/remove/", desk.remove_note, name="remove-note"),
    path("shared/<str:secret>/", shared.page, name="shared"),
    path("shared/<str:secret>/panel/<slug:name>/", shared.panel, name="shared-panel"),
    path("shared/<str:secret>/export/<slug:name>.csv", shared.export, name="shared-export"),
]
