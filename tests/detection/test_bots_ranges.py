"""Whether an address lies in a crawler's published ranges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from visitors.detection.bot_ranges import RangesError
from visitors.detection.bots import load_ranges

GOOGLE = {
    "creationTime": "2026-11-01T00:00:00.000000",
    "prefixes": [{"ipv4Prefix": "192.0.2.0/25"}, {"ipv4Prefix": "192.0.2.128/25"}, {"ipv6Prefix": "2001:db8::/40"}],
}


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), "utf-8")
    return path


@pytest.mark.parametrize(
    ("ip", "name", "expected"),
    [
        ("192.0.2.0", "Googlebot", True),
        ("192.0.2.255", "googlebot", True),
        ("192.0.3.0", "Googlebot", False),
        ("2001:db8:ff:ffff::1", "Googlebot", True),
        ("2001:db9::1", "Googlebot", False),
        ("198.51.100.7", "bingbot", True),
        ("192.0.2.1", "bingbot", False),
        ("192.0.2.1", "GPTBot", False),
        ("unknown", "Googlebot", False),
    ],
)
def test_only_an_address_of_the_crawler_s_own_ranges_is_verified(
    tmp_path: Path, ip: str, name: str, expected: bool
) -> None:
    ranges = load_ranges(write(tmp_path / "crawlers.json", {"Googlebot": GOOGLE, "bingbot": ["198.51.100.0/24"]}))
    assert ranges.is_verified(ip, name) is expected


def test_a_folder_of_published_files_is_read_by_file_name(tmp_path: Path) -> None:
    write(tmp_path / "Googlebot.json", GOOGLE)
    ranges = load_ranges(tmp_path)
    assert (ranges.knows("googlebot"), ranges.knows("bingbot")) == (True, False)


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"Googlebot": ["192.0.2.0/99"]}', '{"Googlebot": {"prefixes": ["x"]}}']
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "crawlers.json"
    path.write_text(content, "utf-8")
    with pytest.raises(RangesError, match=r"crawlers\.json must"):
        load_ranges(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RangesError, match=r"absent\.json must be readable JSON"):
        load_ranges(tmp_path / "absent.json")
