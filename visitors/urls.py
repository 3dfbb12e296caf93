"""Addresses of the API, to be mounted below `/api/visitors/`."""

from __future__ import annotations

from django.urls import path

from . import views, views_query, views_reports
from .applications import api
from .events import EventsView
from .monitoring import MetricsView
from .privacy import api as privacy

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
    path("conversions/", views_reports.GoalsView.as_view(), name="conversions"),
    path("funnels/", views_reports.FunnelsView.as_view(), name="funnels"),
    path("journeys/", views_reports.JourneysView.as_view(), name="journeys"),
    path("retention/", views_reports.RetentionView.as_view(), name="retention"),
    path("export/sessions/", views_reports.SessionsExportView.as_view(), name="export-sessions"),
    path("export/page-views/", views_reports.PageViewsExportView.as_view(), name="export-page-views"),
    path("export/interactions/", views_reports.InteractionsExportView.as_view(), name="export-interactions"),
    path("sessions/", views_reports.SessionsView.as_view(), name="sessions"),
    path("sessions/<uuid:session_id>/label/", views.SessionLabelView.as_view(), name="session-label"),
    path("applications/", api.ApplicationsView.as_view(), name="applications"),
    path("applications/funnel/", api.FunnelView.as_view(), name="applications-funnel"),
    path("applications/<int:application_id>/", api.ApplicationView.as_view(), name="application"),
    path("applications/<int:application_id>/revoke/", api.RevokeView.as_view(), name="application-revoke"),
    path("applications/<int:application_id>/timeline/", api.TimelineView.as_view(), name="application-timeline"),
    path("query/", views_query.QueryView.as_view(), name="query"),
    path("timeseries/", views_query.TimeseriesView.as_view(), name="timeseries"),
    path("breakdown/<str:dimension>/", views_query.BreakdownView.as_view(), name="breakdown"),
    path("definitions/", views_query.DefinitionsView.as_view(), name="definitions"),
    path("events/", EventsView.as_view(), name="events"),
    path("me/", privacy.MyDataView.as_view(), name="me"),
    path("opt-out/", privacy.OptOutView.as_view(), name="opt-out"),
    path("metrics/", MetricsView.as_view(), name="metrics"),
]
