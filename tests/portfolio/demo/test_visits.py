"""Invented visits: repeatable, within their days, and believed by the rules that judge real ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portfolio.demo.database import holds_demo_visits, holds_real_visits, remove_demo_visits, store_in_batches
from portfolio.demo.visit import DemoPlan
from portfolio.demo.visits import SPIKE_DAYS_AGO, observations
from visitors.identity import forget_secrets
from visitors.models import PageView, Share, VisitorInteraction, VisitorSession
from visitors.observation import PAGE
from visitors.recording.ids import DEMO_MACHINE, machine_of

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
PLAN = DemoPlan(
    now=NOW, days=30, visits=400, seed=42, host="localhost:8000", projects={"tides": "Tides", "ledger": "Ledger"}
)


@pytest.fixture(autouse=True)
def _own_journal(settings: Any, tmp_path: Path) -> None:
    settings.VISITORS = {"JOURNAL_DIR": tmp_path / "journal"}
    forget_secrets()


def test_the_same_seed_and_end_give_the_same_visits() -> None:
    assert list(observations(PLAN)) == list(observations(PLAN))


def test_another_seed_gives_other_visits() -> None:
    assert list(observations(PLAN)) != list(observations(replace(PLAN, seed=43)))


def test_ids_are_distinct_rise_with_time_and_say_that_they_are_of_a_demo() -> None:
    ids = [seen.id for seen in observations(PLAN)]
    assert (len(set(ids)), {machine_of(each) for each in ids}) == (len(ids), {DEMO_MACHINE})


def test_all_lie_within_the_days_of_the_plan() -> None:
    times = [datetime.fromtimestamp(seen.at_ms / 1000, UTC) for seen in observations(PLAN)]
    assert NOW - timedelta(days=31) < times[0] <= times[-1] <= NOW
    assert times == sorted(times)


def test_working_days_are_busier_than_weekends_and_one_day_is_a_spike() -> None:
    days = Counter(
        datetime.fromtimestamp(seen.at_ms / 1000, UTC).date() for seen in observations(PLAN) if seen.kind == PAGE
    )
    spike, _views = days.most_common(1)[0]
    assert spike == NOW.date() - timedelta(days=SPIKE_DAYS_AGO)
    weekend = [views for day, views in days.items() if day.weekday() >= 5]
    week = [views for day, views in days.items() if day.weekday() < 5 and day != spike]
    assert sum(week) / len(week) > 1.2 * sum(weekend) / len(weekend)


@pytest.mark.django_db
def test_the_pipeline_believes_them() -> None:
    made = list(observations(PLAN))
    assert [*store_in_batches(iter(made))][-1] == len(made)
    sessions = VisitorSession.objects.all()
    humans = sessions.humans()
    assert (sessions.filter(bot_certainty="suspected").count(), sessions.filter(is_owner=True).count() > 0) == (0, True)
    assert {"search", "ai_training", "seo", "http_library"} <= set(sessions.bots().values_list("bot_kind", flat=True))
    assert {"LinkedIn", "GitHub", "Google", "Hacker News"} <= set(humans.values_list("source", flat=True))
    assert {"desktop", "mobile", "tablet"} <= set(humans.values_list("device_type", flat=True))
    assert {"chat_start", "chat_message", "download", "contact", "project_view"} <= set(
        VisitorInteraction.objects.values_list("kind", flat=True)
    )
    assert 0.02 < sessions.recruiters().count() / humans.count() < 0.25
    assert humans.active_since(NOW - timedelta(minutes=5)).count() >= 3
    assert Share.objects.exists()


@pytest.mark.django_db
def test_no_question_is_kept() -> None:
    list(store_in_batches(observations(PLAN)))
    assert not [
        details for details in VisitorInteraction.objects.values_list("details", flat=True) if "typed" in details
    ]


@pytest.mark.django_db
def test_demo_visits_are_told_from_real_ones_and_removed_alone() -> None:
    list(store_in_batches(observations(replace(PLAN, days=2, visits=10))))
    assert (holds_demo_visits(), holds_real_visits()) == (True, False)
    PageView.objects.create(id=1 << 22, visitor_id=1, day=NOW.date(), session_id=1, viewed_at=NOW, path="/")
    assert holds_real_visits()
    remove_demo_visits()
    assert (holds_demo_visits(), PageView.objects.count(), VisitorSession.objects.count()) == (False, 1, 0)
