"""Fetch published lists of user agents that no rule of this project contains, and read them.

The archives come from the package registries by the ordinary clients and stay out of the repository: Matomo's fixtures
in the source of `device_detector`, CrawlerDetect's in that of `crawlerdetect`, woothee's test sets and the weekly
real-traffic sample of `user-agents` from npm.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PYTHON_SOURCES = ("device_detector==6.5.1", "crawlerdetect==0.4.2")
NPM_PACKAGES = ("woothee@1.11.1", "user-agents@2.1.198")
PEOPLE_OF_WOOTHEE = {"pc", "smartphone", "mobilephone", "appliance"}


class Offline(RuntimeError):
    """A list could not be fetched."""


@dataclass(frozen=True, slots=True)
class Fixture:
    """One entry of Matomo's device fixtures."""

    user_agent: str
    client_type: str
    browser: str
    browser_family: str
    system: str
    system_family: str
    device: str


def fetch(folder: Path) -> Path:
    """Unpack every archive under `folder`; what is there already is not fetched again. Raises `Offline`."""
    folder.mkdir(parents=True, exist_ok=True)
    for source in PYTHON_SOURCES:
        _fetch_one(
            folder / source.partition("==")[0],
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", source],
        )
    for package in NPM_PACKAGES:
        _fetch_one(folder / package.partition("@")[0], ["npm", "pack", "--silent", package])
    return folder


def _fetch_one(target: Path, command: list[str]) -> None:
    if target.is_dir():
        return
    part = target.with_suffix(".part")
    part.mkdir(exist_ok=True)
    try:
        subprocess.run(command, cwd=part, check=True, capture_output=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        raise Offline(f"{command[-1]} could not be fetched ({error}); the registries must be reachable.") from error
    for archive in [*part.glob("*.tar.gz"), *part.glob("*.tgz")]:
        with tarfile.open(archive) as members:
            members.extractall(part, filter="data")
    part.rename(target)


def bots(folder: Path) -> dict[str, list[str]]:
    """User agents of bots by list."""
    matomo = _yaml(_only(folder / "device_detector", "fixtures/upstream/bots.yml"))
    return {
        "Matomo bots": [str(entry["user_agent"]) for entry in matomo],
        "CrawlerDetect crawlers": _lines(_only(folder / "crawlerdetect", "user_agent/crawlers.txt")),
        "woothee crawlers": [row["target"] for row in _woothee(folder) if row.get("category") == "crawler"],
    }


def people(folder: Path) -> dict[str, list[str]]:
    """User agents of browsers that people use, by list."""
    browsers = {fixture.user_agent for fixture in fixtures(folder) if fixture.client_type == "browser"}
    sample = json.loads(_only(folder / "user-agents", "dist/user-agents.json").read_text("utf-8"))
    return {
        "Matomo browsers": sorted(browsers),
        "CrawlerDetect devices": _lines(_only(folder / "crawlerdetect", "user_agent/devices.txt")),
        "current real traffic": sorted({entry["userAgent"] for entry in sample}),
        "woothee people": [row["target"] for row in _woothee(folder) if row.get("category") in PEOPLE_OF_WOOTHEE],
    }


def libraries(folder: Path) -> list[str]:
    """User agents of HTTP libraries."""
    return sorted({fixture.user_agent for fixture in fixtures(folder) if fixture.client_type == "library"})


def fixtures(folder: Path) -> list[Fixture]:
    """Matomo's fixtures that are read from the user agent alone, without client hints."""
    found = []
    for file in sorted((folder / "device_detector").glob("**/fixtures/**/*.yml")):
        if file.name != "bots.yml":
            found += [_fixture(entry) for entry in _yaml(file) if _is_fixture(entry)]
    return found


def _is_fixture(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("client"), dict) and not entry.get("headers")


def _fixture(entry: dict[str, Any]) -> Fixture:
    client, system, device = entry["client"], entry.get("os"), entry.get("device")
    return Fixture(
        user_agent=str(entry["user_agent"]),
        client_type=client.get("type") or "",
        browser=client.get("name") or "",
        browser_family=entry.get("browser_family") or "",
        system=(system.get("name") or "") if isinstance(system, dict) else "",
        system_family=entry.get("os_family") or "",
        device=(device.get("type") or "") if isinstance(device, dict) else "",
    )


def _woothee(folder: Path) -> Iterator[dict[str, str]]:
    for file in sorted((folder / "woothee").glob("**/testsets/*.yaml")):
        yield from (row for row in _yaml(file) if row["target"] not in ("", "-"))


def _only(folder: Path, ending: str) -> Path:
    return next(path for path in folder.glob("**/*") if path.as_posix().endswith(ending))


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text("utf-8").splitlines() if line.strip()]


def _yaml(file: Path) -> list[Any]:
    loaded = yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded if isinstance(loaded, list) else []
