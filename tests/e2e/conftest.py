"""A real browser at a real server: Chromium with a console that is listened to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from tests.e2e.waiting import until_served

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "artefacts" / "dashboard"
AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"


def missing(what: str) -> None:
    """Skip with a word; where the browser is promised, its absence is a failure."""
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.fail(f"REQUIRE_BROWSER is set, but {what}.")
    pytest.skip(f"{what}: see requirements-e2e.txt")


def chromium_path() -> str:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        missing("Chromium is not installed")
    return str(found)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: Any) -> None:
    """A file: the server's threads and the test write at once, which a database in memory answers with "locked"."""
    default = connections["default"].settings_dict
    if default["ENGINE"].endswith("sqlite3"):
        default["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "site.sqlite3")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright is not installed")
    path = chromium_path()
    # The driver runs an event loop in this thread, which Django would take for an async view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.exists():
        missing("axe-core is not installed (npm install --no-package-lock --prefix tests/e2e)")
    return AXE.read_text(encoding="utf-8")


class Visit:
    """Opens pages as the owner and remembers what the browser complained about."""

    def __init__(self, browser: Any, base: str, session_key: str) -> None:
        self.browser, self.base, self.session_key = browser, base, session_key
        self.complaints: list[str] = []
        self.contexts: list[Any] = []

    def page(self, path: str = "/dashboard/", **options: Any) -> Any:
        context = self.browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        self.contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": self.session_key, "url": self.base}])
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)
        page.goto(self.base + path)
        return page

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")


@pytest.fixture
def visit(browser: Any, live_server: Any, settings: Any) -> Iterator[Visit]:
    settings.ROOT_URLCONF = "tests.visitors.dashboard.urls"
    client = Client()
    client.force_login(User.objects.create_user("owner", is_staff=True, is_superuser=True))
    visit = Visit(browser, live_server.url, client.cookies["sessionid"].value)
    yield visit
    for context in visit.contexts:
        context.close()
    until_served(live_server.url)
    assert visit.complaints == []
