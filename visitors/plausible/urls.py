"""Addresses that clients made for Plausible ask, to be mounted below `/api/`.

None ends in a slash: a redirect would lose the body of a POST.
"""

from __future__ import annotations

from django.urls import path

from . import stats_v1, stats_v2
from .events import EventView

urlpatterns = [
    path("event", EventView.as_view(), name="plausible-event"),
    path("v2/query", stats_v2.QueryView.as_view(), name="plausible-query"),
    path("docs/query/schema.json", stats_v2.schema, name="plausible-query-schema"),
    path("v1/stats/realtime/visitors", stats_v1.RealTimeVisitorsView.as_view(), name="plausible-realtime-visitors"),
    path("v1/stats/aggregate", stats_v1.AggregateView.as_view(), name="plausible-aggregate"),
    path("v1/stats/timeseries", stats_v1.TimeseriesView.as_view(), name="plausible-timeseries"),
    path("v1/stats/breakdown", stats_v1.BreakdownView.as_view(), name="plausible-breakdown"),
]
