"""The disk under the journal is full: pages are served, and the drops counted are exactly what is missing."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers import must_exist

from .running import Load, Site, Tally, seconds, stored_in, tally

pytestmark = pytest.mark.faults
NewSite = Callable[..., Site]

LARGEST_FILE = 40_000


def test_over_the_largest_file_size_drops_are_counted_exactly(new_site: NewSite, sqlite_url: str) -> None:
    site = new_site(sqlite_url, VISITORS_RECORDING="external").migrate()
    site.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE)))
    result = loaded("largest file size reached", site)
    assert (result.lost, result.doubled) == (result.dropped, 0)


@pytest.mark.parametrize("urls", ["urls", "urls_with_api"], ids=["at once", "a worker begins on the full disk"])
def test_on_a_full_disk_drops_are_counted_exactly(
    new_site: NewSite, sqlite_url: str, small_disk: Path, urls: str
) -> None:
    """The API takes a moment to load: meanwhile the other worker has filled the disk."""
    environment = {"VISITORS_RECORDING": "external", "FAULTS_URLCONF": f"tests.faults.site.{urls}"}
    site = new_site(sqlite_url, name=small_disk.name, **environment).migrate().start()
    result = loaded("disk full", site)
    assert (result.lost, result.doubled) == (result.dropped, 0)


def test_over_the_journals_own_bound_drops_are_counted_exactly(new_site: NewSite, sqlite_url: str) -> None:
    limits = {"VISITORS_JOURNAL_MAX_BYTES": "100000", "VISITORS_RECORDING": "external"}
    site = new_site(sqlite_url, **limits).migrate().start()
    result = loaded("journal at its bound", site)
    assert (result.lost, result.doubled) == (result.dropped, 0)


def test_a_full_journal_of_many_workers_takes_visits_again_once_it_is_drained(
    new_site: NewSite, sqlite_url: str
) -> None:
    """What living workers hold open counts until it can be removed; more than a bound of it must not stay for ever."""
    limits = {"VISITORS_JOURNAL_MAX_BYTES": "100000", "VISITORS_RECORDING": "external"}
    site = new_site(sqlite_url, **limits).migrate().start("--workers", "6")
    with Load(site) as load:
        load.run_for(3)
        site.drain()
        first = stored_in(sqlite_url)
        for _ in range(4):
            load.run_for(1.5)
            site.drain()
    site.terminate()
    site.drain()
    result = tally("full journal of six workers, drained five times", sqlite_url, load.acknowledged)
    assert (result.lost, result.doubled) == (result.dropped, 0)
    assert result.lost > 0
    assert result.stored > 3 * first > 0


def loaded(fault: str, site: Site) -> Tally:
    """What became of the visits of a while, some of which the journal had no room for."""
    with Load(site) as load:
        load.run_for(seconds(3, 15))
    assert site.terminate() == 0
    site.drain()
    result = tally(fault, site.database_url, load.acknowledged)
    assert result.lost > 0
    assert result.stored > 50
    return result


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 200 KB, where this machine allows one to be mounted."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k,mode=0700", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        told = "only root may mount a small disk, and not in every container"
        # Where everything has to be tested, root that may not mount is told so.
        (pytest.fail if must_exist() and not os.geteuid() else pytest.skip)(told)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
