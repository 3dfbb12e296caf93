"""Every setting has a property, a parser where it needs one, a check and a heading in the docs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks

from visitors.conf import KEYS, PARSERS, conf

ROOT = Path(__file__).parents[2]


def test_every_setting_has_a_heading_in_the_docs() -> None:
    headings = set(re.findall(r"^### `([A-Z_]+)`", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))
    assert headings == KEYS


def test_parsers_belong_to_settings() -> None:
    assert set(PARSERS) <= KEYS


def test_a_setting_is_read_when_called(settings: Any) -> None:
    settings.VISITORS = {**settings.VISITORS, "RECRUITER_THRESHOLD": 70}
    assert conf.RECRUITER_THRESHOLD == 70
    settings.VISITORS = {**settings.VISITORS, "RECRUITER_THRESHOLD": 60}
    assert conf.RECRUITER_THRESHOLD == 60


@pytest.mark.parametrize(
    ("given", "identifier"),
    [
        ({"RECORDNG": "immediate"}, "visitors.E002"),
        ({"RECORDING": "later"}, "visitors.E003"),
        ({"TRUSTED_PROXIES": ["10.0.0.0/99"]}, "visitors.E004"),
        ({"NETWORK_KINDS": {"nowhere": "isp"}}, "visitors.E004"),
        ({"JOURNAL_MAX_BYTES": 0}, "visitors.E005"),
        ({"DRAIN_SECONDS": -1}, "visitors.E005"),
        ({"RECRUITER_THRESHOLD": 101}, "visitors.E006"),
    ],
)
def test_an_unusable_setting_is_found_by_the_system_check(
    settings: Any, given: dict[str, Any], identifier: str
) -> None:
    settings.VISITORS = {**settings.VISITORS, **given}
    assert identifier in {message.id for message in run_checks(tags=["visitors"])}


def test_a_site_without_the_middleware_is_warned(settings: Any) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "visitors" not in name]
    assert [message.id for message in run_checks(tags=["visitors"])] == ["visitors.W001"]


def test_the_installed_settings_pass_the_check() -> None:
    assert run_checks(tags=["visitors"]) == []
