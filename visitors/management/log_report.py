"""Say what an import brought: the log's own counts, then what the visits of its days add up to in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, Final, TypeVar

from django.db.models import Count, F, Model, Q, QuerySet, Sum

from visitors.models import PageView, VisitorSession
from visitors.recording.ids import IMPORT_MACHINE, MACHINE_BITS, MACHINE_SHIFT

from .log_tally import LogTally

TOP: Final = 10
MACHINES: Final = 1 << MACHINE_BITS

_Fact = TypeVar("_Fact", bound=Model)


def tally_lines(tally: LogTally) -> Iterator[str]:
    """What was read, before anything is looked up."""
    yield _row("Lines", tally.lines)
    yield _row("  page views", tally.page_views)
    yield _row("  not found (404)", tally.not_found)
    yield _row("  robots' questions", tally.probes)
    yield _row("  malformed", tally.malformed)
    for reason, count in tally.left_out.most_common():
        yield _row(f"  left out: {reason}", count)


def visit_lines(tally: LogTally) -> Iterator[str]:
    """Imported visits of the log's local days, those of earlier imports included."""
    if not tally.first_day:
        return
    sessions = _of_log(VisitorSession.objects.all(), tally)
    views = _of_log(PageView.objects.all(), tally)
    yield ""
    yield f"Imported visits of {tally.first_day} to {tally.last_day}{'all':>15}{'humans':>10}"
    for name, (all_of_them, humans) in _totals(sessions).items():
        yield f"{name:<36}{all_of_them:>12,}{humans:>10,}"
    yield from _table("Bots by kind, in sessions", _bots_by_kind(sessions))
    yield from _table("Top pages, in page views of humans", _top(views.shown().filter(is_human=True), "path"))
    yield from _table("Top sources, in sessions of humans", _top(sessions.filter(is_human=True), "source"))


def _of_log(facts: Any, tally: LogTally) -> Any:
    days = facts.in_days(date.fromisoformat(tally.first_day), date.fromisoformat(tally.last_day) + timedelta(days=1))
    machine = F("id").bitrightshift(MACHINE_SHIFT).bitand(MACHINES - 1)
    return days.annotate(machine=machine).filter(machine=IMPORT_MACHINE).order_by()


def _totals(sessions: QuerySet[VisitorSession]) -> dict[str, tuple[int, int]]:
    human = Q(is_human=True)
    found = sessions.aggregate(
        sessions=Count("id"),
        human_sessions=Count("id", filter=human),
        views=Sum("page_views_count", default=0),
        human_views=Sum("page_views_count", filter=human, default=0),
        missing=Sum("not_found_count", default=0),
        human_missing=Sum("not_found_count", filter=human, default=0),
    )
    return {
        "Sessions": (found["sessions"], found["human_sessions"]),
        "Visitors, summed over days": (_visitors(sessions), _visitors(sessions.filter(human))),
        "Page views": (found["views"], found["human_views"]),
        "Not found": (found["missing"], found["human_missing"]),
    }


def _visitors(sessions: QuerySet[VisitorSession]) -> int:
    """Distinct visitors of each day, summed: their ids change at midnight."""
    days = sessions.values("day").annotate(visitors=Count("visitor_id", distinct=True))
    return sum(day["visitors"] for day in days)


def _bots_by_kind(sessions: QuerySet[VisitorSession]) -> list[tuple[str, int]]:
    return _top(sessions.filter(is_bot=True), "bot_kind")


def _top(facts: QuerySet[_Fact], column: str) -> list[tuple[str, int]]:
    found = facts.values(column).annotate(count=Count("id")).order_by("-count", column)[:TOP]
    return [(row[column], row["count"]) for row in found]


def _table(title: str, rows: Iterable[tuple[str, int]]) -> Iterator[str]:
    yield ""
    yield title
    yield from (f"{count:>10,}  {name or '(none)'}" for name, count in rows)


def _row(name: str, count: int) -> str:
    return f"{name:<36}{count:>12,}"
