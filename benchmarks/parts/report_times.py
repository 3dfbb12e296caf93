"""Time every question of the dashboard: through the service, naively over the raw rows, and in DuckDB."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from django.db.models import Avg, Count, Max, Q
from django.utils import timezone

from visitors import analytics_service as service
from visitors.models import PageView, VisitorInteraction, VisitorSession
from visitors.reports.breakdown import Dimension
from visitors.reports.periods import Period
from visitors.reports.scope import COLUMNS, Filter, Scope
from visitors.reports.visits import VisitOrder

from .figures import load, machine, table, verdict

WINDOW = 30
FILTERS = (Filter("country", "US"), Filter("device", "desktop"))
BY_PAGE = (Filter("source", "Google"), Filter("page", "/projects/"))  # of what visits did, not of what they are
# Milliseconds, up to a million page views and above.
TARGETS = {"whole": (15, 25), "now": (5, 5), "filtered": (100, 500)}

Ask = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Question:
    group: str
    name: str
    service: Ask
    naive: Ask | None = None
    sql: str = ""


def main(database: str, *, last_day: date, rounds: int, with_duckdb: bool) -> None:
    machine(database)
    period = Period(last_day - timedelta(days=WINDOW - 1), last_day + timedelta(days=1))
    rows = PageView.objects.count()
    print(f"{rows:,} page views, {VisitorSession.objects.count():,} visits; {WINDOW} days up to {last_day}")
    with _duck(period) if with_duckdb else _none() as duck:
        times = {question: _times(question, duck, rounds=rounds) for question in questions(period)}
    _show(times)
    _judge(times, is_large=rows > 2_000_000)
    print(load())


def _times(question: Question, duck: Callable[[str], Any] | None, *, rounds: int) -> tuple[float | None, ...]:
    """Of the service, naively, in DuckDB, and the service's CPU."""
    floor = partial(duck, question.sql) if duck and question.sql else None
    return (
        _median(question.service, rounds=rounds),
        _median(question.naive, rounds=min(rounds, 3)),
        _median(floor, rounds=rounds),
        _cpu(question.service, rounds=rounds),
    )


def _median(ask: Ask | None, *, rounds: int) -> float | None:
    """Milliseconds; once before, so that caches are as warm for one as for the other."""
    if ask is None:
        return None
    ask()
    return median(_timed(ask) for _ in range(rounds))


def _cpu(ask: Ask, *, rounds: int) -> float:
    """Milliseconds of this process alone: SQLite's whole work, and what a busy machine leaves comparable."""
    began = process_time()
    for _ in range(rounds):
        ask()
    return 1000 * (process_time() - began) / rounds


def _timed(ask: Ask) -> float:
    began = perf_counter()
    ask()
    return 1000 * (perf_counter() - began)


def questions(period: Period) -> Iterator[Question]:
    whole = Scope(period)
    yield from _dashboard("whole", whole, Q())
    running = Period(period.start, period.end, until=_noon(period.last_day))
    yield Question("running", "traffic, the last day until noon", lambda: service.traffic(Scope(running)))
    yield Question(
        "running",
        "sources, the last day until noon",
        lambda: service.breakdown(Scope(running), dimension=Dimension.SOURCE),
    )
    yield from _now(period)
    narrowed = Q(country="US", device_type="desktop")
    yield from _dashboard("filtered", Scope(period, FILTERS), narrowed)
    yield from _by_page(Scope(period, BY_PAGE))


def _dashboard(group: str, scope: Scope, narrowed: Q) -> Iterator[Question]:
    before = scope.period.previous()
    humans = VisitorSession.objects.humans().in_days(scope.period.start, scope.period.end).filter(narrowed).order_by()
    yield Question(
        group,
        "traffic, compared",
        lambda: service.traffic(scope, against=before),
        lambda: _by_day(humans),
        _sql("day", narrowed),
    )
    for dimension in Dimension:
        column = COLUMNS[dimension]
        yield Question(
            group,
            f"breakdown by {dimension}",
            lambda dimension=dimension: service.breakdown(scope, dimension=dimension),
            (lambda column=column: _by(humans, column)) if dimension in {"source", "entry"} else None,
            _sql(column, narrowed) if dimension in {"source", "entry"} else "",
        )
    views = PageView.objects.humans().shown().in_days(scope.period.start, scope.period.end).filter(narrowed).order_by()
    yield Question(group, "pages", lambda: service.read_pages(scope), lambda: _pages(views), _pages_sql(narrowed))
    yield Question(group, "pages not found", lambda: service.pages_not_found(scope))
    yield Question(
        group,
        "hours of the week",
        lambda: service.hours_of_week(scope),
        lambda: list(humans.values_list("day", "hour").annotate(Count("id"))),
    )
    acts = VisitorInteraction.objects.humans().in_days(scope.period.start, scope.period.end).order_by()
    naive_acts = (
        None if narrowed else lambda: list(acts.values_list("kind").annotate(Count("visitor_id", distinct=True)))
    )
    yield Question(group, "acts", lambda: service.acts(scope), naive_acts)
    yield Question(group, "goals", lambda: service.goals(scope))
    yield Question(group, "funnel", lambda: service.funnel(scope))
    if not scope.filters:
        yield Question(group, "data quality", lambda: service.data_quality(scope.period))
    for order in VisitOrder:
        yield Question(group, f"visits, {order}", lambda order=order: service.visits(scope, order=order))


def _by_page(scope: Scope) -> Iterator[Question]:
    before = scope.period.previous()
    yield Question("filtered", "traffic, compared, by page", lambda: service.traffic(scope, against=before))
    for dimension in (Dimension.SOURCE, Dimension.ENTRY):
        ask = partial(service.breakdown, scope, dimension=dimension)
        yield Question("filtered", f"breakdown by {dimension}, by page", ask)
    yield Question("filtered", "pages, by page", lambda: service.read_pages(scope))
    yield Question("filtered", "funnel, by page", lambda: service.funnel(scope))


def _now(period: Period) -> Iterator[Question]:
    now = _noon(period.last_day)
    session = (
        VisitorSession.objects.humans().filter(day=period.last_day, started_at__lte=now).order_by("-started_at")[0]
    )
    yield Question("now", "real time", lambda: service.real_time(now=now))
    yield Question("now", "one visit", lambda: service.session_insight(session.session_id, now=now))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=timezone.get_default_timezone())


def _by_day(humans: Any) -> Any:
    return list(humans.values("day").annotate(**_sums()))


def _by(humans: Any, column: str) -> Any:
    return list(humans.values(column).annotate(**_sums()).order_by("-visitors")[:8])


def _sums() -> dict[str, Any]:
    return {
        "visitors": Count("visitor_id", distinct=True),
        "sessions": Count("id"),
        "bounces": Count("id", filter=Q(is_bounce=True)),
        "conversions": Count("id", filter=Q(is_converted=True)),
        "recruiters": Count("id", filter=Q(is_recruiter=True)),
    }


def _pages(views: Any) -> Any:
    counted = views.values("path").annotate(
        visitors=Count("visitor_id", distinct=True),
        views=Count("id"),
        time=Avg("time_on_page_ms"),
        depth=Avg("scroll_depth"),
    )
    return list(counted.annotate(title=Max("title")).order_by("-visitors")[:8])


def _sql(column: str, narrowed: Q) -> str:
    return (
        f"SELECT {column}, count(DISTINCT visitor_id) AS visitors, count(*), count(*) FILTER (is_bounce), "
        f"count(*) FILTER (is_converted), count(*) FILTER (is_recruiter) FROM sessions "
        f"WHERE is_human{_where(narrowed)} GROUP BY {column} ORDER BY visitors DESC LIMIT 60"
    )


def _pages_sql(narrowed: Q) -> str:
    return (
        "SELECT path, count(DISTINCT visitor_id) AS visitors, count(*), avg(time_on_page_ms), avg(scroll_depth) "
        f"FROM views WHERE is_human AND status < 400{_where(narrowed)} GROUP BY path ORDER BY visitors DESC LIMIT 8"
    )


def _where(narrowed: Q) -> str:
    return " AND country = 'US' AND device_type = 'desktop'" if narrowed else ""


SESSION_COLUMNS = (
    *("day", "visitor_id", "hour", "source", "entry_path", "country", "device_type"),
    *("is_human", "is_bounce", "is_converted", "is_recruiter"),
)
VIEW_COLUMNS = (
    "day",
    "visitor_id",
    "path",
    "status",
    "time_on_page_ms",
    "scroll_depth",
    "country",
    "device_type",
    "is_human",
)


@contextmanager
def _duck(period: Period) -> Iterator[Callable[[str], Any]]:
    """The window's rows in DuckDB's own columns, in memory: less than the stores have to look through."""
    import duckdb

    connection = duckdb.connect()
    with tempfile.TemporaryDirectory(prefix="bench-duckdb-") as folder:
        for name, model, columns in (("sessions", VisitorSession, SESSION_COLUMNS), ("views", PageView, VIEW_COLUMNS)):
            path = Path(folder) / f"{name}.csv"
            with path.open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                facts = model.objects.in_days(period.start, period.end).order_by()
                writer.writerows(facts.values_list(*columns).iterator(10_000))
            connection.execute(
                f"CREATE TABLE {name} AS SELECT * FROM read_csv('{path}', header = true, sample_size = -1)"
            )
    yield lambda sql: connection.execute(sql).fetchall()
    connection.close()


@contextmanager
def _none() -> Iterator[None]:
    yield None


def _show(times: dict[Question, tuple[float | None, ...]]) -> None:
    def cell(value: float | None) -> str:
        return "" if value is None else f"{value:,.1f}"

    def beside(value: float | None, base: float | None) -> str:
        return "" if value is None or base is None else f"{value / base:,.1f}"

    print()
    table(
        ("milliseconds, median", "group", "service", "its CPU", "naive", "DuckDB", "naive/service", "service/DuckDB"),
        [
            (
                question.name,
                question.group,
                *map(cell, (ours, cpu, naive, duck)),
                beside(naive, ours),
                beside(ours, duck),
            )
            for question, (ours, naive, duck, cpu) in times.items()
        ],
    )


def _judge(times: dict[Question, tuple[float | None, ...]], *, is_large: bool) -> None:
    print()
    for group, targets in TARGETS.items():
        target = targets[is_large]
        slowest, figure = max(
            ((question.name, ours or 0) for question, (ours, *_) in times.items() if question.group == group),
            key=lambda each: each[1],
        )
        verdict(f"{group}: slowest <= {target} ms", figure=f"{figure:.1f} ms ({slowest})", is_reached=figure <= target)
