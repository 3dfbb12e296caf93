"""What works beside pages lets them go first, and does all of its work."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from time import perf_counter

import pytest

from visitors import manners


def busy(seconds: float) -> None:
    until = perf_counter() + seconds
    while perf_counter() < until:
        pass


def in_a_thread(items: Iterable[int], *, is_guest: bool) -> list[int]:
    done: list[int] = []

    def work() -> None:
        if is_guest:
            manners.be_a_guest()
        for item in manners.politely(items):
            busy(manners.BUSY_SECONDS * 1.5)
            done.append(item)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return done


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    taken: list[float] = []
    monkeypatch.setattr(manners, "sleep", taken.append)
    return taken


def test_a_guest_rests_between_its_items(pauses: list[float]) -> None:
    assert in_a_thread(range(5), is_guest=True) == [0, 1, 2, 3, 4]
    assert pauses == [manners.PAUSE_SECONDS] * 5


def test_others_do_not(pauses: list[float]) -> None:
    assert in_a_thread(range(5), is_guest=False) == [0, 1, 2, 3, 4]
    assert pauses == []


def test_the_recorder_of_a_web_process_is_a_guest(monkeypatch: pytest.MonkeyPatch) -> None:
    from visitors.recording import background

    seen: list[bool] = []
    stop = threading.Event()
    stop.set()
    monkeypatch.setattr(background, "be_a_guest", lambda: seen.append(True))
    background.run(stop)
    assert seen == [True]
