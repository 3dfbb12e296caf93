"""Who asks not to be recorded leaves counts and what he submits: every address is asked, every table, file and key of
Redis is compared and searched."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from django.apps import apps
from django.core.cache import caches
from django.test import Client

from portfolio.models import Conversation, JobAnalysis
from tests.visitors.applications.people import an_application
from tests.visitors.security.matrix import METHODS, all_patterns, make_site, route_of
from visitors import sharing
from visitors.conf import conf
from visitors.identity import client_of
from visitors.limits import client_key, counting
from visitors.limits.clients import CELLS
from visitors.limits.stores import REDIS_PREFIX
from visitors.models import LimitCount, SharedLink, VisitorSession
from visitors.observation import NOBODY, OPENING
from visitors.privacy.keys import erasure_key
from visitors.recording import drain
from visitors.recording.journal import FILE_PATTERN, decode

pytestmark = pytest.mark.django_db

SHARED: Final = counting._shared  # tests/conftest.py puts the memory of the process in its place
QUIET: Final = ({"DNT": "1"}, {"Sec-GPC": "1"}, {"Cookie": "va_optout=1"})
IP: Final = "203.0.113.77"
AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0 Zebrafish"
HEADERS: Final = {
    "User-Agent": AGENT,
    "Accept": "text/html,*/*;q=0.8",
    "Accept-Language": "tlh-Zebrafish",
    "Referer": "https://zebrafish.example/from",
    "Sec-CH-UA": '"Zebrafish";v="1"',
}
MARK: Final = "zebrafish"  # in each header that could be kept, and in nothing that he submits
JOB: Final = "We are hiring a senior Python engineer. Requirements: 5 years of Django, PostgreSQL and Linux. " * 3

# What a visitor submits for the site's owner to read is kept as he sent it.
CONTENT: Final = frozenset(
    {"portfolio.Conversation", "portfolio.Message", "portfolio.ContactMessage", "portfolio.JobAnalysis"}
)
COUNTS: Final = {
    "visitors.DroppedCount": {"id", "day", "reason", "count"},
    "visitors.LimitCount": {"key", "count", "expires_at"},
    "visitors.JournalPosition": {"journal", "number", "offsets", "counted", "updated_at"},
    "visitors.Salt": {"day", "secret"},  # the site's, made by the day's first request
    "visitors.Application": {"unrecorded"},
    "visitors.SharedLink": {"opened_count"},
}
# Who erases asks for a record that keeps what is erased from coming back.
ERASING: Final = frozenset({("DELETE", "/api/visitors/me/")})

Rows = dict[str, dict[Any, dict[str, Any]]]


@pytest.fixture(params=["database", "redis"])
def store(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where limits are counted on a real site. Observations wait in the journal until the test has looked at it."""
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        settings.CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url}}
        caches["default"].clear()
    monkeypatch.setattr(counting, "_shared", SHARED)
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    return str(request.param)


def a_visitor(headers: dict[str, str]) -> Client:
    return Client(headers=HEADERS | headers, REMOTE_ADDR=IP)


def submits(client: Client, *, link: str, secret: str) -> list[int]:
    """Everything that a visitor can do here, as far as it succeeds or is refused for a secret that he has not."""
    page = "http://testserver/about/"
    ping = json.dumps({"n": "engagement", "u": page, "e": 20_000, "sd": 70, "tz": "Zebrafish/Tank"})
    view = json.dumps({"n": "pageview", "u": page, "d": "testserver", "r": "https://zebrafish.example/"})
    words = {"name": "Ann", "email": "ann@example.com", "message": "What is your notice period?"}
    said = [
        client.get(f"/r/{link}/"),
        client.get("/about/?utm_source=Zebrafish"),
        client.get("/resume/download/"),
        client.post("/api/visitors/events/", ping, content_type="text/plain"),
        client.post("/api/event", view, content_type="text/plain"),
        client.post("/api/chat/", {"question": "Are you available?"}, content_type="application/json"),
        client.post("/chat/", {"question": "Are you available?"}),
        client.post("/api/job-analysis/", {"job_requirements": JOB}, content_type="application/json"),
        client.post("/job-analysis/", {"job_requirements": JOB}),
        client.post("/api/contact/", words, content_type="application/json"),
        client.post("/contact/", words),
        client.post("/admin/login/", {"username": "owner", "password": "a guess"}),
        client.get("/api/visitors/session/current/"),
        client.get("/api/visitors/me/"),
        client.post("/privacy/", {"choice": "opt-out"}),
        client.post("/api/visitors/opt-out/"),
        client.post(f"/dashboard/shared/{secret}/", {"password": "a guess"}),
        client.get("/no/such/page/"),
        client.get("/r/no-such-link/"),
    ]
    return [answer.status_code for answer in said]


EXPECTED: Final = [302, 200, 200, 202, 202, 200, 302, 200, 200, 201, 302, 200, 200, 200, 302, 200, 403, 404, 404]


def asks_everything(client: Client, names: dict[str, str]) -> None:
    """Every address by every method."""
    for pattern in all_patterns():
        for method in METHODS:
            if (method, pattern) not in ERASING:
                path = route_of(pattern, names).path
                content_type = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
                answer = client.generic(method, path, "{}" if method == "POST" else "", content_type=content_type)
                if answer.streaming:
                    b"".join(answer)


def rows() -> Rows:
    found: Rows = {}
    for model in apps.get_models():
        if not model._meta.proxy and model._meta.managed:
            key = model._meta.pk.attname
            found[model._meta.label] = {row[key]: row for row in model._default_manager.values()}
    return found


def differing(before: Rows, after: Rows) -> dict[str, set[str]]:
    """Fields in which rows of a table differ; of rows that came or went all of them."""
    told: dict[str, set[str]] = {}
    for label, known in after.items():
        for key in known.keys() | before[label].keys():
            one, other = before[label].get(key, {}), known.get(key, {})
            changed = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
            if changed:
                told.setdefault(label, set()).update(changed)
    return told


def names_of_him() -> list[str]:
    """All that stands for this client, as text: what he sends, and every key made of it."""
    meta = {"REMOTE_ADDR": IP, "HTTP_USER_AGENT": AGENT}
    who, key = client_of(meta), client_key(meta)
    limits = [counting._key(name, key, rule) for name, rules in conf.LIMITS.items() for rule in rules]
    return [MARK, IP, str(who.visitor_id), f"{who.visitor_id:x}", erasure_key(who.visitor_id), key, *limits]


def everywhere(store: str, kept: Rows) -> str:
    """Every byte that is kept, in lower case."""
    files = b"".join(path.read_bytes() for path in conf.JOURNAL_DIR.rglob("*") if path.is_file())
    texts = [str(kept), files.decode("latin-1"), *(str(path) for path in conf.JOURNAL_DIR.rglob("*"))]
    if store == "redis":
        texts += [f"{key!r} {dumped!r}" for key, dumped in redis_keys().items()]
    return "".join(texts).lower()


def redis_keys() -> dict[str, Any]:
    from django_redis import get_redis_connection

    connection = get_redis_connection("default")
    return {key.decode(): connection.dump(key) for key in connection.keys("*")}


def counted_keys(store: str) -> set[str]:
    if store == "redis":
        return {key.removeprefix(REDIS_PREFIX) for key in redis_keys() if key.startswith(REDIS_PREFIX)}
    return set(LimitCount.objects.values_list("key", flat=True))


def cells(link: SharedLink) -> set[str]:
    """The keys that there can be, whoever comes."""
    pairs = [(name, rule) for name, rules in conf.LIMITS.items() for rule in rules]
    shared = {counting._key(name, f"cell {cell}", rule) for name, rule in pairs for cell in range(CELLS)}
    at_link = {counting._key(name, f"{link.pk} cell {cell}", rule) for name, rule in pairs for cell in range(CELLS)}
    return shared | at_link | {counting._key(name, str(link.pk), rule) for name, rule in pairs}


@pytest.mark.parametrize("headers", QUIET, ids=lambda headers: next(iter(headers)))
def test_who_asks_not_to_be_recorded_leaves_counts_and_what_he_submits(
    store: str, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    names, link = make_site(), an_application().slug
    shared, secret = sharing.share("For Ann", password="a long password")
    before = rows()
    assert submits(a_visitor(headers), link=link, secret=secret) == EXPECTED
    asks_everything(a_visitor(headers), names | {"secret": secret})

    lines = [line for path in conf.JOURNAL_DIR.glob(FILE_PATTERN) for line in path.read_bytes().split(b"\n") if line]
    told = [decode(line.rstrip(b"\0")) for line in lines if line.strip(b"\0")]
    assert {(seen.kind, seen.visitor_id, seen.application) for seen in told} == {(OPENING, NOBODY, link)}
    drain()
    after = rows()
    changed = differing(before, after)
    assert {label: fields - COUNTS.get(label, set()) for label, fields in changed.items() if label not in CONTENT} == {
        label: set() for label in changed if label not in CONTENT
    }
    assert {*Conversation.objects.values_list("erasure_key", flat=True)} == {""}
    assert {*JobAnalysis.objects.values_list("erasure_key", flat=True)} == {""}
    assert set() < counted_keys(store) <= cells(shared)
    kept = everywhere(store, after)
    assert [name for name in names_of_him() if name.lower() in kept] == []
    assert MARK not in caplog.text.lower()
    assert IP not in caplog.text


def test_of_everybody_else_the_same_search_finds_him(store: str) -> None:
    """So that finding nothing means something."""
    make_site()
    shared, secret = sharing.share("For Ann", password="a long password")
    before = rows()
    assert submits(a_visitor({}), link=an_application().slug, secret=secret) == EXPECTED
    kept = everywhere(store, rows())
    found = [name for name in names_of_him() if name.lower() in kept]
    assert {MARK, str(client_of({"REMOTE_ADDR": IP, "HTTP_USER_AGENT": AGENT}).visitor_id)} <= set(found)
    assert len(found) > 5
    drain()
    assert {"visitors.VisitorSession", "visitors.ApplicationHit"} <= differing(before, rows()).keys()
    assert VisitorSession.objects.filter(application__gt="").exists()
    assert shared.opened_count == 0
