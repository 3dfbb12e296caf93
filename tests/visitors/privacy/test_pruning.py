"""What is past its time goes: added up before, batch by batch, once and again, and nothing before its time."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from time_machine import TimeMachineFixture

from portfolio.models import Conversation, JobAnalysis, Message
from tests.visitors.applications.people import an_application
from tests.visitors.builders import a_session
from visitors.models import (
    ApplicationHit,
    DroppedCount,
    Erasure,
    Notice,
    PageView,
    RolledDay,
    RollupDay,
    Share,
    Upkeep,
    VisitorInteraction,
    VisitorSession,
)
from visitors.privacy import pruning
from visitors.privacy.retention import months_before
from visitors.recording import upkeep
from visitors.recording.upkeep import prune_all, prune_in_passing
from visitors.rollups.dirt import mark_dirty

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _now(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)
    upkeep.forget()


def a_message(chat: Conversation, days: int) -> Message:
    return Message.objects.create(
        conversation=chat, question="?", answer="!", topic="x", is_answered=True, asked_at=days_ago(days)
    )


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def kept_days(model: Any) -> list[int]:
    """How many days ago, oldest first."""
    return [(TODAY - day).days for day in model.objects.order_by("day").values_list("day", flat=True)]


def test_visits_are_kept_for_ninety_days_and_then_as_sums() -> None:
    for days in (0, 89, 90, 91, 300):
        a_session(days_ago(days), pages=("/", "/about/"), acts=("download",))
    run = prune_all()
    assert [kept_days(model) for model in (VisitorSession, VisitorInteraction)] == [[89, 0]] * 2
    assert kept_days(PageView) == [89, 89, 0, 0]
    assert (run.counts["visits"], run.counts["page views"], run.counts["interactions"]) == (3, 6, 3)
    sums = RollupDay.objects.filter(dimension="").order_by("day").values_list("day", "visitors", "sessions")
    assert [(TODAY - day).days for day, *_ in sums] == [300, 91, 90]
    assert {tuple(each) for _, *each in sums} == {(1, 1)}


def test_how_long_visits_are_kept_can_be_set(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"RETENTION_EVENT_DAYS": 7}
    for days in (6, 7):
        a_session(days_ago(days))
    prune_all()
    assert kept_days(VisitorSession) == [6]


def test_pruning_again_finds_nothing_and_changes_no_sum() -> None:
    a_session(days_ago(100))
    prune_all()
    sums = list(RollupDay.objects.order_by("pk").values())
    assert +prune_all().counts == {}
    assert list(RollupDay.objects.order_by("pk").values()) == sums


def test_a_dry_run_counts_and_deletes_nothing() -> None:
    a_session(days_ago(100), pages=("/", "/about/"))
    run = prune_all(is_dry=True)
    assert (run.counts["visits"], run.counts["page views"]) == (1, 2)
    assert (VisitorSession.objects.count(), PageView.objects.count(), Upkeep.objects.count()) == (1, 2, 0)
    assert not RolledDay.objects.exists()


def test_what_was_added_up_is_never_built_again_from_what_is_left() -> None:
    a_session(days_ago(100))
    prune_all()
    late = a_session(days_ago(100))
    mark_dirty([late.day])
    prune_all()
    assert not VisitorSession.objects.exists()
    assert RollupDay.objects.get(dimension="", day=late.day).sessions == 1


def test_a_run_that_is_stopped_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        a_session(days_ago(100), pages=("/", "/about/"))
    monkeypatch.setattr(pruning, "BATCH", 2)
    monkeypatch.setattr(pruning, "monotonic", iter([0.0] * 5 + [9.0] * 99).__next__)
    first = prune_all(deadline=1.0)
    assert not first.is_complete
    assert 0 < PageView.objects.count() < 10
    monkeypatch.undo()
    upkeep.forget()
    second = prune_all()
    assert second.is_complete
    assert not PageView.objects.exists()
    assert Upkeep.objects.get(task="prune_visitors").outcome["page views"] == 10
    assert RollupDay.objects.get(dimension="").sessions == 5


def test_a_large_day_goes_in_batches(monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any) -> None:
    monkeypatch.setattr(pruning, "BATCH", 3)
    for _ in range(10):
        a_session(days_ago(100))
    shown: list[str] = []
    prune_all(show=shown.append)
    assert "9 page views of 2026-08-14" in shown
    assert not PageView.objects.exists()


def test_openings_lose_their_visit_and_stay_with_the_application() -> None:
    visit = a_session(days_ago(100), application="acme-x")
    hit = ApplicationHit.objects.create(
        id=1, application=an_application(), session_id=visit.id, visitor_id=visit.visitor_id, day=visit.day,
        opened_at=visit.started_at, kind="human", referrer_host="mail.example", has_read=True,
    )  # fmt: skip
    prune_all()
    hit.refresh_from_db()
    assert (hit.session_id, hit.visitor_id, hit.referrer_host) == (None, 0, "")
    assert (hit.kind, hit.has_read) == ("human", True)


def test_previews_notices_sums_and_counts_have_their_time_too() -> None:
    old, ancient = days_ago(91), NOW - timedelta(days=800)
    Share.objects.create(id=1, shared_at=old, day=old.date(), path="/")
    Notice.objects.create(kind="score", text="Visit", created_at=old, session_id=1)
    for day in (old.date(), ancient.date()):
        RollupDay.objects.create(day=day)
        RolledDay.objects.create(day=day, is_dirty=False)
        DroppedCount.objects.create(day=day, reason="spam referrer", count=1)
    Erasure.objects.create(digest="a", erased_at=days_ago(8))
    Erasure.objects.create(digest="b", erased_at=days_ago(6))
    prune_all()
    assert not Share.objects.exists()
    assert not Notice.objects.exists()
    assert [kept_days(model) for model in (RollupDay, RolledDay, DroppedCount)] == [[91]] * 3
    assert list(Erasure.objects.values_list("digest", flat=True)) == ["b"]


def test_what_visitors_typed_for_the_site_is_kept_for_thirty_days() -> None:
    for days in (29, 31):
        chat = Conversation.objects.create(key_digest=str(days), started_at=days_ago(days))
        Message.objects.create(
            conversation=chat, question="?", answer="!", topic="x", is_answered=True, asked_at=days_ago(days)
        )
        JobAnalysis.objects.create(job_requirements="Python", match_level="none", result={}, analysed_at=days_ago(days))
    assert prune_all(is_dry=True).counts["chat messages"] == 1
    prune_all()
    assert [each.key_digest for each in Conversation.objects.all()] == ["29"]
    assert Message.objects.count() == JobAnalysis.objects.count() == 1


def test_a_conversation_that_goes_on_keeps_its_young_messages() -> None:
    chat = Conversation.objects.create(key_digest="x", started_at=days_ago(31))
    for days in (31, 1):
        Message.objects.create(
            conversation=chat, question="?", answer="!", topic="x", is_answered=True, asked_at=days_ago(days)
        )
    prune_all()
    assert Message.objects.get().conversation == chat


def test_lines_kept_aside_go_with_the_texts(settings: Any) -> None:
    folder = Path(settings.VISITORS["JOURNAL_DIR"]) / "quarantine"
    folder.mkdir(parents=True)
    for days in (29, 31):
        (folder / f"{days_ago(days):%Y-%m-%d}.jsonl").write_text("{}\n")
    prune_all()
    assert [path.stem for path in folder.iterdir()] == ["2026-10-24"]


def test_the_recorder_prunes_once_a_day(time_machine: TimeMachineFixture, django_assert_num_queries: Any) -> None:
    visit = a_session(days_ago(100))
    RolledDay.objects.create(day=visit.day, is_dirty=False)
    prune_in_passing()
    assert not VisitorSession.objects.exists()
    a_session(days_ago(100))
    with django_assert_num_queries(0):
        prune_in_passing()
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    upkeep._tried_at = float("-inf")
    prune_in_passing()
    assert not VisitorSession.objects.exists()


def test_the_recorder_leaves_adding_up_to_the_one_whose_task_it_is() -> None:
    a_session(days_ago(100))
    prune_in_passing()
    assert VisitorSession.objects.count() == 1
    assert Upkeep.objects.get().outcome["is_complete"] is False


def test_another_process_that_pruned_today_is_enough() -> None:
    prune_all()
    a_session(days_ago(100))
    upkeep.forget()
    prune_in_passing()
    assert VisitorSession.objects.count() == 1


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 22), 25, date(2024, 10, 22)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 5), 1, date(2025, 12, 5)),
        (date(2026, 12, 31), 24, date(2024, 12, 31)),
    ],
)
def test_months_are_those_of_the_calendar(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


def ran(*arguments: str) -> str:
    out = io.StringIO()
    call_command("prune_visitors", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_tells_what_it_did_and_when_it_ran_last() -> None:
    a_session(days_ago(100), pages=("/", "/about/"))
    told = ran("--dry-run")
    assert "last run   never" in told
    assert "kept       visits 90 days, sums 25 months, texts 30 days" in told
    assert "2 page views" in told
    assert told.endswith("Nothing was deleted.\n")
    assert ran().endswith("Deleted.\n")
    told = ran()
    assert "last run   2026-11-22 09:00" in told
    assert told.endswith("Nothing is past its time.\n")


def test_the_command_says_when_a_day_must_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    a_session(days_ago(100))
    monkeypatch.setattr(pruning, "roll_up", lambda day: False)
    with pytest.raises(CommandError, match="could not be added up yet"):
        ran()
    assert VisitorSession.objects.count() == 1


def test_the_status_and_the_admin_show_the_last_run(admin_client: Any) -> None:
    prune_all()
    out = io.StringIO()
    call_command("visitors_status", stdout=out)
    assert "prune_visitors 2026-11-22 09:00" in out.getvalue()
    assert b"prune_visitors" in admin_client.get("/admin/visitors/upkeep/").content
    assert timezone.now() == NOW
