"""Reports on visits that the recorder itself has written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.visitors.builders import NOON, an_id, local_day
from visitors import analytics_service as service
from visitors.models import VisitorSession, unix_ms
from visitors.observation import PAGE, PING, Observation
from visitors.recording import store
from visitors.recording.sessions import MAX_SESSION_ROWS, SESSION_GAP_MS
from visitors.reports.periods import SESSION_GAP
from visitors.reports.timeline import MAX_ENTRIES

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def seen(after, *, kind=PAGE, path="/", **more):
    at = NOON + after
    return Observation(
        id=an_id(at),
        at_ms=unix_ms(at),
        day=local_day(at).isoformat(),
        visitor_id=4711,
        kind=kind,
        path=path,
        content_type="text/html",
        user_agent=FIREFOX,
        accept_language="en",
        **more,
    )


def test_the_reports_end_a_visit_when_the_recorder_does():
    assert timedelta(milliseconds=SESSION_GAP_MS) == SESSION_GAP
    assert MAX_ENTRIES == MAX_SESSION_ROWS


def test_a_recorded_visit_is_told_as_it_was():
    store(
        [
            seen(timedelta(0), title="Home"),
            seen(timedelta(seconds=30), path="/projects/raft/", title="Raft"),
            seen(timedelta(seconds=50), kind=PING, path="/projects/raft/", engaged_ms=20_000, scroll_depth=80),
            seen(timedelta(seconds=55), kind="download", path="/projects/raft/", target="resume.pdf"),
        ]
    )
    session = VisitorSession.objects.get()
    insight = service.session_insight(session.session_id, now=NOON + timedelta(minutes=1))
    assert [(entry.kind, entry.path, entry.time_on_page_ms) for entry in insight.timeline] == [
        ("page", "/", 30_000),
        ("page", "/projects/raft/", 20_000),
        ("download", "/projects/raft/", None),
    ]
    assert insight.engagement.score == session.engagement_score > 0
    assert (insight.conversion.percent, insight.behavior.pattern.value) == (100, "evaluator")
    assert (insight.primary_interest.topic, insight.session.is_in_progress) == ("projects", True)


def test_statistics_of_a_recorded_visit():
    store([seen(timedelta(0)), seen(timedelta(seconds=30), path="/about/"), seen(timedelta(minutes=40))])
    answer = service.session_statistics(days=1, now=NOON + timedelta(hours=1))
    totals = answer.totals
    assert (totals.visitors, totals.sessions, totals.page_views, totals.bounce_rate) == (1, 2, 3, 50.0)
    assert (totals.session_duration, answer.channels[0].channel) == (15_000, "Direct")
