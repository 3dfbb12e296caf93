"""Each class of answer carries each protecting header, errors and redirects included, as in production."""

from __future__ import annotations

import re
from http.cookies import Morsel
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient, Client

from config.headers import DATA_POLICY, PAGE_POLICY, PDF_POLICY, policy_for
from tests.visitors.builders import a_session
from visitors import sharing
from visitors.applications.desk import add_application

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("production", "site")]

# What a stranger asks for, the status that comes, and the policy it carries.
STRANGERS = [
    ("/", 200, PAGE_POLICY),
    ("/projects/", 200, PAGE_POLICY),
    ("/contact/", 200, PAGE_POLICY),
    ("/chat/", 200, PAGE_POLICY),
    ("/job-analysis/", 200, PAGE_POLICY),
    ("/privacy/", 200, PAGE_POLICY),
    ("/resume/download/", 200, PDF_POLICY),
    ("/robots.txt", 200, DATA_POLICY),
    ("/sitemap.xml", 200, DATA_POLICY),
    ("/favicon.ico", 302, PAGE_POLICY),
    ("/no/such/page/", 404, PAGE_POLICY),
    ("/about", 301, PAGE_POLICY),
    ("/api/projects/", 200, DATA_POLICY),
    ("/api/nothing/", 404, DATA_POLICY),
    ("/api/visitors/analytics/sessions/", 401, DATA_POLICY),
    ("/api/docs/", 200, PAGE_POLICY),
    ("/api/schema/?format=json", 200, DATA_POLICY),
    ("/healthz", 200, DATA_POLICY),
    ("/admin/", 302, PAGE_POLICY),
    ("/admin/login/", 200, PAGE_POLICY),
    ("/r/nobody-gave-this-out/", 404, PAGE_POLICY),
    ("/dashboard/", 302, None),
]  # fmt: skip
OWNERS = [
    ("/dashboard/", 200, None),
    ("/dashboard/panel/pages/", 200, None),
    ("/dashboard/export/pages.csv", 200, None),
    ("/admin/", 200, PAGE_POLICY),
    ("/admin/visitors/visitorsession/", 200, PAGE_POLICY),
    ("/admin/visitors/nothing/", 404, PAGE_POLICY),
    ("/api/visitors/analytics/sessions/", 200, DATA_POLICY),
    ("/api/visitors/analytics/sessions/?days=0", 400, DATA_POLICY),
    ("/api/projects/", 200, DATA_POLICY),
    ("/", 200, PAGE_POLICY),
    ("/no/such/page/", 404, PAGE_POLICY),
]
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Frame-Options": "DENY",
}
FEATURES = {"camera", "microphone", "geolocation", "payment", "usb"}
SET_COOKIE = re.compile(r"^__Host-[a-z0-9_]+$")


def refused_sources(policy: str) -> list[str]:
    """What a strict policy never allows."""
    weak = ("'unsafe-eval'", "http:", "https:", "*", "'unsafe-hashes'", "'strict-dynamic'")
    scripts = next((part for part in policy.split("; ") if part.startswith("script-src")), "")
    return [word for word in weak if word in policy.split()] + (["script"] if "'unsafe-inline'" in scripts else [])


def assert_headers(answer: Any, policy: str | None) -> None:
    given = answer["Content-Security-Policy"]
    assert given.startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in given
    assert "base-uri 'none'" in given
    assert refused_sources(given) == []
    assert policy in (None, given)
    assert {name: answer.get(name) for name in FIXED} == FIXED
    assert answer["Referrer-Policy"] in {"strict-origin-when-cross-origin", "same-origin"}
    assert {part.strip().removesuffix("=()") for part in answer["Permissions-Policy"].split(",")} >= FEATURES
    assert "Server" not in answer
    assert "X-Powered-By" not in answer
    answer.close()


@pytest.mark.parametrize(("path", "status", "policy"), STRANGERS)
def test_a_stranger_s_answer_is_protected(stranger: Client, path: str, status: int, policy: str | None) -> None:
    answer = stranger.get(path, secure=True)
    assert answer.status_code == status
    assert_headers(answer, policy)


@pytest.mark.parametrize(("path", "status", "policy"), OWNERS)
def test_an_owner_s_answer_is_protected_and_never_kept(
    owner: Client, path: str, status: int, policy: str | None
) -> None:
    a_session(pages=("/",))
    answer = owner.get(path, secure=True)
    assert answer.status_code == status
    assert_headers(answer, policy)
    assert "no-store" in answer["Cache-Control"]
    assert "public" not in answer["Cache-Control"]


def test_an_answer_to_a_token_is_never_kept(stranger: Client) -> None:
    answer = stranger.get("/api/projects/", secure=True, headers={"authorization": "Token unknown"})
    assert answer["Cache-Control"] == "no-store"


def test_a_fault_of_ours_is_protected_and_says_nothing(stranger: Client, monkeypatch: Any) -> None:
    def fail() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("portfolio.views.load_profile", fail)
    answer = stranger.get("/", secure=True)
    assert answer.status_code == 500
    assert b"secret detail" not in answer.content
    assert b"Traceback" not in answer.content
    assert_headers(answer, PAGE_POLICY)


def test_a_forged_form_is_refused_under_the_same_headers(site: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/contact/", {}, secure=True)
    assert answer.status_code == 403
    assert_headers(answer, PAGE_POLICY)


def test_a_foreign_host_name_is_refused_under_a_policy(stranger: Client) -> None:
    answer = stranger.get("/", secure=True, headers={"host": "evil.test"})
    assert answer.status_code == 400
    assert answer["Content-Security-Policy"] == PAGE_POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_plain_http_is_sent_to_tls_before_anything_is_said(stranger: Client) -> None:
    answer = stranger.get("/contact/?token=abc")
    assert (answer.status_code, answer.url) == (301, "https://testserver/contact/?token=abc")
    assert answer["Content-Security-Policy"] == PAGE_POLICY
    assert not answer.cookies


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_load_balancer_asks_without_tls(stranger: Client, path: str) -> None:
    assert stranger.get(path).status_code == 200


def test_a_static_file_stays_in_the_cache_of_an_owner_too(owner: Client) -> None:
    answer = owner.get("/static/portfolio/site.css", secure=True)
    assert answer.status_code == 200
    assert "no-store" not in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == DATA_POLICY
    answer.close()


@pytest.mark.parametrize(
    "path", ["/", "/about/", "/projects/", "/resume/", "/api/docs/", "/api/schema/", "/api/projects/",
             "/robots.txt", "/no/such/page/", "/healthz"],
)  # fmt: skip
def test_reading_sets_no_cookie(stranger: Client, path: str) -> None:
    assert not stranger.get(path, secure=True).cookies


def assert_strict(cookie: Morsel[str]) -> None:
    assert SET_COOKIE.match(cookie.key), cookie.key
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_every_cookie_of_production_is_of_this_host_alone(stranger: Client, owner: Client) -> None:
    login = stranger.get("/admin/login/", secure=True)
    talk = stranger.post("/api/chat/", {"question": "Where are you?"}, content_type="application/json", secure=True)
    device = owner.get("/", secure=True)
    cookies = [*login.cookies.values(), *talk.cookies.values(), *device.cookies.values(), *owner.cookies.values()]
    for cookie in cookies:
        if cookie.key in owner.cookies and cookie.key == "__Host-sessionid":
            continue  # the test's client logged in without an answer; the login itself is tested below
        assert_strict(cookie)
    assert {cookie.key for cookie in cookies} == {
        "__Host-csrftoken",
        "__Host-conversation",
        "__Host-va_owner",
        "__Host-sessionid",
    }
    assert login["Cache-Control"] == talk["Cache-Control"] == device["Cache-Control"] == "no-store"


def test_the_pass_of_a_shared_link_is_a_strict_cookie(stranger: Client) -> None:
    link, secret = sharing.share("Ada", password="correct horse")
    answer = stranger.post(f"/dashboard/shared/{secret}/", {"password": "correct horse"}, secure=True)
    assert answer.status_code == 302
    assert_strict(answer.cookies[f"__Host-visitors_shared_{link.pk}"])
    assert stranger.get(answer.url, secure=True).status_code == 200


def test_the_login_sets_a_strict_session_cookie_and_the_logout_takes_it_back(stranger: Client, owner: Client) -> None:
    User.objects.create_superuser("chief", password="long enough to pass")
    answer = stranger.post(
        "/admin/login/?next=/dashboard/", {"username": "chief", "password": "long enough to pass"}, secure=True
    )
    assert answer.status_code == 302
    for cookie in answer.cookies.values():
        assert_strict(cookie)
    assert "__Host-sessionid" in answer.cookies
    gone = stranger.post("/admin/logout/", secure=True)
    assert gone.cookies["__Host-sessionid"]["max-age"] == 0


def test_an_owner_finds_the_conversation_again_under_its_strict_name(stranger: Client) -> None:
    ask = {"question": "Where are you?"}
    first = stranger.post("/api/chat/", ask, content_type="application/json", secure=True)
    assert first.status_code == 200
    assert "Where are you?" in stranger.get("/chat/", secure=True).content.decode()


def test_the_docs_give_a_token_to_staff_alone(stranger: Client, owner: Client) -> None:
    assert b'data-token=""' in stranger.get("/api/docs/", secure=True).content
    assert re.search(rb'data-token="\w{64}"', owner.get("/api/docs/", secure=True).content)


@pytest.mark.parametrize(
    ("content_type", "policy"),
    [
        ("text/html; charset=utf-8", PAGE_POLICY),
        ("TEXT/HTML", PAGE_POLICY),
        ("application/xhtml+xml", PAGE_POLICY),
        ("", PAGE_POLICY),
        ("application/json", DATA_POLICY),
        ("image/svg+xml", DATA_POLICY),
        ("text/csv; charset=utf-8", DATA_POLICY),
        ("application/pdf", PDF_POLICY),
    ],
)
def test_a_policy_goes_by_what_is_sent(content_type: str, policy: str) -> None:
    assert policy_for(content_type) == policy


def test_an_async_server_sends_the_same() -> None:
    answer = async_to_sync(AsyncClient().get)("/robots.txt", secure=True)
    assert answer.status_code == 200
    assert_headers(answer, DATA_POLICY)


def test_an_async_server_refuses_a_huge_body_under_the_same_headers() -> None:
    answer = async_to_sync(AsyncClient().post)(
        "/contact/", "", content_type="text/plain", headers={"content-length": str(10**9)}, secure=True
    )
    assert answer.status_code == 413
    assert_headers(answer, DATA_POLICY)


def test_the_redirect_of_an_application_link_is_protected(stranger: Client) -> None:
    link = add_application({"company": "Acme"})
    answer = stranger.get(f"/r/{link.slug}/", secure=True)
    assert answer.status_code == 302
    assert_headers(answer, PAGE_POLICY)
    assert answer["Cache-Control"] == "no-store"
