"""Secrets are agreed on over all machines ahead of their day, and destroyed when its visits have ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from time_machine import TimeMachineFixture

from visitors import identity
from visitors.identity import SECRET_BYTES, salt_directory, secret_of, visitor_ids
from visitors.models import Salt, unix_ms
from visitors.recording.recorder import keep_salts, store
from visitors.recording.salts import agree_on_salts

from .builders import MINUTE_MS, NOON_MS, an_observation, finish, start_python

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)
TOMORROW = TODAY + timedelta(days=1)
MIDNIGHT_MS = unix_ms(datetime(2026, 11, 21, tzinfo=UTC))

ASK = """
import sys
from datetime import date
from visitors.identity import secret_of
sys.stdin.readline()
print(secret_of(date(2026, 11, 20), create=True).hex())
"""


def kept_days() -> tuple[list[str], list[str]]:
    """In the files of this machine, in the database."""
    files = sorted(path.name for path in salt_directory().iterdir())
    return files, [str(day) for day in Salt.objects.order_by("day").values_list("day", flat=True)]


def use_machine(settings: Any, folder: Path) -> None:
    settings.VISITORS = settings.VISITORS | {"JOURNAL_DIR": folder}
    identity.forget_secrets()


def test_two_machines_agree_on_today_and_tomorrow(settings: Any, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two", "one"):
        use_machine(settings, tmp_path / name)
        agree_on_salts(NOON_MS)
        found.append([secret_of(day, create=False) for day in (TODAY, TOMORROW)])
    assert found[0] == found[1] == found[2]
    assert {len(secret) for secret in found[0]} == {SECRET_BYTES}


def test_a_machine_uses_the_agreed_secret_from_then_on(settings: Any, tmp_path: Path) -> None:
    use_machine(settings, tmp_path / "one")
    agree_on_salts(NOON_MS)
    agreed = visitor_ids("203.0.113.7", "Firefox", at_ms=NOON_MS)
    use_machine(settings, tmp_path / "two")
    assert visitor_ids("203.0.113.7", "Firefox", at_ms=NOON_MS) != agreed
    agree_on_salts(NOON_MS)
    assert visitor_ids("203.0.113.7", "Firefox", at_ms=NOON_MS) == agreed


def test_processes_that_ask_at_once_get_one_secret(tmp_path: Path) -> None:
    processes = [start_python(ASK, VISITORS_JOURNAL_DIR=str(tmp_path / "journal")) for _ in range(4)]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    assert len({tuple(finish(process)) for process in processes}) == 1


def test_a_damaged_file_is_replaced_by_one_secret_for_all(tmp_path: Path) -> None:
    salt_directory().mkdir(parents=True)
    (salt_directory() / TODAY.isoformat()).write_bytes(b"short")
    first = secret_of(TODAY, create=True)
    identity.forget_secrets()
    assert secret_of(TODAY, create=True) == first
    assert (salt_directory() / TODAY.isoformat()).read_bytes() == first


def test_secrets_are_readable_by_their_owner_only() -> None:
    agree_on_salts(NOON_MS)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in salt_directory().iterdir()}
    assert modes == {TODAY.isoformat(): "0o600", TOMORROW.isoformat(): "0o600"}


def test_yesterdays_secret_is_destroyed_when_none_of_its_visits_goes_on() -> None:
    agree_on_salts(NOON_MS)
    agree_on_salts(MIDNIGHT_MS + 29 * MINUTE_MS)
    assert kept_days() == (["2026-11-20", "2026-11-21", "2026-11-22"],) * 2
    agree_on_salts(MIDNIGHT_MS + 31 * MINUTE_MS)
    assert kept_days() == (["2026-11-21", "2026-11-22"],) * 2


def test_yesterdays_secret_is_kept_while_a_visit_of_yesterday_goes_on(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON_MS / 1000)
    agree_on_salts(NOON_MS)
    store([an_observation(at_ms=MIDNIGHT_MS + n * 20 * MINUTE_MS, day="2026-11-20") for n in range(-1, 2)])
    agree_on_salts(MIDNIGHT_MS + 45 * MINUTE_MS)
    assert "2026-11-20" in kept_days()[0]
    agree_on_salts(MIDNIGHT_MS + 51 * MINUTE_MS)
    assert "2026-11-20" not in kept_days()[0]


def test_the_day_before_yesterday_is_destroyed_whatever_goes_on() -> None:
    agree_on_salts(NOON_MS)
    agree_on_salts(MIDNIGHT_MS + 24 * 60 * MINUTE_MS)
    assert kept_days() == (["2026-11-21", "2026-11-22", "2026-11-23"],) * 2


def test_a_draft_goes_with_its_day_and_not_before() -> None:
    agree_on_salts(NOON_MS)
    for day in ("2026-11-18", "2026-11-20"):
        (salt_directory() / f".{day}.4711.abcd").write_bytes(b"x" * SECRET_BYTES)
    agree_on_salts(NOON_MS)
    assert kept_days()[0] == [".2026-11-20.4711.abcd", "2026-11-20", "2026-11-21"]


def test_after_both_secrets_are_gone_a_visitor_cannot_be_told_from_another() -> None:
    ids = visitor_ids("203.0.113.7", "Firefox", at_ms=NOON_MS)
    agree_on_salts(NOON_MS)
    agree_on_salts(NOON_MS + 2 * 24 * 60 * MINUTE_MS)
    identity.forget_secrets()
    assert visitor_ids("203.0.113.7", "Firefox", at_ms=NOON_MS)[0] != ids[0]


def test_a_drain_keeps_the_salts(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON_MS / 1000)
    keep_salts()
    assert kept_days() == (["2026-11-20", "2026-11-21"],) * 2


IN_A_FILE = """
import sys
from datetime import date
from django.core.management import call_command
from django.db import transaction
from visitors.models import Salt
from visitors.recording.salts import agree_on_salts
call_command("migrate", verbosity=0)
Salt.objects.create(day=date(2026, 11, 18), secret=b"\\x9b" * 16 + b"planted salt 7f3c")
sys.stdout.write("planted\\n"); sys.stdout.flush(); sys.stdin.readline()
with transaction.atomic():
    agree_on_salts(1795176000000)
sys.stdout.write("destroyed\\n"); sys.stdout.flush(); sys.stdin.readline()
"""


def test_a_destroyed_secret_is_in_no_byte_of_the_database(tmp_path: Path) -> None:
    """While the site runs, whose log is emptied by nobody else."""
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3", "VISITORS_JOURNAL_DIR": str(tmp_path / "journal")}
    process = start_python(IN_A_FILE, **environ)
    assert process.stdin and process.stdout
    for said, is_there in (("planted", True), ("destroyed", False)):
        assert process.stdout.readline().strip() == said
        held = b"".join(path.read_bytes() for path in tmp_path.glob("site.sqlite3*"))
        assert (b"planted salt 7f3c" in held) is is_there
        process.stdin.write("\n")
        process.stdin.flush()
    finish(process)


@pytest.mark.django_db(transaction=True)
def test_a_destroyed_secret_leaves_no_dead_row() -> None:
    if connection.vendor != "postgresql":
        return  # the test above looks into the file
    Salt.objects.create(day=TODAY - timedelta(days=2), secret=b"planted salt 7f3c")
    with _a_long_report():
        agree_on_salts(NOON_MS)
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
            cursor.execute("SELECT pg_read_binary_file(pg_relation_filepath('visitors_salt'))")
            assert b"planted salt 7f3c" not in bytes(cursor.fetchone()[0])
    assert [salt.day for salt in Salt.objects.order_by("day")] == [TODAY, TOMORROW]


@contextmanager
def _a_long_report() -> Iterator[None]:
    """Another connection, whose transaction began when the secret was there."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM visitors_visitorsession")
        yield
    finally:
        other.close()
