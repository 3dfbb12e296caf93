"""Settings that together open what each alone keeps shut are found by `manage.py check`."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.test_house import ROOT
from visitors.checks_general import check_deployment, check_site

LEVELS = {"Error", "Warning", "Info", "Critical"}


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


def messages() -> Iterator[tuple[Path, dict[str, ast.expr]]]:
    """Each message that the app's checks can make: where, and its keywords."""
    for path in (ROOT / "visitors").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LEVELS:
                yield path, {word.arg: word.value for word in node.keywords if word.arg}


def id_of(words: dict[str, ast.expr]) -> str:
    return str(ast.literal_eval(words["id"]))


def test_every_message_has_an_id_and_a_remedy() -> None:
    assert len(list(messages())) > 45
    assert [
        (path.name, ast.unparse(words["id"])) for path, words in messages() if not words.keys() >= {"id", "hint"}
    ] == []


def test_an_id_means_one_thing() -> None:
    """Two files that share an id were written by two people who did not know of each other."""
    places = defaultdict(set)
    for path, words in messages():
        places[id_of(words)].add(path.name)
    assert {identifier: files for identifier, files in places.items() if len(files) > 1} == {}


def test_every_id_is_explained_and_none_that_is_gone() -> None:
    page = (ROOT / "docs/checks.md").read_text()
    explained = re.findall(r"^\| `(visitors\.[EW]\d{3})` \| \S.* \| \S.* \|$", page, re.MULTILINE)
    assert len(explained) == len(set(explained))
    assert set(explained) == {id_of(words) for _, words in messages()}
