"""While something works beside pages, Python's lock changes hands sooner and no cycles are searched for; then all is as
it was."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError

from tests.visitors.recording.builders import an_observation
from visitors import manners

USUAL = 0.003


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(USUAL)
    yield
    sys.setswitchinterval(before)


def interval() -> float:
    return round(sys.getswitchinterval(), 5)


def test_sooner_until_the_last_one_has_ended() -> None:
    with manners.giving_way():
        with manners.giving_way():
            assert interval() == manners.HANDOVER_SECONDS
        assert interval() == manners.HANDOVER_SECONDS
    assert interval() == USUAL


def test_a_failure_gives_it_back_too() -> None:
    with pytest.raises(OSError, match="full"), manners.giving_way():
        raise OSError("full")
    assert interval() == USUAL


def test_what_a_site_has_set_shorter_stays() -> None:
    sys.setswitchinterval(0.0001)
    with manners.giving_way():
        assert interval() == 0.0001
    assert interval() == 0.0001


def test_a_child_begins_with_the_usual() -> None:
    of_a_parent = manners.giving_way()
    of_a_parent.__enter__()
    assert interval() == manners.HANDOVER_SECONDS
    manners.after_fork()
    assert interval() == USUAL


def test_the_recorder_gives_way_while_it_drains(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from visitors.recording import background

    seen: list[float] = []
    monkeypatch.setattr(background, "drain_holding_lock", lambda *_, **__: seen.append(interval()))
    for later in ("post_in_background", "upkeep.prune_in_passing", "rollups.roll_in_background"):
        monkeypatch.setattr(f"visitors.recording.background.{later}", lambda: None)
    background._tick(tmp_path, 1.0)
    assert (seen, interval()) == ([manners.HANDOVER_SECONDS], USUAL)


@pytest.mark.django_db
def test_no_cycles_are_searched_for_while_a_batch_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    from visitors.recording import drain, journal, recorder

    seen: list[bool] = []
    write = recorder.write_batch
    monkeypatch.setattr(recorder, "write_batch", lambda batch: seen.append(gc.isenabled()) or write(batch))
    journal().append(an_observation(path="/a"))
    drain()
    assert (seen, gc.isenabled()) == ([False], True)


@pytest.mark.django_db
def test_a_batch_that_cannot_be_written_leaves_the_collector_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from visitors.recording import drain, journal, recorder

    def refuse(_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(recorder, "write_batch", refuse)
    journal().append(an_observation(path="/a"))
    with pytest.raises(OperationalError):
        drain()
    assert gc.isenabled()


def test_a_site_without_a_collector_stays_without() -> None:
    gc.disable()
    try:
        with manners.holding_a_batch():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_child_of_a_recorder_at_work_has_a_collector() -> None:
    of_a_parent = manners.holding_a_batch()
    of_a_parent.__enter__()
    assert not gc.isenabled()
    manners.after_fork()
    assert gc.isenabled()


def test_the_interval_does_not_shrink() -> None:
    sys.setswitchinterval(0.0012345)
    before = sys.getswitchinterval()
    for _ in range(100):
        with manners.giving_way():
            pass
    assert sys.getswitchinterval() == before
