"""Addresses of the API, to be mounted below `/api/visitors/`."""

from __future__ import annotations

from django.urls import path

from . import views
from .applications import api
from .events import EventsView
from .monitoring import MetricsView

app_name = "visitors"

urlpatterns = [
    path("analytics/sessions/", views.SessionStatisticsView.as_view(), name="analytics-sessions"),
    path("analytics/sessions/<uuid:session_id>/", views.SessionInsightView.as_view(), name="analytics-session"),
    path("analytics/engagement/", views.EngagementView.as_view(), name="analytics-engagement"),
    path("analytics/real-time/", views.RealTimeView.as_view(), name="analytics-real-time"),
    path("analytics/behavior/", views.BehaviorView.as_view(), name="analytics-behavior"),
    path("analytics/popular-pages/", views.PopularPagesView.as_view(), name="analytics-popular-pages"),
    path("session/current/", views.CurrentSessionView.as_view(), name="session-current"),
    path("bots/", views.BotsView.as_view(), name="bots"),
    path("recruiters/", views.RecruitersView.as_view(), name="recruiters"),
    path("sessions/<uuid:session_id>/label/", views.SessionLabelView.as_view(), name="session-label"),
    path("applications/", api.ApplicationsView.as_view(), name="applications"),
    path("applications/funnel/", api.FunnelView.as_view(), name="applications-funnel"),
    path("applications/<int:application_id>/", api.ApplicationView.as_view(), name="application"),
    path("applications/<int:application_id>/revoke/", api.RevokeView.as_view(), name="application-revoke"),
    path("applications/<int:application_id>/timeline/", api.TimelineView.as_view(), name="application-timeline"),
    path("events/", EventsView.as_view(), name="events"),
    path("metrics/", MetricsView.as_view(), name="metrics"),
]
