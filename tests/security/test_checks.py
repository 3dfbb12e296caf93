"""Settings that together open what each alone keeps shut are found by `manage.py check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from visitors.checks_general import check_deployment, check_site


def ids() -> list[str | None]:
    return [message.id for message in [*check_site(), *check_deployment()]]


def test_the_site_as_production_sets_it_is_clean(production: Any) -> None:
    assert ids() == []


def test_a_debugging_site_with_a_public_name_is_found(production: Any) -> None:
    production.DEBUG, production.ALLOWED_HOSTS = True, ["localhost", "example.com"]
    assert ids() == ["visitors.W080"]


@pytest.mark.parametrize("name", ["STATIC_ROOT", "MEDIA_ROOT"])
def test_a_journal_that_is_served_is_found(production: Any, name: str, tmp_path: Path) -> None:
    setattr(production, name, tmp_path)
    production.VISITORS = production.VISITORS | {"JOURNAL_DIR": tmp_path / "media" / ".." / "journal"}
    assert ids() == ["visitors.E080"]


def test_a_journal_that_anyone_writes_is_found(production: Any, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    production.VISITORS = production.VISITORS | {"JOURNAL_DIR": folder}
    assert ids() == ["visitors.E081"]


@pytest.mark.parametrize(
    ("secret", "found"), [("k" * 60, ["visitors.E082"]), ("short", ["visitors.W082"]), ("s" * 40, [])]
)
def test_a_secret_that_is_shared_or_short_is_found(production: Any, secret: str, found: list[str]) -> None:
    production.SECRET_KEY = "k" * 60
    production.VISITORS = production.VISITORS | {"NOTICE_WEBHOOK_SECRET": secret}
    assert ids() == found


def test_cookies_that_a_sister_domain_can_plant_are_found(production: Any) -> None:
    production.SESSION_COOKIE_NAME, production.CSRF_COOKIE_NAME = "sessionid", "csrftoken"
    assert ids() == ["visitors.W083", "visitors.W083"]
