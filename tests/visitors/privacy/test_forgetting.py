"""A stored line does not lie in a quiet journal for weeks, and what is not stored is never touched."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.visitors.recording.builders import NOON_MS, an_observation
from visitors import recording
from visitors.models import PageView
from visitors.recording import drain, forgetting

pytestmark = pytest.mark.django_db

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0 planted"


@pytest.fixture
def journal(settings: Any) -> Path:
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    return Path(settings.VISITORS["JOURNAL_DIR"])


def write(n: int) -> None:
    recording.record(an_observation(at_ms=NOON_MS + n, path=f"/{n}/", user_agent=AGENT))


def content(journal: Path) -> bytes:
    return b"".join(path.read_bytes() for path in journal.glob("*.journal"))


def age(journal: Path, seconds: int = 1000) -> None:
    for path in journal.glob("*.journal"):
        before = path.stat().st_mtime
        os.utime(path, (before, before - seconds))


def test_what_is_stored_of_a_quiet_file_is_overwritten(journal: Path) -> None:
    write(1)
    drain()
    assert b"planted" in content(journal)
    age(journal)
    drain()
    assert b"planted" not in content(journal)
    assert content(journal).strip(b"\0") == b""


def test_a_file_that_is_written_to_is_left_alone(journal: Path) -> None:
    write(1)
    drain()
    drain()
    assert b"planted" in content(journal)


def test_the_writer_goes_on_behind_and_nothing_is_lost(journal: Path) -> None:
    write(1)
    drain()
    age(journal)
    drain()
    write(2)
    assert b"/2/" in content(journal)
    drain()
    age(journal)
    drain()
    assert b"planted" not in content(journal)
    write(3)
    drain()
    assert sorted(PageView.objects.values_list("path", flat=True)) == ["/1/", "/2/", "/3/"]


def test_what_waits_is_never_overwritten(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(1)
    age(journal)
    forgetting.forget_stored(journal, {})
    assert b"planted" in content(journal)
    drain()
    assert PageView.objects.count() == 1


def test_overwriting_happens_once(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(1)
    drain()
    age(journal)
    drain()
    age(journal)
    monkeypatch.setattr(forgetting, "_blank", lambda *_: pytest.fail("again"))
    drain()
