"""What really happens to a link, over the real handlers, with the clock moved."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User

from visitors.applications.desk import revoke_application
from visitors.applications.models import ApplicationHit, Notice
from visitors.conf import conf
from visitors.models import Share, VisitorSession
from visitors.reports import applications as report

from .people import (
    CHROME,
    DATACENTRE,
    HOME,
    MONDAY,
    OFFICE,
    PHONE,
    SAFARI,
    SLACKBOT,
    Somebody,
    an_application,
    hits,
    kinds,
    notices,
    status,
)

pytestmark = pytest.mark.django_db


def after(**parts: float) -> object:
    return MONDAY + timedelta(**parts)


def test_a_recruiter_opens_the_link_from_the_ats() -> None:
    acme, recruiter = an_application(target="/resume/"), Somebody()
    answer = recruiter.opens(acme, MONDAY, Referer="https://acme.greenhouse.io/applications/1?token=x")
    assert (answer.status_code, answer["Location"]) == (302, "/resume/")
    assert (kinds(acme), status(acme), notices()) == (["unknown"], "sent", [])
    recruiter.reads("/resume/", after(seconds=40), seconds=38)
    recruiter.get("/about/", after(seconds=41))
    recruiter.get("/resume/download/", after(seconds=60))
    assert hits(acme) == [("human", "tracker: 38 s engaged")]
    assert status(acme) == "engaged"
    session = VisitorSession.objects.get()
    assert (session.application, session.page_views_count, session.entry_path) == (acme.slug, 2, "/resume/")
    assert session.referrer_host == "acme.greenhouse.io"
    assert [kind for kind, _ in notices()] == ["opened", "resume"]
    opened = notices()[0][1]
    assert opened.startswith("Acme link opened, 2 pages, 38 s engaged, resume downloaded. ")
    assert f"{session.recruiter_score} = application link +" in opened


def test_every_answer_of_a_link_has_the_same_headers_and_no_query() -> None:
    acme = an_application()
    answer = Somebody().get(f"/r/{acme.slug}/?utm_source=x&token=secret", MONDAY)
    expected = ("/", "noindex", "no-store", "same-origin")
    names = ("Location", "X-Robots-Tag", "Cache-Control", "Referrer-Policy")
    assert (answer.status_code, tuple(answer[name] for name in names)) == (302, expected)


def test_the_hiring_manager_gets_it_through_slack() -> None:
    acme = an_application()
    preview = Somebody(ip=DATACENTRE, user_agent=SLACKBOT)
    preview.get(f"/r/{acme.slug}/", MONDAY)
    assert hits(acme) == [("share", "link preview of Slack: somebody passed it on")]
    assert (Share.objects.get().application, VisitorSession.objects.count(), status(acme)) == (acme.slug, 0, "sent")
    assert notices() == [("shared", "Acme link passed on in Slack: a link preview was fetched.")]
    manager = Somebody(ip=PHONE, user_agent=SAFARI)
    manager.opens(acme, after(minutes=5))
    manager.get("/projects/", after(minutes=6))
    assert (kinds(acme), status(acme)) == (["share", "human"], "engaged")
    assert [kind for kind, _ in notices()] == ["shared", "opened"]


def test_a_scanner_that_opens_fifty_links_in_a_minute_is_told_to_nobody() -> None:
    links = [an_application(f"Company {number}") for number in range(50)]
    scanner = Somebody(ip=HOME)
    for number, link in enumerate(links):
        scanner.opens(link, after(seconds=number))
        scanner.get("/about/", after(seconds=number + 0.4))
    assert set(kinds()) == {"auto"}
    assert {reason for _, reason in hits()} <= {
        f"{number} application links within a minute" for number in range(3, 51)
    }
    assert (notices(), {status(link) for link in links}) == ([], {"sent"})


def test_mail_scanners_in_a_hosting_network_are_automatic_even_with_scripts_and_a_second_page() -> None:
    acme = an_application()
    scanner = Somebody(ip=DATACENTRE)
    scanner.opens(acme, MONDAY)
    scanner.reads("/", after(seconds=2), seconds=1)
    scanner.get("/about/", after(seconds=9))
    assert hits(acme) == [("auto", "from a hosting network, without a sign of life")]
    assert (notices(), status(acme)) == ([], "sent")


@pytest.mark.parametrize(
    ("method", "headers", "reason"),
    [
        ("head", {}, "asked by HEAD, as mail scanners do"),
        ("get", {"Sec-Purpose": "prefetch;prerender"}, "fetched ahead by a browser (prefetch;prerender)"),
        ("get", {"X-Moz": "prefetch"}, "fetched ahead by a browser (prefetch)"),
    ],
)
def test_what_a_machine_fetches_is_no_visit(method: str, headers: dict[str, str], reason: str) -> None:
    acme = an_application()
    answer = Somebody().get(f"/r/{acme.slug}/", MONDAY, method=method, **headers)
    assert (answer.status_code, hits(acme), VisitorSession.objects.count()) == (302, [("auto", reason)], 0)


def test_a_declared_bot_is_automatic_with_its_name() -> None:
    acme = an_application()
    Somebody(ip=DATACENTRE, user_agent="curl/8.5.0").opens(acme, MONDAY)
    ((kind, reason),) = hits(acme)
    assert (kind, "curl" in reason) == ("auto", True)


def test_a_prefetched_link_that_is_then_opened_counts_for_the_person() -> None:
    acme, reader = an_application(), Somebody()
    reader.get(f"/r/{acme.slug}/", MONDAY, **{"Sec-Purpose": "prefetch"})
    reader.opens(acme, after(seconds=3))
    reader.reads("/", after(seconds=20))
    assert (kinds(acme), status(acme)) == (["auto", "human"], "engaged")


def test_the_owner_tests_his_link_logged_in_in_a_private_window_and_on_his_phone_at_home() -> None:
    acme = an_application()
    logged_in = Somebody(ip=HOME)
    logged_in.client.force_login(User.objects.create(username="owner", is_staff=True))
    logged_in.opens(acme, MONDAY)
    logged_in.reads("/", after(seconds=30))
    for minute, agent in ((5, CHROME), (9, SAFARI)):
        private = Somebody(ip=HOME, user_agent=agent)
        private.opens(acme, after(minutes=minute))
        private.get("/about/", after(minutes=minute + 1))
        private.get("/resume/download/", after(minutes=minute + 2))
    assert (set(kinds(acme)), notices(), status(acme)) == ({"owner"}, [], "sent")


def test_a_device_of_the_owner_is_known_away_from_home() -> None:
    acme, laptop = an_application(), Somebody(ip=HOME)
    user = User.objects.create(username="owner", is_staff=True)
    laptop.client.force_login(user)
    laptop.get("/", MONDAY)
    laptop.client.cookies.pop("sessionid")
    away = Somebody(ip=OFFICE, client=laptop.client)
    away.opens(acme, after(hours=5))
    away.get("/about/", after(hours=5, minutes=1))
    assert (kinds(acme), notices()) == (["owner"], [])


def test_a_forged_device_mark_is_worth_nothing() -> None:
    acme, visitor = an_application(), Somebody()
    visitor.client.cookies["va_owner"] = "1:forged:signature"
    visitor.opens(acme, MONDAY)
    visitor.reads("/", after(seconds=20))
    assert kinds(acme) == ["human"]


def test_an_opening_before_it_was_sent_is_the_owners() -> None:
    draft, later = an_application("Draft", sent_at=None), an_application("Later", sent_at=MONDAY + timedelta(days=1))
    for application in (draft, later):
        reader = Somebody()
        reader.opens(application, MONDAY)
        reader.reads("/", after(seconds=20))
        assert hits(application) == [("owner", "opened before it was sent")]
    assert notices() == []


def test_an_agency_with_two_links_keeps_them_apart() -> None:
    acme, globex = an_application("Acme"), an_application("Globex")
    agency = Somebody()
    agency.opens(acme, MONDAY)
    agency.get("/about/", after(seconds=30))
    agency.opens(globex, after(minutes=2))
    agency.get("/projects/", after(minutes=3))
    visits = list(
        VisitorSession.objects.order_by("started_at").values_list("application", "page_views_count", "visitor_id")
    )
    assert [visit[:2] for visit in visits] == [(acme.slug, 2), (globex.slug, 2)]
    assert visits[0][2] == visits[1][2]
    assert (kinds(acme), kinds(globex)) == (["human"], ["human"])
    assert [text.partition(",")[0] for _, text in notices()] == ["Acme link opened", "Globex link opened"]


def test_pages_after_a_link_is_opened_again_belong_to_it() -> None:
    acme, globex = an_application("Acme"), an_application("Globex")
    agency = Somebody()
    for minute, application in ((0, acme), (2, globex), (4, acme)):
        agency.opens(application, after(minutes=minute))
    agency.get("/about/", after(minutes=5))
    counts = dict(VisitorSession.objects.values_list("application", "page_views_count"))
    assert counts == {acme.slug: 3, globex.slug: 1}


def test_a_pdf_that_is_forwarded_opens_again_a_week_later() -> None:
    acme, recruiter, colleague = an_application(), Somebody(), Somebody(ip=PHONE, user_agent=SAFARI)
    recruiter.opens(acme, MONDAY)
    recruiter.reads("/", after(seconds=30))
    colleague.opens(acme, after(days=7))
    colleague.reads("/", after(days=7, seconds=60), seconds=59)
    assert kinds(acme) == ["human", "human"]
    assert [(kind, text.partition(",")[0]) for kind, text in notices()] == [
        ("opened", "Acme link opened"),
        ("returned", "Acme link opened again"),
    ]


def test_a_revoked_link_is_the_plain_site() -> None:
    acme = an_application(target="/resume/")
    with time_machine.travel(MONDAY - timedelta(hours=1), tick=False):
        revoke_application(acme)
    reader = Somebody()
    answer = reader.opens(acme, MONDAY)
    reader.reads("/resume/", after(seconds=20))
    assert (answer.status_code, answer["Location"], answer["X-Robots-Tag"]) == (302, "/resume/", "noindex")
    assert (hits(), notices(acme), VisitorSession.objects.get().application) == ([], [], "")


def test_an_expired_link_is_the_plain_site_from_that_moment_on() -> None:
    acme = an_application(expires_at=(MONDAY + timedelta(hours=1)).isoformat())
    Somebody().opens(acme, after(minutes=59))
    Somebody(ip=PHONE).opens(acme, after(minutes=60))
    assert (kinds(acme), ApplicationHit.objects.count()) == (["unknown"], 1)


def test_who_guesses_is_refused_after_twenty_whatever_his_browser_is_called() -> None:
    acme = an_application()
    answers = [
        Somebody(ip=DATACENTRE, user_agent=f"{CHROME} {number}").get(f"/r/acme-aaa{number}/", MONDAY).status_code
        for number in range(22)
    ]
    assert answers == [404] * 20 + [429] * 2
    refused = Somebody(ip=DATACENTRE).get(f"/r/{acme.slug}/", MONDAY)
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    assert Somebody(ip=OFFICE).get(f"/r/{acme.slug}/", MONDAY).status_code == 302


QUIET = ({"DNT": "1"}, {"Sec-GPC": "1"}, {"Cookie": "va_optout=1"})


@pytest.mark.parametrize("headers", QUIET, ids=lambda headers: next(iter(headers)))
def test_who_asks_not_to_be_recorded_is_counted_and_has_no_row(headers: dict[str, str]) -> None:
    acme, reader = an_application(), Somebody(headers=headers)
    for _ in range(2):
        reader.opens(acme, MONDAY, Referer="https://mail.google.com/")
    reader.get("/about/", after(minutes=1))
    reader.reads("/about/", after(minutes=2))
    assert (ApplicationHit.objects.count(), VisitorSession.objects.count(), notices()) == (0, 0, [])
    shown = report.application(acme.pk, now=MONDAY)
    assert shown is not None
    assert (status(acme), acme.unrecorded, shown.unknown, shown.last_opened_at) == ("sent", 2, 2, None)


def test_the_journal_tells_of_such_an_opening_nothing_but_the_link(settings: Any) -> None:
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    acme = an_application()
    Somebody(headers={"DNT": "1"}).opens(acme, MONDAY, Referer="https://mail.google.com/")
    (line,) = (line for path in conf.JOURNAL_DIR.glob("*.journal") for line in path.read_bytes().splitlines() if line)
    told = json.loads(line[line.index(b"{") : line.rindex(b"}") + 1])
    assert told.keys() == {"id", "at_ms", "day", "visitor_id", "kind", "application"}
    assert (told["visitor_id"], told["application"]) == (0, acme.slug)


@pytest.mark.parametrize(
    ("headers", "method"),
    [
        ({"Sec-Purpose": "prefetch"}, "get"),
        ({}, "head"),
        ({"User-Agent": SLACKBOT}, "get"),
    ],
    ids=["ahead", "head", "preview"],
)
def test_what_no_visitor_chose_is_not_counted_among_those_who_ask_not_to_be_recorded(
    headers: dict[str, str], method: str
) -> None:
    acme = an_application()
    Somebody().get(f"/r/{acme.slug}/", MONDAY, method=method, DNT="1", **headers)
    acme.refresh_from_db()
    assert (acme.unrecorded, ApplicationHit.objects.count()) == (0, 0)


def test_an_opening_before_the_application_was_sent_is_the_owners_whatever_he_asks_for() -> None:
    acme = an_application(sent_at=MONDAY + timedelta(days=1))
    Somebody(headers={"DNT": "1"}).opens(acme, MONDAY)
    acme.refresh_from_db()
    assert acme.unrecorded == 0


def test_a_hiring_question_is_told_with_its_phrase_alone() -> None:
    acme, recruiter = an_application(), Somebody()
    recruiter.opens(acme, MONDAY)
    recruiter.reads("/", after(seconds=20))
    recruiter.asks("Hello Jane Roe here, what is your notice period?", after(seconds=50))
    told = dict(notices())
    assert "notice period" in told["hiring"]
    assert "Jane" not in told["hiring"]


def test_nothing_is_told_of_an_application_that_asks_for_silence() -> None:
    acme, recruiter = an_application(notify=False), Somebody()
    recruiter.opens(acme, MONDAY)
    recruiter.reads("/", after(seconds=20))
    assert (kinds(acme), status(acme), notices()) == (["human"], "engaged", [])


def test_a_likely_recruiter_without_a_link_is_told_once() -> None:
    recruiter = Somebody(headers={"Referer": "https://app.greenhouse.io/people/1"})
    recruiter.get("/resume/", MONDAY)
    for minute in (1, 2, 3):
        recruiter.get("/resume/download/", after(minutes=minute))
        recruiter.get("/about/", after(minutes=minute, seconds=30))
    ((kind, text),) = notices()
    assert (kind, " = " in text) == ("score", True)


def test_the_owners_label_takes_the_notice_and_the_status_back() -> None:
    from visitors.recording import apply_label

    acme, visitor = an_application(), Somebody()
    visitor.opens(acme, MONDAY)
    visitor.reads("/", after(seconds=20))
    assert (status(acme), len(notices())) == ("engaged", 1)
    with time_machine.travel(after(minutes=5), tick=False):
        apply_label(VisitorSession.objects.get(), "me")
    assert (kinds(acme), status(acme), notices()) == (["owner"], "sent", [])
    assert Notice.objects.count() == 1
