"""Clients made for Plausible as they come from their registries, against a live server of this site."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from portfolio.seed import seed_site
from tests.e2e.conftest import browser, chromium_path  # noqa: F401  (fixtures)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MODULES = HERE / "node_modules"
PYTHON = ROOT / ".venv-clients" / "bin" / "python"


def missing(what: str) -> None:
    """Skip with a word; where the clients are promised, their absence is a failure."""
    if os.environ.get("REQUIRE_CLIENTS"):
        pytest.fail(f"REQUIRE_CLIENTS is set, but {what}.")
    pytest.skip(f"{what}: make clients installs them")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.clients)


@pytest.fixture(scope="session")
def npm() -> Path:
    if not (MODULES / "plausible-client").exists():
        missing("the packages of npm are not installed")
    return MODULES


@pytest.fixture(scope="session")
def python() -> Path:
    """The interpreter of the clients from PyPI, which bring other versions than the site has."""
    if not PYTHON.exists():
        missing("the packages of PyPI are not installed")
    return PYTHON


class FrontEnd(SimpleHTTPRequestHandler):
    """Another front end: `/` and pages changed by script are files of `pages/`; modules are found without `.js`."""

    def translate_path(self, path: str) -> str:
        name = path.partition("?")[0].lstrip("/")
        found = HERE / name if name.startswith("node_modules/") else HERE / "pages" / (name or "index.html")
        return str(found if found.exists() else found.with_name(f"{found.name}.js"))

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def front_end(npm: Path) -> Iterator[str]:
    """Its origin, which is not the site's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(FrontEnd, directory=str(HERE)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The origin of a site that stores what its clients report when it is asked to."""
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    seed_site()
    return str(live_server.url)
