"""The recorder dies between any two of its steps: the next drain stores the rest, and nothing twice."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from tests.visitors.recording.builders import NOON_MS, a_journal, a_ping, an_observation
from visitors.observation import DropReason

from .failpoints import POINTS
from .running import LONG, Site, flaws, rows_of, tally

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]

VIEWS = 300
DIES_AT = (2, 1, 3) if LONG else (2,)
CASES = [("sqlite_url", point) for point in POINTS] + [
    ("postgresql_url", point)
    for point in (POINTS if LONG else ("after the insert", "before the commit", "after the commit"))
]


def written_by(site: Site) -> set[str]:
    """Three files of page views, a ping for each, five drops; returns the paths."""
    paths = [f"/page/{number}/" for number in range(VIEWS)]
    for file in range(3):
        journal = a_journal(site.journal)
        for number, path in list(enumerate(paths))[file::3]:
            seen = {"at_ms": NOON_MS + number, "visitor_id": 1 + number % 20, "path": path}
            journal.append(an_observation(**seen, id=journal.next_id(NOON_MS + number)))
            journal.append(a_ping(**seen, id=journal.next_id(NOON_MS + number), engaged_ms=1000))
        journal.count_drop(DropReason.PREFETCH)
        journal.close()
    return set(paths)


@pytest.mark.parametrize(("database", "point"), CASES)
def test_a_recorder_killed_at_any_point_stores_each_observation_once(
    new_site: NewSite, request: pytest.FixtureRequest, database: str, point: str
) -> None:
    database_url = request.getfixturevalue(database)
    site = new_site(database_url, VISITORS_DRAIN_BATCH="250").migrate()
    paths = written_by(site)
    ends = [site.python("-m", "tests.faults.failpoints", point, str(times)).wait(timeout=60) for times in DIES_AT]
    assert ends[0] == -signal.SIGKILL
    site.drain()
    assert flaws(tally(f"kill -9 of the recorder {point}", database_url, paths)) == []
    with rows_of(database_url) as rows:
        assert rows("SELECT sum(engaged_ms) FROM visitors_pageview") == [(VIEWS * 1000,)]
        assert rows("SELECT sum(count) FROM visitors_droppedcount WHERE reason = 'prefetch'") == [(3,)]
    assert list(site.journal.glob("*.journal")) == []
