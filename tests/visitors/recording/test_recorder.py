"""The recorder stores each observation once, isolates what cannot be stored, and counts what was left out."""

from __future__ import annotations

import fcntl
from contextlib import suppress
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from msgspec.structs import replace

from visitors import recording
from visitors.conf import conf
from visitors.models import DroppedCount, JournalPosition, PageView, VisitorInteraction, VisitorSession
from visitors.observation import DropReason, Observation
from visitors.recording import recorder
from visitors.recording.ids import machine_of
from visitors.recording.journal import encode, journal_sizes
from visitors.recording.quarantine import quarantined
from visitors.recording.recorder import drain, drainer_lock, store
from visitors.recording.writer import write_batch

from .builders import MINUTE_MS, NOON_MS, a_journal_file, a_ping, an_observation

pytestmark = pytest.mark.django_db


def write(*observations: Observation | bytes, name: str = "1790000000000-000-abcdef") -> Path:
    return a_journal_file(conf.JOURNAL_DIR, *observations, name=name)


def paths() -> list[str]:
    return sorted(PageView.objects.values_list("path", flat=True))


def everything() -> list[list[tuple[Any, ...]]]:
    """All rows of the facts, to compare before and after."""
    return [
        sorted(model.objects.values_list(*[field.name for field in model._meta.concrete_fields]), key=repr)
        for model in (VisitorSession, PageView, VisitorInteraction)
    ]


def test_a_drained_visit_has_its_rows_and_its_totals() -> None:
    write(
        an_observation(path="/", referrer="https://www.linkedin.com/feed/", title="Home"),
        an_observation(at_ms=NOON_MS + MINUTE_MS, path="/cv/"),
        a_ping(at_ms=NOON_MS + MINUTE_MS + 9_000, path="/cv/", engaged_ms=8_000, scroll_depth=70),
        an_observation(at_ms=NOON_MS + 2 * MINUTE_MS, kind="download", target="cv.pdf"),
    )
    result = drain()
    assert result
    assert (result.stored, result.quarantined, dict(result.dropped)) == (4, 0, {})
    (visit,) = VisitorSession.objects.all()
    assert (visit.page_views_count, visit.interactions_count, visit.engaged_ms, visit.duration_ms) == (
        2,
        1,
        8_000,
        120_000,
    )
    assert (visit.source, visit.entry_path, visit.exit_path) == ("LinkedIn", "/", "/cv/")
    assert (visit.is_bounce, visit.is_engaged, visit.is_human, visit.day) == (False, True, True, date(2026, 11, 20))
    assert list(
        PageView.objects.order_by("sequence").values_list("path", "engaged_ms", "scroll_depth", "session_id")
    ) == [
        ("/", 0, None, visit.id),
        ("/cv/", 8_000, 70, visit.id),
    ]
    assert list(VisitorInteraction.objects.values_list("kind", "target")) == [("download", "cv.pdf")]


def test_one_poison_row_in_a_batch_of_500_is_set_aside_and_the_rest_stored() -> None:
    lines = [an_observation(at_ms=NOON_MS + n, visitor_id=1 + n % 50, path=f"/{n}") for n in range(500)]
    lines[321] = replace(lines[321], visitor_id=2**70)
    write(*lines)
    result = drain()
    assert result
    assert (result.stored, result.quarantined) == (499, 1)
    assert paths() == sorted(f"/{n}" for n in range(500) if n != 321)
    (record,) = quarantined(conf.JOURNAL_DIR)
    assert record["error"].startswith("OverflowError") or "out of range" in record["error"]
    assert '"path":"/321"' in record["line"]
    assert sum(VisitorSession.objects.values_list("page_views_count", flat=True)) == 499


@pytest.mark.parametrize(
    "poison",
    [
        {"visitor_id": 2**63},
        {"id": 2**63 + 5},
        {"at_ms": 10**17},
        {"status": "many"},
        {"path": None},
        {"path": {"a": 1}},
        {"user_agent": 7},
        {"details": [1], "kind": "download"},
        {"referrer": 5},
        {"utm_source": ["x"]},
    ],
)
def test_a_row_of_another_shape_never_stops_the_drain(poison: dict[str, Any]) -> None:
    write(an_observation(path="/before"), replace(an_observation(), **poison), an_observation(path="/after"))
    drain()
    assert {"/before", "/after"} <= set(paths())
    assert drain().stored == 0  # type: ignore[union-attr]
    assert journal_sizes(conf.JOURNAL_DIR) == {}


def test_corrupt_lines_are_kept_with_their_error_and_the_good_ones_stored() -> None:
    write(an_observation(path="/a"), b"0000 nonsense\n", an_observation(path="/b"), b"\xff\xfe torn")
    assert drain().quarantined == 2  # type: ignore[union-attr]
    assert paths() == ["/a", "/b"]
    assert [(record["error"], record["line"]) for record in quarantined(conf.JOURNAL_DIR)] == [
        ("checksum does not match", "0000 nonsense\n"),
        ("checksum does not match", "\\xff\\xfe torn"),
    ]


def test_storing_observations_again_changes_nothing() -> None:
    seen = [
        an_observation(
            at_ms=NOON_MS + n * MINUTE_MS, visitor_id=1 + n % 3, path=f"/{n}", kind="page" if n % 4 else "contact"
        )
        for n in range(40)
    ]
    store(seen)
    before = everything()
    store(seen)
    store(seen[7:20])
    assert everything() == before


def test_a_journal_that_is_read_again_from_its_start_adds_nothing() -> None:
    """As after a restored backup of the database's positions."""
    lines = [an_observation(at_ms=NOON_MS + n, path=f"/{n}") for n in range(20)]
    write(*lines)
    drain()
    before = everything()
    JournalPosition.objects.update(offsets={})
    write(*lines)
    drain()
    assert everything() == before


def test_what_is_read_and_how_far_are_stored_together() -> None:
    path = write(an_observation(path="/first"))
    with path.open("ab") as writer:
        drain_while_open(writer)
        writer.write(encode(an_observation(path="/second")))
    drain()
    assert paths() == ["/first", "/second"]
    assert JournalPosition.objects.get().offsets.keys() <= {path.name}


def drain_while_open(writer: Any) -> None:
    fcntl.flock(writer, fcntl.LOCK_EX)
    drain()


def test_ids_of_the_journal_carry_the_machines_number() -> None:
    write(an_observation())
    drain()
    assert machine_of(PageView.objects.get().id) == JournalPosition.objects.get().number == 1


def test_drops_are_counted_once_by_day_and_reason() -> None:
    for _ in range(3):
        recording.count_drop(DropReason.PREFETCH)
    write(an_observation(referrer="https://semalt.com/x"), a_ping())
    drain()
    drain()
    recording.count_drop(DropReason.PREFETCH)
    drain()
    counts = dict(DroppedCount.objects.values_list("reason").order_by("reason").values_list("reason", "count"))
    assert counts == {"no page view to belong to": 1, "prefetch": 4, "spam referrer": 1}


def test_a_batch_larger_than_the_limit_is_stored_in_several_transactions(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"DRAIN_BATCH": 7}
    write(*[an_observation(at_ms=NOON_MS + n, path=f"/{n}") for n in range(30)])
    assert drain().stored == 30  # type: ignore[union-attr]
    (visit,) = VisitorSession.objects.all()
    assert visit.page_views_count == 30


def test_long_lines_end_a_batch_before_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(observations: list[Observation]) -> Any:
        sizes.append(len(observations))
        return write_batch(observations)

    monkeypatch.setattr(recorder, "MAX_BATCH_BYTES", 10_000)
    monkeypatch.setattr(recorder, "write_batch", counted)
    write(*[an_observation(at_ms=NOON_MS + n, kind="order", details={"a": "x" * 2000}) for n in range(20)])
    assert drain().stored == 20  # type: ignore[union-attr]
    assert (VisitorInteraction.objects.count(), sizes) == (20, [5, 5, 5, 5])


def test_the_number_of_queries_does_not_grow_with_the_batch(django_assert_max_num_queries: Any) -> None:
    store([an_observation()])
    seen = [an_observation(at_ms=NOON_MS + n, visitor_id=n, path=f"/{n}") for n in range(1, 40)]
    with django_assert_max_num_queries(20):
        store(seen)


def test_a_database_that_is_away_stores_nothing_and_keeps_the_journal() -> None:
    path = write(an_observation())

    def away(*_: object, **__: object) -> None:
        raise OperationalError("server closed the connection")

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        drain()
    assert path.exists()
    assert drain().stored == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("nth", range(1, 12))
def test_a_failure_at_any_statement_leaves_all_or_nothing(nth: int) -> None:
    write(an_observation(path="/a"), an_observation(path="/b", kind="contact"), a_ping(path="/a", engaged_ms=500))
    calls = 0

    def fail_once(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth:
            raise OperationalError("terminating connection")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail_once), suppress(OperationalError):
        drain()
    drain()
    (visit,) = VisitorSession.objects.all()
    assert (visit.page_views_count, visit.interactions_count, visit.engaged_ms) == (1, 1, 500)


def test_immediate_mode_stores_before_it_returns() -> None:
    recording.record(an_observation(path="/now"))
    assert paths() == ["/now"]


def test_two_drains_at_once_are_one() -> None:
    conf.JOURNAL_DIR.mkdir(parents=True)
    with drainer_lock(conf.JOURNAL_DIR) as is_mine:
        assert is_mine
        assert drain() is None


class AnyOrder(TestCase):
    """The whole way to the store: a shuffled journal in several drains equals the ordered one."""

    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(1, 3), st.integers(0, 120), st.sampled_from(["page", "contact"])), max_size=12),
        st.randoms(use_true_random=False),
        st.integers(1, 4),
    )
    def test_any_order_and_batching_stores_the_same_visits(self, seen: Any, chance: Any, parts: int) -> None:
        ordered = [
            an_observation(id=(NOON_MS << 20) + n, at_ms=NOON_MS + minute * MINUTE_MS, visitor_id=visitor, kind=kind)
            for n, (visitor, minute, kind) in enumerate(sorted(seen, key=lambda each: each[1]))
        ]
        store(ordered) if ordered else None
        expected = _visits()
        for model in (VisitorSession, PageView, VisitorInteraction):
            model.objects.all().delete()
        chance.shuffle(ordered)
        for part in range(parts):
            if ordered[part::parts]:
                store(ordered[part::parts])
        assert _visits() == expected


def _visits() -> list[tuple[Any, ...]]:
    totals = ("visitor_id", "started_at", "last_activity_at", "page_views_count", "interactions_count", "duration_ms")
    return sorted(VisitorSession.objects.values_list(*totals, "is_bounce", "is_engaged", "entry_path", "exit_path"))


def test_what_the_benchmark_times_is_there():
    from benchmarks.parts.steps import STEPS

    assert all(callable(getattr(import_module(module), name)) for _, module, name in STEPS)
