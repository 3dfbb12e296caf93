"""What a visit's rows add up to: one definition of bounce, duration and time on page."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.recording.sessions import MAX_TIME_ON_PAGE_MS, Totals, add_up

from .builders import MINUTE_MS


@dataclass
class Page:
    id: int
    at_ms: int
    path: str = "/"
    host: str = "example.com"
    status: int = 200
    engaged_ms: int = 0
    is_confirmed: bool = False
    sequence: int = 0
    time_on_page_ms: int | None = None
    is_estimated: bool = False
    is_timed: bool = False


@dataclass
class Act:
    id: int
    at_ms: int
    kind: str = "download"
    details: dict[str, object] = field(default_factory=dict)


def totals_of(*pages: Page, acts: tuple[str, ...] = (), last_ms: int | None = None) -> Totals:
    done = [Act(number, 0, kind) for number, kind in enumerate(acts)]
    return add_up(
        pages, done, start_ms=0, last_ms=max((p.at_ms for p in pages), default=0) if last_ms is None else last_ms
    )


@pytest.mark.parametrize(
    ("statuses", "acts", "is_bounce", "is_engaged", "duration_ms"),
    [
        ((200,), (), True, False, 0),
        ((200,), ("download",), False, True, 90_000),
        ((200,), ("project_view",), True, False, 0),
        ((200,), ("project_view", "contact"), False, True, 90_000),
        ((200, 200), (), False, True, 90_000),
        ((200, 404), (), True, False, 0),
        ((404,), (), False, False, 90_000),
        ((), ("download",), False, True, 90_000),
        ((), (), False, False, 90_000),
    ],
)
def test_a_bounce_is_one_page_view_and_no_act(
    statuses: tuple[int, ...], acts: tuple[str, ...], is_bounce: bool, is_engaged: bool, duration_ms: int
) -> None:
    pages = [Page(number, number * 1000, status=status) for number, status in enumerate(statuses)]
    totals = totals_of(*pages, acts=acts, last_ms=90_000)
    assert (totals.is_bounce, totals.is_engaged, totals.duration_ms) == (is_bounce, is_engaged, duration_ms)


def test_ten_seconds_of_engaged_time_make_a_visit_engaged() -> None:
    assert totals_of(Page(1, 0, engaged_ms=10_000, is_confirmed=True)).is_engaged
    assert not totals_of(Page(1, 0, engaged_ms=9_999, is_confirmed=True)).is_engaged


def test_totals_count_pages_and_what_was_not_found_apart() -> None:
    assert totals_of(
        Page(3, 2 * MINUTE_MS, "/missing", host="lost.example.com", status=404),
        Page(1, 0, "/in", engaged_ms=4),
        Page(2, MINUTE_MS, "/out", host="www.example.com"),
        acts=("contact",),
    ) == Totals(
        page_views=2,
        not_found=1,
        interactions=1,
        engaged_ms=4,
        duration_ms=2 * MINUTE_MS,
        entry_host="example.com",
        entry_path="/in",
        exit_host="www.example.com",
        exit_path="/out",
        is_bounce=False,
        is_engaged=True,
        is_confirmed=False,
    )


def test_time_on_page_is_the_trackers_or_the_gap_or_unknown() -> None:
    told = Page(1, 0, engaged_ms=7_000, is_confirmed=True, is_timed=True)
    gap = Page(2, MINUTE_MS)
    long_gap = Page(3, 3 * MINUTE_MS)
    last = Page(4, 3 * MINUTE_MS + 2 * MAX_TIME_ON_PAGE_MS)
    totals_of(last, gap, told, long_gap)
    assert [(page.sequence, page.time_on_page_ms, page.is_estimated) for page in (told, gap, long_gap, last)] == [
        (1, 7_000, False),
        (2, 2 * MINUTE_MS, True),
        (3, MAX_TIME_ON_PAGE_MS, True),
        (4, None, False),
    ]


@given(
    st.lists(st.tuples(st.integers(-(10**9), 10**9), st.sampled_from([200, 404])), max_size=20),
    st.integers(-(10**9), 10**9),
)
def test_no_clock_makes_a_negative_duration(seen: list[tuple[int, int]], last_ms: int) -> None:
    pages = [Page(number, at_ms, status=status) for number, (at_ms, status) in enumerate(seen)]
    totals = totals_of(*pages, acts=("contact",), last_ms=last_ms)
    assert totals.duration_ms >= 0
    assert all((page.time_on_page_ms or 0) >= 0 for page in pages)
