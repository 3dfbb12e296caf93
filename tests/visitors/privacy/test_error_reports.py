"""An error is reported with what the code did, and without what the visitor brought."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from django.utils.log import AdminEmailHandler
from django.views.debug import get_exception_reporter_class

from visitors.privacy.error_reports import PrivateFormatter, scrub

IP = "203.0.113.77"
V6 = "2001:db8::7:1"
AGENT = "PlantedAgent/7.7 (canary)"
COOKIE = "planted-session-value"
TOKEN = "planted-token-value"
EMAIL = "jane.planted@example.org"
TYPED = "planted words that I typed"
PLANTED = (IP, V6, AGENT, COOKIE, TOKEN, EMAIL, TYPED)


def failing(request: HttpRequest) -> HttpResponse:
    address, typed = request.META["REMOTE_ADDR"], request.POST.get("message")  # seen by the report
    text = f"broken for {address} {typed} {request.COOKIES} {request.META['HTTP_USER_AGENT']} at {request!r}"
    raise ValueError(text)


urlpatterns = [path("broken/", failing)]


@pytest.fixture
def broken(settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    settings.ADMINS = [("Owner", "owner@site.test")] if not hasattr(settings, "MAILERS") else ["owner@site.test"]
    client = Client(raise_request_exception=False, headers={"user-agent": AGENT}, REMOTE_ADDR=IP)
    client.cookies["sessionid"] = COOKIE
    client.cookies["other"] = COOKIE
    return client


def ask(client: Client) -> HttpResponse:
    address = f"/broken/?token={TOKEN}&email={EMAIL}"
    return client.post(
        address, {"message": TYPED}, headers={"x-forwarded-for": V6, "referer": f"https://a.test/?{TOKEN}"}
    )


def test_a_mail_about_an_error_tells_the_code_and_nothing_of_the_visitor(broken: Client) -> None:
    logger, handler = logging.getLogger("django.request"), AdminEmailHandler(include_html=True)
    logger.addHandler(handler)
    try:
        assert ask(broken).status_code == 500
    finally:
        logger.removeHandler(handler)
    for sent in mail.outbox:
        for text in (sent.subject, sent.body, *(html for html, _ in sent.alternatives)):
            assert not [planted for planted in PLANTED if planted in text]
    sent = next(sent for sent in mail.outbox if sent.alternatives)
    assert "ValueError" in sent.body
    assert "in failing" in sent.body
    assert "/broken/" in sent.subject


def test_a_log_line_about_an_error_tells_the_code_and_nothing_of_the_visitor(
    broken: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(PrivateFormatter("%(levelname)s %(message)s"))
    assert ask(broken).status_code == 500
    assert "in failing" in caplog.text
    assert "ValueError: broken for ***" in caplog.text
    assert not [planted for planted in PLANTED if planted in caplog.text]


def test_a_developer_sees_everything(settings: Any) -> None:
    settings.DEBUG = True
    request = RequestFactory().get("/broken/", {"token": TOKEN})
    try:
        failing_text = f"broken by {TOKEN}"
        raise ValueError(failing_text)
    except ValueError:
        report = get_exception_reporter_class(request)(request, *sys.exc_info()).get_traceback_text()
    assert TOKEN in report


def test_the_sites_own_log_uses_the_formatter(settings: Any) -> None:
    assert settings.LOGGING["formatters"]["line"]["()"] == "visitors.privacy.error_reports.PrivateFormatter"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("from 203.0.113.7 at 12:30:45", "from *** at 12:30:45"),
        ("from [2001:db8::1]:443 or ::1", "from [***]:443 or ***"),
        ("from 2001:db8::1: refused", "from ***: refused"),
        ("GET /a/?token=abc&x=1 HTTP/1.1", "GET /a/?*** HTTP/1.1"),
        ("GET /a/?a+b=1&token=abc HTTP/1.1", "GET /a/?*** HTTP/1.1"),
        ("GET /u/jane%40example.org/", "GET /u/***/"),
        ("DETAIL: Key (email)=(jane@example.org) exists.", "DETAIL: Key (email)=(***) exists."),
        ("items[1:2] x::y Django 5.2.1 f(x)?", "items[1:2] x::y Django 5.2.1 f(x)?"),
        ("", ""),
    ],
)
def test_what_is_masked_and_what_stays(text: str, left: str) -> None:
    assert scrub(text) == left


def test_masking_a_long_hostile_text_is_quick(benchmark_ms: Any) -> None:
    for hostile in ("a" * 50_000 + "@", "1." * 30_000, "?a" * 30_000 + "=", ":" * 60_000, "a.b@" * 15_000):
        assert benchmark_ms(lambda text=hostile: scrub(text)) < 500
