"""One answer to "same visit or another?", in whatever order and batches the observations come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.recording.sessions import MAX_SESSION_ROWS, SESSION_GAP_MS, Arrival, Span, resolve

from .builders import MINUTE_MS

YESTERDAYS, TODAYS = 11, 22


def arrivals_at(*minutes: float, **given_fields: object) -> list[Arrival]:
    return [
        Arrival(id=number, at_ms=round(minute * MINUTE_MS), **({"visitor_id": 1} | given_fields))  # type: ignore[arg-type]
        for number, minute in enumerate(minutes, start=1)
    ]


Visit = tuple[int, int, frozenset[int]]  # first and last millisecond, arrivals


def visits_of(batches: Iterable[Sequence[Arrival]]) -> set[Visit]:
    """The partition after all batches, as the store would carry it from one to the next."""
    stored: dict[int, Span] = {}
    owner: dict[int, int] = {}
    for batch in batches:
        for span in stored.values():
            span.opened_by, span.is_stored = 0, True
        result = resolve(stored.values(), batch)
        owner = {key: result.merged[span].id if span in result.merged else span for key, span in owner.items()}
        owner |= {key: span.id for key, span in result.span_of.items()}
        stored = result.spans
    members: dict[int, set[int]] = {}
    for arrival, span in owner.items():
        members.setdefault(span, set()).add(arrival)
    return {(span.start_ms, span.last_ms, frozenset(members[span.id])) for span in stored.values()}


TIMES = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 300)), min_size=1, max_size=30)


@given(TIMES, st.data())
def test_any_order_and_any_batches_give_the_visits_of_the_ordered_stream(
    seen: list[tuple[int, int]], data: st.DataObject
) -> None:
    arrivals = [
        Arrival(id=number, at_ms=minute * MINUTE_MS, visitor_id=visitor)
        for number, (visitor, minute) in enumerate(seen, start=1)
    ]
    shuffled = data.draw(st.permutations(arrivals))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(arrivals)), max_size=6)) | {0, len(arrivals)})
    batches = [shuffled[start:end] for start, end in pairwise(cuts)]
    expected = {visit for visitor in (1, 2, 3) for visit in in_order([a for a in arrivals if a.visitor_id == visitor])}
    assert visits_of(batches) == expected


def in_order(arrivals: list[Arrival]) -> list[Visit]:
    """The rule itself, written once more in its simplest form."""
    groups: list[list[Arrival]] = []
    for arrival in sorted(arrivals, key=lambda each: each.at_ms):
        if not groups or arrival.at_ms - groups[-1][-1].at_ms > SESSION_GAP_MS:
            groups.append([])
        groups[-1].append(arrival)
    return [(group[0].at_ms, group[-1].at_ms, frozenset(each.id for each in group)) for group in groups]


@given(st.lists(st.tuples(st.integers(0, 300), st.sampled_from(["", "", "a", "b"]), st.booleans()), max_size=25))
def test_no_visit_ends_before_it_starts_and_no_page_is_homeless(seen: list[tuple[int, str, bool]]) -> None:
    arrivals = [
        Arrival(id=number, at_ms=minute * MINUTE_MS, visitor_id=1, campaign=campaign, can_open=not is_ping)
        for number, (minute, campaign, is_ping) in enumerate(seen, start=1)
    ]
    result = resolve([], arrivals)
    assert all(span.start_ms <= span.last_ms for span in result.spans.values())
    assert all(arrivals[number - 1].can_open is False for number in result.homeless)
    assert sorted([*result.span_of, *result.homeless]) == [arrival.id for arrival in arrivals]
    assert all(result.spans[span.id] is span for span in result.span_of.values())


@pytest.mark.parametrize(
    ("minutes", "visits"),
    [
        ((0, 30), 1),
        ((0, 30 + 1 / 60_000), 2),
        ((0, 30, 60, 90), 1),
        ((0, 31, 62), 3),
        ((0, 0, 0), 1),
        ((60, 0, 30), 1),
        ((0, 1500), 2),
    ],
)
def test_a_visit_lasts_while_gaps_are_at_most_30_minutes(minutes: tuple[float, ...], visits: int) -> None:
    assert len(visits_of([arrivals_at(*minutes)])) == visits
    assert len(visits_of([[arrival] for arrival in arrivals_at(*minutes)])) == visits


def test_two_visitors_never_share_a_visit() -> None:
    assert len(resolve([], [Arrival(1, 0, 1), Arrival(2, 0, 2)]).spans) == 2


def test_midnight_does_not_end_a_visit() -> None:
    before = Arrival(id=1, at_ms=0, visitor_id=YESTERDAYS)
    after = [
        Arrival(id=number, at_ms=number * MINUTE_MS, visitor_id=TODAYS, previous_visitor_id=YESTERDAYS)
        for number in (2, 29, 58)
    ]
    expected = {(0, 58 * MINUTE_MS, frozenset({1, 2, 29, 58}))}
    assert visits_of([[before, *after]]) == expected
    assert visits_of([[before], *[[arrival] for arrival in after]]) == expected


def test_after_a_pause_the_new_day_has_visits_under_its_own_id() -> None:
    late = Arrival(id=2, at_ms=40 * MINUTE_MS, visitor_id=TODAYS, previous_visitor_id=YESTERDAYS)
    result = resolve([], [Arrival(id=1, at_ms=0, visitor_id=YESTERDAYS), late])
    assert [span.visitor_id for span in result.spans.values()] == [YESTERDAYS, TODAYS]


@pytest.mark.parametrize(
    ("campaigns", "visits"),
    [
        (("", "cv"), 2),
        (("cv", ""), 1),
        (("cv", "cv"), 1),
        (("cv", "news"), 2),
        (("cv", "", "cv", ""), 1),
        (("cv", "news", ""), 2),
        (("", "cv", "", "cv"), 2),
    ],
)
def test_a_new_campaign_begins_another_visit(campaigns: tuple[str, ...], visits: int) -> None:
    arrivals = [
        Arrival(id=number, at_ms=number * MINUTE_MS, visitor_id=1, campaign=campaign)
        for number, campaign in enumerate(campaigns, start=1)
    ]
    assert len(visits_of([arrivals])) == visits
    assert len(visits_of([[arrival] for arrival in arrivals])) == visits


def test_what_follows_a_campaign_belongs_to_the_latest_visit() -> None:
    arrivals = [
        Arrival(id=1, at_ms=0, visitor_id=1),
        Arrival(id=2, at_ms=MINUTE_MS, visitor_id=1, campaign="cv"),
        Arrival(id=3, at_ms=2 * MINUTE_MS, visitor_id=1),
    ]
    assert visits_of([arrivals]) == {(0, 0, frozenset({1})), (MINUTE_MS, 2 * MINUTE_MS, frozenset({2, 3}))}


def test_a_ping_never_opens_a_visit() -> None:
    result = resolve([], arrivals_at(0, 10, can_open=False))
    assert (result.spans, result.homeless) == ({}, [1, 2])


def test_a_ping_keeps_a_visit_going() -> None:
    page, later = arrivals_at(0, 50)
    ping = Arrival(id=9, at_ms=25 * MINUTE_MS, visitor_id=1, can_open=False)
    assert visits_of([[page], [ping], [later]]) == {(0, 50 * MINUTE_MS, frozenset({1, 2, 9}))}


def test_a_ping_from_before_the_first_page_does_not_tell_where_the_visit_came_from() -> None:
    page = Span(id=1, visitor_id=1, start_ms=MINUTE_MS, last_ms=MINUTE_MS, rows=1, is_stored=True)
    result = resolve([page], arrivals_at(0, can_open=False))
    assert [(span.id, span.opened_by) for span in result.spans.values()] == [(1, 0)]


def test_a_stored_visit_keeps_its_identity_when_an_earlier_one_reaches_it() -> None:
    stored = Span(id=77, visitor_id=1, start_ms=50 * MINUTE_MS, last_ms=60 * MINUTE_MS, rows=3, is_stored=True)
    result = resolve([stored], arrivals_at(0, 25))
    (span,) = result.spans.values()
    assert (span.id, span.start_ms, span.last_ms, span.rows, span.opened_by) == (77, 0, 60 * MINUTE_MS, 5, 1)
    assert result.merged == {}
    assert {owner.id for owner in result.span_of.values()} == {77}


def test_of_two_stored_visits_the_earlier_takes_in_the_later() -> None:
    first = Span(id=5, visitor_id=1, start_ms=0, last_ms=0, rows=1, is_stored=True)
    second = Span(id=6, visitor_id=1, start_ms=50 * MINUTE_MS, last_ms=50 * MINUTE_MS, rows=1, is_stored=True)
    result = resolve([first, second], arrivals_at(25))
    assert {gone: span.id for gone, span in result.merged.items()} == {6: 5}
    assert [(span.id, span.last_ms, span.rows) for span in result.spans.values()] == [(5, 50 * MINUTE_MS, 3)]


def test_a_visit_without_end_is_cut_after_so_many_rows() -> None:
    result = resolve([], arrivals_at(*range(MAX_SESSION_ROWS + 1)))
    assert sorted(span.rows for span in result.spans.values()) == [1, MAX_SESSION_ROWS]
