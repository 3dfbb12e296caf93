"""Ways in which what was acknowledged could still be lost, each of them closed."""

from __future__ import annotations

import os
import signal
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from time_machine import TimeMachineFixture

from tests.visitors.builders import NOON
from visitors import recording
from visitors.ahead import word_for
from visitors.conf import conf
from visitors.middleware import VisitorMiddleware
from visitors.models import DroppedCount, JournalPosition, PageView
from visitors.observation import DropReason
from visitors.recording import background, finality, quarantine, reading, recorder
from visitors.recording.ids import LOCAL_MACHINE, machine_of
from visitors.recording.journal import JournalFull, encode, journal_sizes, journal_uuid
from visitors.recording.recorder import drain, store
from visitors.recording.status import recording_status

from .builders import NOON_MS, a_journal, a_journal_file, an_observation

journal: Any = import_module("visitors.recording.journal")  # the package has a function of this name

ADDRESS = "/api/visitors/analytics/sessions/00000000-0000-4000-8000-000000000000/"


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_rolled_back_takes_no_visit_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Report, 404, rollback: the drain within it goes, the file stays."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    client = Client()
    client.force_login(User.objects.create_superuser("owner"))
    a_journal_file(conf.JOURNAL_DIR, *(an_observation(path=f"/{number}/") for number in range(5)))
    assert client.get(ADDRESS).status_code == 404
    assert (PageView.objects.count(), len(journal_sizes(conf.JOURNAL_DIR))) == (0, 1)
    assert client.get("/api/visitors/sessions/").status_code == 200
    assert (PageView.objects.count(), len(journal_sizes(conf.JOURNAL_DIR))) == (5, 1)
    drain()
    assert (PageView.objects.count(), len(journal_sizes(conf.JOURNAL_DIR))) == (5, 0)


@pytest.mark.django_db(transaction=True)
def test_what_may_still_be_rolled_back_is_not_final() -> None:
    assert finality.is_final()
    with transaction.atomic():
        assert not finality.is_final()
        with transaction.atomic():
            assert not finality.is_final()


@pytest.mark.django_db
def test_the_transaction_of_a_test_does_not_count() -> None:
    assert finality.is_final()


def test_a_commit_is_on_disk_before_its_lines_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[str] = []
    monkeypatch.setattr(os, "fdatasync", lambda number: flushed.append(str(Path(f"/proc/self/fd/{number}").readlink())))
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "NAME", tmp_path / "site.sqlite3")
    finality.flush_database()
    assert flushed == []  # without a write-ahead log each commit is flushed
    (tmp_path / "site.sqlite3-wal").touch()
    finality.flush_database()
    assert flushed == [str(tmp_path / "site.sqlite3-wal")]


@pytest.mark.django_db
def test_the_flush_comes_before_the_first_file_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting: list[int] = []
    monkeypatch.setattr(recorder, "flush_database", lambda: waiting.append(len(journal_sizes(conf.JOURNAL_DIR))))
    for number in range(3):
        a_journal_file(conf.JOURNAL_DIR, an_observation(), name=f"179000000000{number}-000-abcdef")
    drain()
    drain()
    assert (waiting, journal_sizes(conf.JOURNAL_DIR)) == ([3], {})


def test_a_full_journal_of_many_writers_takes_lines_again_once_it_is_drained(
    tmp_path: Path, time_machine: TimeMachineFixture
) -> None:
    """Each writer holds a file open that is too small and too young to be rotated; together they are over the bound."""
    time_machine.move_to(NOON, tick=False)
    writers = [a_journal(tmp_path, max_bytes=5_000, rotate_bytes=4_000, rotate_seconds=60) for _ in range(8)]
    for number in range(200):
        time_machine.shift(2)  # each knows what the others wrote
        try:
            writers[number % 8].append(an_observation(path=f"/{number}/"))
        except JournalFull:
            break
    else:
        pytest.fail("it is never full")
    for writer in writers:
        time_machine.shift(2)
        with pytest.raises(JournalFull):
            writer.append(an_observation())
    assert sum(journal_sizes(tmp_path).values()) > 4_000
    reading.remove_finished(tmp_path, dict(journal_sizes(tmp_path)), first=lambda: None)
    time_machine.shift(2)
    for writer in writers:
        writer.append(an_observation())


def test_a_refused_line_opens_no_file_after_file(tmp_path: Path, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)
    full = a_journal(tmp_path, max_bytes=900)
    with pytest.raises(JournalFull):
        for _ in range(50):
            full.append(an_observation())
    counts = []
    for _ in range(20):
        time_machine.shift(2)
        with pytest.raises(JournalFull):
            full.append(an_observation())
        counts.append(len(journal_sizes(tmp_path)))
    assert set(counts) == {counts[0]}


def test_a_file_shorter_than_it_was_read_goes(tmp_path: Path) -> None:
    from visitors.recording.reading import remove_finished

    path = a_journal_file(tmp_path, an_observation())
    remove_finished(tmp_path, {path.name: path.stat().st_size + 1}, first=lambda: None)
    assert journal_sizes(tmp_path) == {}


@pytest.fixture
def _background(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VISITORS = settings.VISITORS | {"RECORDING": "background"}
    monkeypatch.setattr(background, "_thread", None)

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


@pytest.mark.django_db
@pytest.mark.usefixtures("_background")
def test_without_a_thread_the_observation_waits_and_nobody_hears_of_it() -> None:
    fields = {"day": "2026-11-20", "visitor_id": 1}
    for path in ("/", "/about/"):
        recording.record_new({"at_ms": NOON_MS, "path": path, **fields})
    recording.record(an_observation(path="/given/"))
    drain()
    assert sorted(PageView.objects.values_list("path", flat=True)) == ["/", "/about/", "/given/"]
    assert not DroppedCount.objects.exists()


@pytest.mark.parametrize("content", ["", "no uuid", "\0" * 36])
def test_a_garbled_identity_is_made_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "journal-id").write_text(content)
    made = journal_uuid(tmp_path)
    assert journal_uuid(tmp_path) == made
    assert [path.name for path in tmp_path.iterdir()] == ["journal-id"]


def test_counting_what_is_left_out_never_raises(tmp_path: Path) -> None:
    (tmp_path / "journal").touch()
    a_journal(tmp_path / "journal").count_drop(DropReason.MALFORMED)


def test_a_fork_while_a_file_is_changed_leaves_the_child_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The descriptor is closed, and what knew it is asked to forget it: by then it must have."""
    writer = a_journal(tmp_path)
    writer.append(an_observation())
    known: list[object] = []
    close = journal._OpenFile.close

    def closing(file: Any) -> None:
        close(file)
        known.append(writer._file)

    monkeypatch.setattr(journal._OpenFile, "close", closing)
    writer._close_file()
    writer.after_fork()
    assert known == [None]
    writer.append(an_observation())


def test_a_page_fetched_ahead_is_served_where_the_journal_cannot_be_written(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external", "JOURNAL_DIR": tmp_path / "file" / "journal"}
    assert word_for(RequestFactory().get("/", headers={"sec-purpose": "prefetch"})) == ""


@pytest.mark.django_db
def test_reports_tell_what_is_stored_where_the_journal_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("drainer.lock")

    monkeypatch.setattr(recording, "drain", refuse)
    a_journal_file(conf.JOURNAL_DIR, an_observation())
    assert recording.catch_up() is False


def test_a_folder_that_cannot_be_used_does_not_end_the_drainer(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, tries = threading.Event(), []

    def refuse(_directory: Path) -> None:
        tries.append(1)
        if len(tries) == 3:
            stop.set()
        raise PermissionError("drainer.lock")

    monkeypatch.setattr(background, "drainer_lock", refuse)
    monkeypatch.setattr(background, "STANDBY_SECONDS", 0.0)
    monkeypatch.setattr(background, "MAX_PAUSE_SECONDS", 0.0)
    background.run(stop)
    assert len(tries) == 3


@pytest.mark.django_db
def test_what_is_stored_at_once_has_the_number_of_its_machine() -> None:
    """Two machines that store at once make the same id in the same millisecond."""
    store([an_observation()])
    number = JournalPosition.objects.get().number
    assert machine_of(PageView.objects.get().id) == number != LOCAL_MACHINE


def test_a_line_of_a_later_version_is_read_without_what_is_not_known() -> None:
    seen = an_observation(path="/new/")
    body = journal._encode_json(seen).replace(b'"path"', b'"colour":"red","path"')
    line = b"%08x %s\n" % (journal.crc32(body), body)
    assert (journal.decode(line), line != encode(seen)) == (seen, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reason", "is_healthy"),
    [(DropReason.JOURNAL_FULL, False), (DropReason.JOURNAL_ERROR, False), (DropReason.METHOD, True)],
)
def test_what_was_lost_today_is_a_problem(reason: DropReason, is_healthy: bool) -> None:
    journal_of_process = recording.journal()
    journal_of_process.count_drop(reason)
    drain()
    status = recording_status()
    assert (status.is_healthy, status.dropped) == (is_healthy, {reason: 1})


def test_the_journal_is_flushed_once_a_second_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    flushed: list[float] = []
    monkeypatch.setattr(reading, "monotonic", lambda: clock[0])
    monkeypatch.setattr(os, "fdatasync", lambda _: flushed.append(clock[0]))
    a_journal_file(tmp_path, an_observation())
    for at in (100.0, 100.5, 100.99, 101.0, 101.5, 102.1):
        clock[0] = at
        reading.make_durable(tmp_path)
    assert flushed == [100.0, 101.0, 102.1]


def test_while_the_database_is_away_the_journal_is_flushed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(background, "make_durable", flushed.append)
    monkeypatch.setattr(background, "FLUSH_SECONDS", 0.05)
    with background._Doorbell(tmp_path) as bell:
        background._rest(bell, tmp_path, seconds=0.18)
        assert len(flushed) >= 3
        del flushed[:]
        background._rest(bell, tmp_path, seconds=0.05)  # the next drain flushes
        assert flushed == []


@pytest.mark.django_db
def test_what_the_quarantine_does_not_take_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MAX_BYTES", 1)
    a_journal_file(conf.JOURNAL_DIR, b"first\n", an_observation(), b"second\n", b"third\n")
    result = drain()
    assert result
    assert (result.stored, result.quarantined, sum(result.dropped.values())) == (1, 1, 2)
    assert DroppedCount.objects.get().count == 2


@pytest.mark.django_db
def test_who_ends_the_recorder_is_told_what_waits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(background, "run", lambda _: True)
    path = a_journal_file(conf.JOURNAL_DIR, an_observation())
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    call_command("record_visits", "--follow")
    assert capsys.readouterr().err.startswith(f"{path.stat().st_size} bytes wait in the journal; ")


def test_the_first_request_of_a_process_has_stored_what_waits(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it asks for: an opened link must not wait for the next visitor after a restart."""
    settings.VISITORS = settings.VISITORS | {"RECORDING": "background"}
    begun: list[str] = []
    monkeypatch.setattr(background, "ensure_running", lambda: begun.append("thread"))
    middleware = VisitorMiddleware(lambda _: HttpResponse())
    assert begun == []  # a server may load the site before it forks
    for _ in range(3):
        middleware(RequestFactory().get("/static/logo.svg"))
    assert begun == ["thread"]


@pytest.mark.django_db
def test_a_database_that_is_away_is_not_waited_for_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(background, "STANDBY_SECONDS", 0.0)
    stop_at_once = background._rest

    def away(*_: object, **__: object) -> None:
        raise OperationalError("away")

    def rest(bell: Any, directory: Path, *, seconds: float) -> None:
        stops[0].set()
        stop_at_once(bell, directory, seconds=0)

    stops: list[threading.Event] = []
    run = background.run
    monkeypatch.setattr(background, "run", lambda stop: stops.append(stop) or run(stop))
    monkeypatch.setattr(background, "drain_holding_lock", away)
    monkeypatch.setattr(background, "_rest", rest)
    monkeypatch.setattr("visitors.management.commands.record_visits.waiting_bytes", away)
    call_command("record_visits", "--follow")
    assert capsys.readouterr().err == "The database cannot be used now; visits wait in the journal.\n"
