"""A site of its own for the canary: 500 requests with planted data, drained, shown to the owner, then erased.

Run as a script: folder, planted values as JSON, user agent. It tells the visitors' ids on a line and waits for one, so
that the caller can read all files while this process runs; then it erases them and waits again.
"""

from __future__ import annotations

import json
import logging
import os
import pickle
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from portfolio.seed import seed_site  # noqa: E402
from visitors.identity import now_ms  # noqa: E402
from visitors.models import PageView, VisitorInteraction, VisitorSession  # noqa: E402
from visitors.observation import Observation  # noqa: E402
from visitors.privacy.error_reports import PrivateFormatter  # noqa: E402
from visitors.recording import drain, next_id, record  # noqa: E402

REQUESTS = 500
PATHS = (
    "/", "/about/", "/projects/", "/resume/", "/no/such/page/", "/privacy/", "/contact/",
    "/api/visitors/session/current/",
)  # fmt: skip
# A machine's user agent is kept as evidence; this one is a person's.
BROWSER = {
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "accept-language": "en-GB,en;q=0.7",
    "accept-encoding": "identity",
}
DESK = (
    "/dashboard/", "/admin/visitors/visitorsession/", "/admin/visitors/pageview/",
    "/admin/visitors/visitorinteraction/", "/admin/visitors/upkeep/", "/api/visitors/analytics/sessions/",
    "/api/visitors/analytics/popular-pages/", "/api/visitors/bots/", "/api/visitors/recruiters/",
    "/api/visitors/sessions/", "/api/visitors/export/sessions/", "/api/visitors/export/page-views/",
    "/api/visitors/export/interactions/", "/api/visitors/me/",
)  # fmt: skip


def main(folder: Path, planted: dict[str, str], agent: str) -> None:
    prepare(folder)
    for number in range(REQUESTS):
        visit(number, planted, agent)
    # What no database takes.
    at_ms = now_ms()
    poison = Observation(id=next_id(at_ms), at_ms=at_ms, day="2026-11-22", visitor_id=2**70, user_agent=agent)
    record(poison)
    time.sleep(0.05)  # what is written while a drain begins waits for the next one
    drain()
    # As after some minutes without a visitor: this process still holds its journal open.
    for path in Path(settings.VISITORS["JOURNAL_DIR"]).glob("*.journal"):
        os.utime(path, (0, 0))
    drain()
    show(folder / "pages")
    if hasattr(cache, "_cache"):  # of this process, as it lies in its memory
        (folder / "cache.dump").write_bytes(pickle.dumps(dict(cache._cache)))
    logging.shutdown()
    known = [str(each) for each in VisitorSession.objects.values_list("visitor_id", flat=True).distinct()]
    tell(known)
    sys.stdin.readline()
    with Path(os.devnull).open("w") as nowhere:
        call_command("erase_visitor", *known, vacuum=True, stdout=nowhere)
    tell([VisitorSession.objects.count(), PageView.objects.count()])
    sys.stdin.readline()


def tell(answer: list[Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def prepare(folder: Path) -> None:
    setup_test_environment()
    settings.DEBUG = False
    settings.VISITORS = settings.VISITORS | {"TRUSTED_PROXIES": ["127.0.0.1"]}
    handler = logging.FileHandler(folder / "captured.log")
    handler.setFormatter(PrivateFormatter("%(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    call_command("migrate", verbosity=0)
    seed_site()


def visit(number: int, planted: dict[str, str], agent: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["tracking"] = planted["cookie"]
    client.cookies["sessionid"] = planted["session cookie"]
    token, email = planted["token"], planted["e-mail"]
    headers = {
        "user-agent": agent,
        **BROWSER,
        "x-forwarded-for": planted["address"] if number % 2 else planted["address in IPv6"],
        "referer": f"https://news.example/?q={planted['search']}&mail={email}",
    } | ({"authorization": f"Token {token}"} if number % 50 == 7 else {})
    twice = email.replace("@", "%2540")
    campaign = f"utm_source={email}" if number % 2 else f"ref=https://a.example/%3Ftoken%3D{token}"
    query = f"?token={token}&email={email}&{campaign}&utm_term={twice}&page={number}"
    if number % 25 == 3:
        event = {"n": "engagement", "u": f"http://testserver/about/{query}", "e": 4000, "sd": 50}
        client.post("/api/visitors/events/", json.dumps(event), content_type="text/plain", headers=headers)
    elif number % 100 == 9:
        client.post("/chat/", {"question": f"When could you start? {planted['typed']}"}, headers=headers)
    elif number % 100 == 34:
        client.post("/api/chat/", "{" + planted["typed"], content_type="application/json", headers=headers)
    else:
        client.get(PATHS[number % len(PATHS)] + query, headers=headers)


def show(pages: Path) -> None:
    """Everything that the owner can look at or take away, as files."""
    assert PageView.objects.count() > 100, PageView.objects.count()
    pages.mkdir()
    desk = Client(raise_request_exception=False)
    desk.force_login(User.objects.create_superuser("owner", password="x"))
    shown = 0
    for number, path in enumerate(DESK):
        answer = desk.get(path)
        shown += answer.status_code == 200
        (pages / f"{number}").write_bytes(body_of(answer))
    assert shown >= len(DESK) - 1, shown
    for model in (VisitorSession, PageView, VisitorInteraction):
        chosen = list(model.objects.values_list("pk", flat=True)[:200])
        address = f"/admin/visitors/{model._meta.model_name}/"
        exported = body_of(desk.post(address, {"action": "export_csv", "_selected_action": chosen}))
        assert len(exported.splitlines()) == len(chosen) + 1
        (pages / f"{model._meta.model_name}.csv").write_bytes(exported)
    longest = VisitorSession.objects.order_by("-page_views_count")[0]
    timeline = desk.get(f"/admin/visitors/visitorsession/{longest.pk}/timeline/")
    assert timeline.status_code == 200
    (pages / "timeline").write_bytes(timeline.content)


def body_of(answer: HttpResponse) -> bytes:
    content: Any = answer.streaming_content if answer.streaming else [answer.content]
    return b"".join(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3])
