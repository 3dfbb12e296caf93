"""When notices go out, and what happens when nobody takes them."""

from __future__ import annotations

import gc
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage

from visitors.applications.models import Application, DeliveryState, Notice, NoticeDelivery, NoticeKind, Way
from visitors.notices import post
from visitors.notices.outbox import remind_of_silence, tell, undo, withdraw
from visitors.notices.post import deliver, finish, post_in_background
from visitors.notices.schedule import earliest, retry_after
from visitors.notices.webhook import DeliveryFailed, is_public, resolve

from .people import MONDAY, Somebody, an_application, notices, status

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = (22 * 60, 7 * 60)
SECRET = "shared with the receiver"


def set_visitors(settings: Any, **given: Any) -> None:
    settings.VISITORS = settings.VISITORS | given


def a_notice(text: str = "Acme link opened, 1 page.", *, at: datetime = MONDAY) -> Notice:
    with time_machine.travel(at, tick=False):
        notice = tell(NoticeKind.OPENED, text=text, application=an_application(sent_at=at))
    assert notice is not None
    return notice


def deliveries() -> list[tuple[str, str, int]]:
    return list(NoticeDelivery.objects.order_by("id").values_list("way", "state", "attempts"))


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (datetime(2026, 11, 16, 21, 59, tzinfo=BERLIN), datetime(2026, 11, 16, 21, 59, tzinfo=BERLIN)),
        (datetime(2026, 11, 16, 22, 0, tzinfo=BERLIN), datetime(2026, 11, 17, 7, 0, tzinfo=BERLIN)),
        (datetime(2026, 11, 17, 3, 0, tzinfo=BERLIN), datetime(2026, 11, 17, 7, 0, tzinfo=BERLIN)),
        (datetime(2026, 11, 17, 7, 0, tzinfo=BERLIN), datetime(2026, 11, 17, 7, 0, tzinfo=BERLIN)),
        # The night in which the clocks go back: seven on the wall, not so many hours later.
        (datetime(2026, 10, 24, 23, 0, tzinfo=BERLIN), datetime(2026, 10, 25, 7, 0, tzinfo=BERLIN)),
    ],
)
def test_nothing_goes_out_in_quiet_hours(moment: datetime, sent: datetime) -> None:
    assert earliest(moment, quiet=NIGHT) == sent


def test_quiet_hours_within_a_day_and_none() -> None:
    noon = datetime(2026, 11, 16, 12, 30, tzinfo=BERLIN)
    assert earliest(noon, quiet=(12 * 60, 13 * 60)) == noon.replace(hour=13, minute=0)
    assert earliest(noon, quiet=None) == noon


def test_a_digest_gathers_until_its_time_of_day() -> None:
    noon = datetime(2026, 11, 16, 12, 0, tzinfo=BERLIN)
    assert earliest(noon, quiet=NIGHT, digest=8 * 60) == datetime(2026, 11, 17, 8, 0, tzinfo=BERLIN)
    assert earliest(noon, quiet=NIGHT, digest=18 * 60) == datetime(2026, 11, 16, 18, 0, tzinfo=BERLIN)


def test_retries_come_ever_less_often_up_to_six_hours() -> None:
    assert [retry_after(attempts) // timedelta(minutes=1) for attempts in (1, 2, 3, 9, 10, 40)] == [
        1,
        2,
        4,
        256,
        360,
        360,
    ]


@pytest.mark.django_db
def test_a_notice_waits_for_an_undo_and_is_then_mailed_once(settings: Any) -> None:
    set_visitors(settings, NOTICE_EMAIL=["me@example.com"], SITE_URL="https://example.com")
    a_notice()
    assert deliver(Way.EMAIL, now=MONDAY + timedelta(seconds=119)) == 0
    assert deliver(Way.EMAIL, now=MONDAY + timedelta(seconds=120)) == 1
    assert deliver(Way.EMAIL, now=MONDAY + timedelta(days=1)) == 0
    (message,) = mail.outbox
    assert (message.subject, message.to) == ("Acme link opened, 1 page.", ["me@example.com"])
    assert message.body == (
        "Mon 16 Nov 09:30  Acme link opened, 1 page.\n\nhttps://example.com/admin/visitors/notice/\n"
    )


@pytest.mark.django_db
def test_what_is_due_together_is_one_mail(settings: Any) -> None:
    set_visitors(settings, NOTICE_EMAIL=["me@example.com"], NOTICE_DIGEST="18:00")
    for hour in (1, 2, 3):
        a_notice(f"Company {hour} link opened.", at=MONDAY + timedelta(hours=hour))
    assert deliver(Way.EMAIL, now=MONDAY + timedelta(hours=8)) == 0
    assert deliver(Way.EMAIL, now=MONDAY.replace(hour=18, minute=0)) == 3
    (message,) = mail.outbox
    assert message.subject == "3 notices of your site"
    assert [line.partition("  ")[2] for line in message.body.split("\n\n")] == [
        "Company 1 link opened.",
        "Company 2 link opened.",
        "Company 3 link opened.\n",
    ]


@pytest.mark.django_db
def test_a_line_break_in_a_company_is_none_in_the_subject(settings: Any) -> None:
    set_visitors(settings, NOTICE_EMAIL=["me@example.com"])
    a_notice("Acme\r\nBcc: all@example.com link opened.")
    deliver(Way.EMAIL, now=MONDAY + timedelta(hours=1))
    assert mail.outbox[0].subject == "Acme Bcc: all@example.com link opened."


@pytest.mark.django_db
def test_a_dead_mail_server_loses_no_notice(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> int:
        raise ConnectionRefusedError

    set_visitors(settings, NOTICE_EMAIL=["me@example.com"])
    monkeypatch.setattr(EmailMessage, "send", refuse)
    a_notice()
    now = MONDAY + timedelta(hours=1)
    for wait in (0, 1, 2):
        now += timedelta(minutes=wait)
        assert deliver(Way.EMAIL, now=now) == 0
    assert deliveries() == [("email", "waiting", 3)]
    assert deliver(Way.EMAIL, now=now + timedelta(minutes=3)) == 0
    assert deliveries() == [("email", "waiting", 3)]
    monkeypatch.undo()
    assert deliver(Way.EMAIL, now=now + timedelta(minutes=4)) == 1
    assert deliveries() == [("email", "sent", 4)]


@pytest.mark.django_db
def test_a_way_that_never_works_is_given_up_and_the_inbox_keeps_the_notice(settings: Any) -> None:
    set_visitors(settings, NOTICE_WEBHOOK="https://127.0.0.1/", NOTICE_WEBHOOK_SECRET=SECRET)
    a_notice()
    now = MONDAY
    for _ in range(45):
        now += timedelta(hours=6)
        deliver(Way.WEBHOOK, now=now)
    assert deliveries() == [("webhook", "failed", 40)]
    assert NoticeDelivery.objects.get().error == "the webhook's address is private"
    assert [kind for kind, _ in notices()] == ["opened"]


@pytest.mark.django_db
def test_a_withdrawn_notice_is_never_sent(settings: Any) -> None:
    set_visitors(settings, NOTICE_EMAIL=["me@example.com"])
    assert withdraw([a_notice()]) == 1
    assert deliver(Way.EMAIL, now=MONDAY + timedelta(days=1)) == 0
    assert (mail.outbox, deliveries()) == ([], [("email", DeliveryState.WITHDRAWN, 0)])


@pytest.mark.django_db
def test_an_undo_puts_the_application_back_by_the_owners_hand(settings: Any) -> None:
    acme, recruiter = an_application(), Somebody()
    recruiter.opens(acme, MONDAY)
    recruiter.reads("/", MONDAY + timedelta(seconds=30))
    undo(Notice.objects.get())
    assert (status(acme), notices()) == ("sent", [])
    recruiter.get("/about/", MONDAY + timedelta(seconds=50))
    assert (status(acme), notices()) == ("sent", [])


@pytest.mark.django_db
def test_one_of_a_kind_in_24_hours() -> None:
    acme = an_application()
    told = []
    for hours in (0, 23.9, 24.1):
        with time_machine.travel(MONDAY + timedelta(hours=hours), tick=False):
            told.append(tell(NoticeKind.SHARED, text="x", application=acme) is not None)
    assert told == [True, False, True]


@pytest.mark.django_db
def test_silence_is_told_once_after_seven_days() -> None:
    acme = an_application(sent_at=MONDAY)
    opened = an_application("Globex", sent_at=MONDAY)
    Application.objects.filter(pk=opened.pk).update(status="opened")
    an_application("Draft", sent_at=None)
    week = MONDAY + timedelta(days=7)
    assert remind_of_silence(week - timedelta(seconds=1)) == 0
    assert (remind_of_silence(week), remind_of_silence(week + timedelta(days=1))) == (1, 0)
    assert notices() == [("silent", "Acme: sent 7 days ago, not opened.")]
    assert Notice.objects.get().application == acme


@pytest.mark.django_db
def test_silence_counts_the_openings_that_have_no_record() -> None:
    acme = an_application(sent_at=MONDAY)
    Application.objects.filter(pk=acme.pk).update(unrecorded=2)
    remind_of_silence(MONDAY + timedelta(days=7))
    assert notices() == [("silent", "Acme: sent 7 days ago, not opened. 2 openings show no sign of a person.")]


@pytest.mark.django_db
def test_an_application_of_long_ago_is_no_news() -> None:
    an_application(sent_at=MONDAY - timedelta(days=60))
    assert remind_of_silence(MONDAY) == 0


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("nonsense", False),
    ],
)
def test_only_public_addresses_are_posted_to(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "::1", "no.such.host.invalid"])
def test_a_name_that_leads_inside_is_refused(host: str) -> None:
    with pytest.raises(DeliveryFailed):
        resolve(host, 443, private=False)


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it was sent; answers what the server says."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(self.server.answer)  # type: ignore[attr-defined]
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def receiver(settings: Any) -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Receiver)
    server.got, server.answer = [], 204
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/hook?key=1"
    set_visitors(settings, NOTICE_WEBHOOK=address, NOTICE_WEBHOOK_SECRET=SECRET, NOTICE_WEBHOOK_PRIVATE=True)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.django_db
def test_a_webhook_gets_a_signed_notice(receiver: Any) -> None:
    notice = a_notice()
    assert deliver(Way.WEBHOOK, now=MONDAY + timedelta(hours=1)) == 1
    ((path, headers, body),) = receiver.got
    timestamp = headers["X-Visitors-Timestamp"]
    expected = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert (path, headers["X-Visitors-Signature"]) == ("/hook?key=1", f"sha256={expected}")
    assert (timestamp, headers["X-Visitors-Notice"]) == (
        str(int((MONDAY + timedelta(hours=1)).timestamp())),
        str(notice.pk),
    )
    assert json.loads(body) == {
        "id": notice.pk,
        "kind": "opened",
        "text": "Acme link opened, 1 page.",
        "created_at": MONDAY.isoformat(),
        "application": {"id": notice.application_id, "company": "Acme", "role": ""},
    }


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [302, 400, 500])
def test_a_redirect_or_an_error_is_no_delivery_and_not_followed(receiver: Any, answer: int) -> None:
    receiver.answer = answer
    a_notice()
    assert deliver(Way.WEBHOOK, now=MONDAY + timedelta(hours=1)) == 0
    assert (len(receiver.got), deliveries()) == (1, [("webhook", "waiting", 1)])
    assert NoticeDelivery.objects.get().error == f"the webhook answered {answer}"
    receiver.answer = 200
    assert deliver(Way.WEBHOOK, now=MONDAY + timedelta(hours=2)) == 1


@pytest.mark.django_db
def test_a_delivery_that_another_process_took_is_left_to_it(receiver: Any) -> None:
    a_notice()
    NoticeDelivery.objects.update(due_at=MONDAY + timedelta(days=1))
    assert deliver(Way.WEBHOOK, now=MONDAY + timedelta(hours=1)) == 0
    assert receiver.got == []


@pytest.fixture
def threads() -> Iterator[None]:
    """Django leaves connections to a database in memory open; those of a thread end with it."""
    yield
    gc.collect()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("threads")
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
def test_the_recorder_only_starts_deliveries_and_goes_on(receiver: Any) -> None:
    a_notice(at=datetime.now(tz=UTC) - timedelta(minutes=10))
    post_in_background(every_seconds=0)
    assert finish(within_seconds=10)
    assert deliveries() == [("webhook", "sent", 1)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("threads")
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
def test_a_mail_server_that_hangs_delays_neither_the_recorder_nor_the_webhook(
    receiver: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending, answers = threading.Event(), threading.Event()
    monkeypatch.setattr(EmailMessage, "send", lambda *_: sending.set() or answers.wait(20))
    set_visitors(settings, NOTICE_EMAIL=["me@example.com"])
    a_notice(at=datetime.now(tz=UTC) - timedelta(minutes=10))
    # One way after the other: a database in memory makes threads that write at once fail instead of wait.
    webhook = NoticeDelivery.objects.filter(way=Way.WEBHOOK)
    due_at = webhook.get().due_at
    webhook.update(due_at=due_at + timedelta(hours=1))
    post_in_background(every_seconds=0)
    assert sending.wait(10)
    webhook.update(due_at=due_at)
    started = monotonic()
    post_in_background(every_seconds=0)
    assert monotonic() - started < 1
    post._threads[Way.WEBHOOK].join(10)
    assert not finish(within_seconds=0.1)
    assert deliveries() == [("email", "waiting", 1), ("webhook", "sent", 1)]
    answers.set()
    assert finish(within_seconds=10)
    assert deliveries() == [("email", "sent", 1), ("webhook", "sent", 1)]
