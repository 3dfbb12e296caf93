"""Visits that turned out to be the owner's own leave the figures, and come back when that was wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from tests.visitors.builders import NOON, a_session
from visitors.models import RolledDay, VisitorSession

from .test_profiles import FIREFOX

pytestmark = pytest.mark.django_db


def humans() -> int:
    return VisitorSession.objects.humans().count()


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("exclude_visits", *arguments)
    return capsys.readouterr().out


def test_all_visits_of_the_same_visitor_are_excluded_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    first = a_session(visitor_id=7)
    a_session(NOON + timedelta(hours=2), visitor_id=7)
    a_session(visitor_id=8)
    assert run(str(first.session_id), capsys=capsys) == "2 visits are excluded as yours.\n"
    assert humans() == 1
    assert set(VisitorSession.objects.filter(visitor_id=7).values_list("label", flat=True)) == {"me"}
    assert run("7", capsys=capsys) == "0 visits are excluded as yours.\n"


def test_scores_and_copies_follow_by_the_way_of_labels() -> None:
    visit = a_session(visitor_id=7, acts=("download",))
    call_command("exclude_visits", "7")
    visit.refresh_from_db()
    assert (visit.is_human, visit.is_recruiter, visit.label) == (False, False, "me")


def test_visits_of_a_network_or_city_on_some_days(capsys: pytest.CaptureFixture[str]) -> None:
    for days, network in ((0, "My Office"), (1, "My Office"), (5, "My Office"), (0, "Telekom")):
        a_session(NOON - timedelta(days=days), network=network)
    told = run("--network", "My Office", "--since", "2026-11-18", "--until", "2026-11-20", capsys=capsys)
    assert told == "2 visits are excluded as yours.\n"
    assert humans() == 2


def test_a_dry_run_counts_and_undo_takes_it_back(capsys: pytest.CaptureFixture[str]) -> None:
    a_session(visitor_id=7)
    assert run("7", "--dry-run", capsys=capsys) == "1 visits would be excluded as yours.\n"
    assert humans() == 1
    run("7", capsys=capsys)
    assert run("7", "--undo", capsys=capsys) == "1 visits are counted again.\n"
    assert humans() == 1


def test_the_day_is_added_up_again() -> None:
    visit = a_session(NOON - timedelta(days=30), visitor_id=7)
    RolledDay.objects.create(day=visit.day, is_dirty=False)
    call_command("exclude_visits", "7")
    assert RolledDay.objects.get().is_dirty


def test_nothing_is_excluded_without_saying_what() -> None:
    with pytest.raises(CommandError, match="which visits were yours"):
        call_command("exclude_visits", "--since", "2026-11-01")


@pytest.mark.parametrize(
    ("days", "complaint"),
    [
        (["--since", "2026-13-01"], "--since: must be a day as YYYY-MM-DD, not '2026-13-01'."),
        (["--since", "2026-11-02", "--until", "2026-11-01"], "--until must not be before --since, 2026-11-02"),
    ],
)
def test_days_that_are_none_are_refused_by_name(days: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("exclude_visits", "--network", "My Office", *days)


def test_staff_never_counts_and_neither_does_a_device_of_theirs_afterwards() -> None:
    client = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="203.0.113.7")
    client.force_login(User.objects.create(username="owner", is_staff=True))
    client.get("/")
    assert "va_owner" in client.cookies
    del client.cookies["sessionid"]
    client.get("/about/", REMOTE_ADDR="203.0.113.99")  # from elsewhere, logged out
    assert humans() == 0
    assert set(VisitorSession.objects.values_list("is_owner", flat=True)) == {True}
    client.cookies["va_owner"] = "1:forged:signature"
    client.get("/resume/", REMOTE_ADDR="203.0.113.98")
    assert humans() == 1
