"""The digest tells the dashboard's figures of a whole week or month, once, to the owner."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command

from tests.visitors.builders import a_session
from visitors import analytics_service as service
from visitors.digest import periods_of
from visitors.models import Upkeep
from visitors.reports.periods import Period
from visitors.reports.scope import Scope

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LAST_WEEK = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday(settings):
    settings.VISITORS = settings.VISITORS | {"DIGEST_EMAIL": ["owner@example.com"], "SITE_URL": "https://example.com"}
    with time_machine.travel(MONDAY, tick=False):
        yield


def some_visits():
    a_session(
        LAST_WEEK,
        pages=("/", "/resume/"),
        acts=("download",),
        country="DE",
        source="LinkedIn",
        converted_goals=["Résumé downloaded"],
    )
    a_session(LAST_WEEK, pages=("/",), country="US", source="Google")
    a_session(LAST_WEEK - timedelta(days=7), pages=("/",))
    a_session(MONDAY - timedelta(hours=1), pages=("/this-week/",))
    a_session(LAST_WEEK, pages=("/bots/",), is_bot=True)


def sent():
    (message,) = mail.outbox
    (html, kind) = message.alternatives[0]
    assert kind == "text/html"
    return message, message.body, html


@pytest.mark.parametrize(
    ("kind", "today", "days", "before"),
    [
        ("weekly", date(2026, 11, 23), ((2026, 11, 16), (2026, 11, 22)), ((2026, 11, 9), (2026, 11, 15))),
        ("weekly", date(2026, 11, 29), ((2026, 11, 16), (2026, 11, 22)), ((2026, 11, 9), (2026, 11, 15))),
        ("weekly", date(2026, 1, 1), ((2025, 12, 22), (2025, 12, 28)), ((2025, 12, 15), (2025, 12, 21))),
        ("monthly", date(2026, 3, 31), ((2026, 2, 1), (2026, 2, 28)), ((2026, 1, 1), (2026, 1, 31))),
        ("monthly", date(2026, 1, 1), ((2025, 12, 1), (2025, 12, 31)), ((2025, 11, 1), (2025, 11, 30))),
    ],
)
def test_the_last_period_that_is_over_is_told(kind, today, days, before):
    found = periods_of(kind, today)
    assert [(period.start, period.last_day) for period in found] == [
        tuple(date(*day) for day in each) for each in (days, before)
    ]


def test_the_figures_are_the_dashboards():
    some_visits()
    call_command("send_digest", "weekly", verbosity=0)
    message, text, html = sent()
    period = Period(date(2026, 11, 16), date(2026, 11, 23))
    totals = service.traffic(Scope(period)).now.totals
    assert (totals.visitors, totals.page_views, totals.bounce_rate) == (2, 3, 50.0)
    assert message.to == ["owner@example.com"]
    assert message.subject == "Your visitors, 16 Nov – 22 Nov 2026: 2"
    assert "Visitors: 2 (▲ +1)\nSessions: 2 (▲ +1)\nPage views: 3 (▲ +2)" in text
    assert "Bounce rate: 50.0% (▼ 50.0 pp)" in text
    assert "       1  LinkedIn, 50.0%" in text
    assert "       1  Germany, 50.0%" in text
    assert "       1  Résumé downloaded, 50.0%" in text
    assert "https://example.com/dashboard/?from=2026-11-16&to=2026-11-22" in text
    plain = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "Visitors 2 ▲ +1 Sessions 2 ▲ +1" in plain
    for absent in ("this-week", "bots/"):
        assert absent not in text + html


def test_a_period_is_sent_once(capsys):
    some_visits()
    for _ in range(2):
        call_command("send_digest", "weekly")
    assert "was sent already" in capsys.readouterr().out
    assert len(mail.outbox) == 1
    call_command("send_digest", "monthly")
    with time_machine.travel(MONDAY + timedelta(days=7), tick=False):
        call_command("send_digest", "weekly")
    assert len(mail.outbox) == 3


def test_an_address_given_by_hand_gets_it_again_and_uses_up_nothing():
    call_command("send_digest", "weekly", "--to", "me@example.com", "--to", "you@example.com")
    call_command("send_digest", "weekly")
    assert [message.to for message in mail.outbox] == [["me@example.com", "you@example.com"], ["owner@example.com"]]


def test_a_dry_run_prints_and_sends_nothing(capsys):
    some_visits()
    call_command("send_digest", "weekly", "--dry-run")
    assert capsys.readouterr().out.startswith("Subject: Your visitors, 16 Nov – 22 Nov 2026: 2\n\nYour visitors,")
    assert (mail.outbox, Upkeep.objects.count()) == ([], 0)


def test_a_mail_that_does_not_leave_is_tried_again(monkeypatch):
    def fail(self, messages):
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", fail)
        with pytest.raises(CommandError, match="did not leave: ConnectionRefusedError"):
            call_command("send_digest", "weekly")
    call_command("send_digest", "weekly")
    assert len(mail.outbox) == 1


def test_without_an_address_nothing_is_used_up(settings):
    settings.VISITORS = settings.VISITORS | {"DIGEST_EMAIL": []}
    with pytest.raises(CommandError, match="DIGEST_EMAIL"):
        call_command("send_digest", "weekly")
    settings.VISITORS = settings.VISITORS | {"NOTICE_EMAIL": ["notices@example.com"]}
    call_command("send_digest", "weekly")
    assert mail.outbox[0].to == ["notices@example.com"]


def test_what_visitors_bring_is_text_in_the_mail():
    a_session(LAST_WEEK, pages=("/<b>x</b>/",), source="<script>alert(1)</script>")
    call_command("send_digest", "weekly")
    _, text, html = sent()
    assert "<script>alert(1)</script>" in text  # plain text is shown as it is
    assert "<script" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html


def test_a_week_without_visits_says_what_to_do():
    call_command("send_digest", "weekly")
    _, text, html = sent()
    assert "Nobody came. Check with" in text
    assert "Nobody came. Check with" in html


@pytest.mark.parametrize(
    ("site", "urls", "link"),
    [
        ("https://example.com", "config.urls", "https://example.com/dashboard/?from=2026-11-16&to=2026-11-22"),
        ("", "config.urls", ""),
        ("https://example.com", "visitors.urls", ""),
    ],
)
def test_the_mail_leads_to_the_dashboard_where_there_is_one(settings, site, urls, link):
    settings.ROOT_URLCONF = urls
    settings.VISITORS = settings.VISITORS | {"SITE_URL": site}
    call_command("send_digest", "weekly", verbosity=0)
    assert re.findall(r"https://\S+", sent()[1]) == ([link] if link else [])
