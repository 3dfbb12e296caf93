"""What a disk, a foreign hand or a bug leaves in the journal is set aside with its error; the rest is stored once."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.visitors.recording.builders import NOON_MS, a_journal, an_observation
from visitors.recording.journal import BadLine, decode
from visitors.recording.quarantine import quarantined
from visitors.recording.reading import MAX_LINE_BYTES

from .running import LONG, Load, Site, flaws, tally

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]

SEEDS = range(10) if LONG else range(1)
BATCH = 500


def lines_of(site: Site) -> list[bytes]:
    return [line for path in sorted(site.journal.glob("*.journal")) for line in path.read_bytes().splitlines(True)]


def paths_in(lines: list[bytes]) -> set[str]:
    """Of the lines that can be read."""
    paths = set()
    for line in lines:
        try:
            paths.add(decode(line).path)
        except BadLine:
            continue
    return paths


def damage(folder: Path, chance: random.Random) -> None:
    """A flipped bit in ten lines of each file, a torn end, an over-long line, and files that nobody wrote."""
    files = sorted(folder.glob("*.journal"))
    for path in files:
        lines = path.read_bytes().splitlines(keepends=True)
        for place in chance.sample(range(len(lines)), min(10, len(lines))):
            line = bytearray(lines[place])
            line[chance.randrange(len(line) - 1)] ^= 1 << chance.randrange(8)
            lines[place] = bytes(line)
        path.write_bytes(b"".join(lines)[: -chance.randrange(2, 40)])
    with files[0].open("ab") as file:
        file.write(b"\n" + b"x" * (MAX_LINE_BYTES + chance.randrange(1000)) + b"\n")
    (folder / "1790000000000-400-000001.journal").touch()
    (folder / "1790000000001-401-000002.journal").write_bytes(chance.randbytes(5000))
    (folder / "notes.txt").write_text("not a journal")


@pytest.mark.parametrize("seed", SEEDS)
def test_damaged_files_lose_their_damaged_lines_alone(new_site: NewSite, database_url: str, seed: int) -> None:
    site = new_site(database_url, VISITORS_RECORDING="external").migrate().start()
    with Load(site) as load:
        load.run_for(1)
    site.kill_all()
    written = paths_in(lines_of(site))
    damage(site.journal, random.Random(seed))
    whole = paths_in(lines_of(site))
    site.drain()
    aside = list(quarantined(site.journal))
    sys.stdout.write(f"\nof {len(written)} views {len(written - whole)} were damaged, {len(aside)} lines set aside")
    result = tally("damaged journal files", database_url, whole)
    assert flaws(result) == []
    assert load.acknowledged <= written
    assert 0 < len(written - whole) <= len(aside)
    assert result.stored == len(whole)
    assert list(site.journal.glob("*.journal")) == []
    assert (site.journal / "notes.txt").exists()


def test_one_poison_row_among_500_is_set_aside_alone(new_site: NewSite, database_url: str) -> None:
    site = new_site(database_url, VISITORS_DRAIN_BATCH=str(BATCH)).migrate()
    journal = a_journal(site.journal)
    paths = [f"/page/{number}/" for number in range(BATCH)]
    for number, path in enumerate(paths):
        seen = an_observation(at_ms=NOON_MS + number, visitor_id=1 + number % 20, path=path)
        journal.append(replace(seen, visitor_id=2**70) if number == BATCH // 2 else seen)
    journal.close()
    site.drain()
    poison = paths.pop(BATCH // 2)
    assert flaws(tally("a poison row in a batch", database_url, paths)) == []
    (record,) = quarantined(site.journal)
    assert f'"path":"{poison}"' in record["line"]
    assert record["error"]
