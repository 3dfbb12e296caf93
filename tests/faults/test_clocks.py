"""The clock jumps while visitors come: nothing is lost or doubled, and no visit ends before it starts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import time

import pytest

from .running import Load, Site, flaws, rows_of, seconds, tally

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]

HOUR_MS = 3_600_000
# Clocks in Berlin go back from 03:00 to 02:00 at this moment, and forward from 02:00 to 03:00 at the other.
AUTUMN = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
SPRING = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)


# Milliseconds ahead of the true time, or a moment to pass.
JUMPS: dict[str, list[int | datetime]] = {
    "back one hour": [0, -HOUR_MS, 0],
    "forward one day": [0, 24 * HOUR_MS, 0],
    "over the end of summer time, midnight and its begin": [AUTUMN, MIDNIGHT, SPRING],
    "before 2000": [datetime(1971, 1, 1, tzinfo=UTC), 0],
}


def offset_of(jump: int | datetime) -> int:
    return jump if isinstance(jump, int) else round((jump.timestamp() - time()) * 1000) - 500


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_of_the_clock_loses_nothing(new_site: NewSite, sqlite_url: str, tmp_path: Path, jump: str) -> None:
    clock = tmp_path / "clock"
    clock.write_text(str(offset_of(JUMPS[jump][0])))
    site = new_site(sqlite_url, CLOCK_FILE=str(clock), TIME_ZONE="Europe/Berlin").migrate().start()
    with Load(site) as load:
        for step in JUMPS[jump]:
            clock.with_suffix(".new").write_text(str(offset_of(step)))
            clock.with_suffix(".new").replace(clock)
            load.run_for(seconds(3, 15) / len(JUMPS[jump]))
    site.terminate()
    site.drain()
    assert flaws(tally(f"clock: {jump}", sqlite_url, load.acknowledged)) == []
    with rows_of(sqlite_url) as rows:
        assert rows("SELECT count(*) FROM visitors_visitorsession WHERE last_activity_at < started_at") == [(0,)]
    assert not (site.journal / "quarantine").exists()
