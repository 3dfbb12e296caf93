"""How soon the dashboard answers: its first byte, and in a real browser from a click to the new figures.

python -m benchmarks dashboard --url sqlite:////somewhere/site.sqlite3

The store is one that `generate_visits` filled and `roll_up` added up; a login session is added to it and taken away.
Needs Playwright (requirements-e2e.txt) and Chromium. Each click is measured from the event until the browser has drawn
the new figures: the tiles with their chart, then the last panel.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any, Final

from benchmarks.parts.figures import load, verdict
from tests.servers import free_port, is_listening, wait_until

FIRST_BYTE_MS: Final = 100
UPDATE_MS: Final = 200
ADDRESSES: Final = ("?period=30d", "?period=7d", "?period=month", "?period=today")
# Resolves with the milliseconds until the tiles changed, and until nothing changed for half a second.
CLICK: Final = """
href => new Promise(resolve => {
  const panel = document.querySelector('[data-panel=traffic]');
  let figures = 0, last = 0, wait = 0;
  const started = performance.now();
  const seen = records => requestAnimationFrame(() => {
    last = performance.now() - started;
    if (!figures && records.some(record => panel.contains(record.target))) figures = last;
    clearTimeout(wait);
    if (figures) wait = setTimeout(() => { watch.disconnect(); resolve([figures, last]); }, 500);
  });
  const watch = new MutationObserver(seen);
  watch.observe(document.body, {subtree: true, childList: true});
  const link = document.createElement('a');
  link.href = href;
  document.body.append(link);
  link.click();
})
"""


def main(arguments: Sequence[str]) -> int:
    options = read_options(arguments)
    os.environ |= {"DATABASE_URL": options.url, "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VISITORS_JOURNAL_DIR"] = folder
        with logged_in() as key, served() as port:
            first = [first_byte_ms(port, key, address) for _ in range(options.rounds) for address in ADDRESSES]
            figures, whole = clicks(port, key, rounds=options.rounds)
    print(f"{options.rounds} rounds of {len(ADDRESSES)} periods, medians (smallest .. largest); {load()}")
    _tell("first byte", first, most=FIRST_BYTE_MS)
    _tell("click to new figures", figures, most=UPDATE_MS)
    print(f"click to the last panel: {_spread(whole)}")
    return 0


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks dashboard",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", required=True, help="database URL of the store")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args(arguments)


@contextmanager
def logged_in() -> Iterator[str]:
    """A session key of an owner that exists for as long."""
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.test import Client

    User.objects.filter(username="benchmark").delete()
    owner = User.objects.create_superuser("benchmark")
    client = Client()
    client.force_login(owner)
    try:
        yield client.cookies["sessionid"].value
    finally:
        owner.delete()


@contextmanager
def served() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    server = subprocess.Popen([*command, "--log-level", "error"])
    try:
        wait_until(lambda: is_listening(port), what="the site listens")
        yield port
    finally:
        server.terminate()
        server.wait()


def first_byte_ms(port: int, key: str, address: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    started = time.perf_counter()
    connection.request("GET", f"/dashboard/{address}", headers={"Cookie": f"sessionid={key}"})
    answer = connection.getresponse()
    answer.read(1)
    taken = 1000 * (time.perf_counter() - started)
    if answer.status != 200:
        raise RuntimeError(f"the dashboard answered {answer.status}")
    connection.close()
    return taken


def clicks(port: int, key: str, *, rounds: int) -> tuple[list[float], list[float]]:
    from playwright.sync_api import sync_playwright

    base = f"http://127.0.0.1:{port}"
    with sync_playwright() as driver:
        chromium: Any = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": key, "url": base}])
        page = context.new_page()
        page.goto(f"{base}/dashboard/?period=today", wait_until="networkidle")
        taken = [page.evaluate(CLICK, address) for _ in range(rounds) for address in ADDRESSES]
        chromium.close()
    return [figures for figures, _ in taken], [whole for _, whole in taken]


def _tell(what: str, figures: Sequence[float], *, most: int) -> None:
    verdict(f"{what} <= {most} ms", figure=_spread(figures), is_reached=median(figures) <= most)


def _spread(figures: Sequence[float]) -> str:
    return f"{median(figures):.0f} ms ({min(figures):.0f} .. {max(figures):.0f})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
