"""A visitor reads and erases what is kept of him, and nobody else's; no answer tells a verdict."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import TimeMachineFixture

from portfolio.models import Conversation, JobAnalysis, Message
from portfolio.seed import seed_site
from tests.visitors.applications.people import an_application
from visitors import recording
from visitors.identity import client_of
from visitors.models import (
    ApplicationHit,
    DroppedCount,
    Erasure,
    Notice,
    NoticeDelivery,
    PageView,
    RolledDay,
    VisitorInteraction,
    VisitorSession,
)
from visitors.observation import DropReason
from visitors.privacy import erasing
from visitors.privacy.erasing import erase_visitors
from visitors.privacy.keys import erasure_key
from visitors.recording import drain
from visitors.recording.quarantine import quarantine, quarantined

from .test_checks import PROFILED
from .test_profiles import FIREFOX, FRIDAY

pytestmark = pytest.mark.django_db

ME = "/api/visitors/me/"
OPT_OUT = "/api/visitors/opt-out/"
IP = "203.0.113.7"
JOB = "We are hiring a senior Python engineer. Requirements: 5 years of Django. Salary and benefits. Apply now. " * 3


@pytest.fixture(autouse=True)
def _site(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(FRIDAY, tick=False)
    seed_site()


@pytest.fixture
def mine() -> Client:
    return Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR=IP)


@pytest.fixture
def other() -> Client:
    return Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="203.0.113.8")


def my_id() -> int:
    return client_of({"REMOTE_ADDR": IP, "HTTP_USER_AGENT": FIREFOX}).visitor_id


def tables() -> dict[str, int]:
    models = (VisitorSession, PageView, VisitorInteraction, Message, Conversation, JobAnalysis)
    return {model.__name__: model.objects.count() for model in models}


def test_a_visitor_reads_the_facts_of_his_own_visits(mine: Client, other: Client) -> None:
    mine.get("/resume/?utm_source=newsletter", headers={"accept-language": "de"})
    mine.get("/resume/download/")
    other.get("/about/")
    held = mine.get(ME).json()
    (visit,) = held["visits"]
    assert [page["path"] for page in visit["pages"]] == ["/resume/"]
    assert [(act["kind"], act["target"][-4:]) for act in visit["acts"]] == [("download", ".pdf")]
    assert (visit["campaign"], visit["language"], visit["personal_link"]) == ("newsletter", "de", False)
    assert (visit["deleted_after"], visit["days_left"]) == ("2027-02-17", 90)
    assert (held["mode"], held["kept_days"], held["known_until"]) == ("strict", 90, "2026-11-21T00:30:00Z")
    assert held["opt_out"] == {"opted_out": False, "by": ""}


def test_what_waits_in_the_journal_is_told_too(settings: Any, mine: Client) -> None:
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    mine.get("/about/")
    recording.journal().close()
    assert not VisitorSession.objects.exists()
    assert len(mine.get(ME).json()["visits"]) == 1


def test_nobody_learns_that_he_is_taken_for_a_recruiter_or_a_bot(mine: Client, settings: Any) -> None:
    """Known defect 8, for each address that is open to visitors."""
    mine.get("/resume/?utm_source=greenhouse")
    mine.get("/resume/download/")
    VisitorSession.objects.update(
        recruiter_score=97, recruiter_band="likely", is_recruiter=True, is_bot=True, bot_reason="looks odd",
        bot_name="Oddbot", suspected_reason="odd", label="recruiter", engagement_score=73, is_owner=True,
    )  # fmt: skip
    told = [mine.get(path).content.decode() for path in (ME, "/privacy/", "/api/visitors/session/current/")]
    verdicts = re.compile(r'\b(97|73|is_recruiter|score"|Oddbot|odd|"label"|signals|is_owner)\b|likely"')
    assert [verdicts.findall(text) for text in told] == [[], [], []]
    assert "how likely the visit is a recruiter" in told[0]  # that it is worked out is no secret


def test_matched_phrases_are_not_told(mine: Client) -> None:
    mine.post("/chat/", {"question": "When could you start? Are you open to new opportunities?"})
    assert "hiring_phrase" in json.dumps(list(VisitorInteraction.objects.values_list("details", flat=True)))
    assert "hiring_phrase" not in mine.get(ME).content.decode()


def test_another_visitors_data_is_neither_told_nor_erased(mine: Client, other: Client) -> None:
    other.get("/about/")
    other.post("/chat/", {"question": "Do you know Python?"})
    other.post("/job-analysis/", {"job_requirements": JOB})
    before = tables()
    assert mine.get(ME).json()["visits"] == []
    assert not any(mine.get(ME).json()["elsewhere"].values())
    assert not any(mine.delete(ME).json()["erased"].values())
    assert tables() == before


def test_erasing_reaches_visits_pages_acts_chat_and_job_texts(mine: Client, other: Client) -> None:
    other.get("/about/")
    before = tables()
    mine.get("/")
    mine.get("/resume/download/")
    mine.post("/chat/", {"question": "Do you know Python?"})
    mine.post("/job-analysis/", {"job_requirements": JOB})
    assert mine.get(ME).json()["elsewhere"] == {"chat messages": 1, "job descriptions": 1}
    erased = mine.delete(ME).json()["erased"]
    assert (erased["visits"], erased["chat messages"], erased["job descriptions"]) == (1, 1, 1)
    assert tables() == before
    assert mine.get(ME).json()["visits"] == []


def test_a_conversation_of_another_day_is_reached_by_its_cookie(mine: Client, time_machine: TimeMachineFixture) -> None:
    mine.post("/chat/", {"question": "Do you know Python?"})
    time_machine.move_to(FRIDAY + timedelta(hours=20), tick=False)
    mine.delete(ME)
    assert not Message.objects.exists()


def test_who_opted_out_leaves_no_key_with_what_he_sends(mine: Client) -> None:
    mine.cookies["va_optout"] = "1"
    mine.post("/chat/", {"question": "Do you know Python?"})
    mine.post("/job-analysis/", {"job_requirements": JOB})
    assert Conversation.objects.get().erasure_key == JobAnalysis.objects.get().erasure_key == ""
    assert mine.delete(ME).json()["erased"]["chat messages"] == 1


def test_no_text_that_was_typed_is_kept_with_a_visit(mine: Client) -> None:
    """Known defect 24."""
    mine.post("/chat/", {"question": "planted-question: do you know Python?"})
    mine.post("/job-analysis/", {"job_requirements": "planted-title engineer\n" + JOB})
    mine.post("/contact/", {"name": "planted-name", "email": "planted@example.org", "message": "planted-letter"})
    kept = [
        json.dumps(list(model.objects.values()), default=str)
        for model in (VisitorSession, PageView, VisitorInteraction)
    ]
    assert "job_analysis" in kept[2]
    assert not [rows for rows in kept if "planted" in rows]


def test_lines_that_wait_from_before_are_left_out_when_they_are_read(
    settings: Any, mine: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the journal of another machine, which this one cannot drain."""
    settings.VISITORS = settings.VISITORS | {"RECORDING": "external"}
    mine.get("/about/")
    recording.journal().close()
    monkeypatch.setattr(erasing, "catch_up", lambda: False)
    erase_visitors({my_id()})
    drain()
    assert not VisitorSession.objects.exists()
    assert DroppedCount.objects.get(reason=DropReason.ERASED).count == 1


def test_a_visit_after_the_erasure_is_recorded(mine: Client, time_machine: TimeMachineFixture) -> None:
    mine.get("/")
    mine.delete(ME)
    time_machine.move_to(FRIDAY + timedelta(seconds=1), tick=False)
    mine.get("/about/")
    assert PageView.objects.get().path == "/about/"


def test_who_was_erased_is_remembered_by_a_keyed_hash_alone(mine: Client) -> None:
    mine.get("/")
    visitor_id = VisitorSession.objects.get().visitor_id
    mine.delete(ME)
    (erasure,) = Erasure.objects.all()
    assert erasure.digest == erasure_key(visitor_id)
    assert str(visitor_id) not in erasure.digest


def test_an_opening_stays_as_of_somebody_who_wishes_no_record(mine: Client) -> None:
    application = an_application()
    mine.get(f"/r/{application.slug}/")
    mine.get("/resume/")
    mine.delete(ME)
    hit = ApplicationHit.objects.get()
    assert (hit.session_id, hit.visitor_id, hit.kind, hit.reason) == (None, 0, "unknown", "erased by the visitor")
    assert (hit.referrer_host, hit.has_read, hit.has_resume, hit.has_contact) == ("", False, False, False)


def test_notices_lose_their_text_and_what_was_not_sent_never_is(
    settings: Any, mine: Client, time_machine: TimeMachineFixture
) -> None:
    settings.VISITORS = settings.VISITORS | {"NOTICE_EMAIL": ["owner@site.test"]}
    application = an_application()
    for seconds, path in enumerate((f"/r/{application.slug}/", "/resume/", "/about/", "/resume/download/")):
        time_machine.move_to(FRIDAY + timedelta(seconds=20 * seconds), tick=False)
        mine.get(path)
    assert Notice.objects.exclude(session_id=None).exists()
    mine.delete(ME)
    assert set(Notice.objects.values_list("text", "session_id")) == {("Erased by the visitor.", None)}
    assert not NoticeDelivery.objects.exists()


def test_lines_kept_aside_of_an_erased_visitor_go(settings: Any, mine: Client) -> None:
    folder = Path(settings.VISITORS["JOURNAL_DIR"])
    for visitor_id in (my_id(), my_id() + 1):
        quarantine(folder, error="DataError", line=b'0000 {"visitor_id":%d,"user_agent":"x"}' % visitor_id)
    assert mine.delete(ME).json()["erased"]["quarantined lines"] == 1
    assert [str(my_id() + 1) in record["line"] for record in quarantined(folder)] == [True]


def test_the_day_of_an_erased_visit_is_added_up_again(mine: Client, time_machine: TimeMachineFixture) -> None:
    mine.get("/")
    day = VisitorSession.objects.get().day
    time_machine.move_to(FRIDAY + timedelta(hours=12, minutes=10), tick=False)
    RolledDay.objects.create(day=day, is_dirty=False)
    mine.delete(ME)
    assert not VisitorSession.objects.exists()  # yesterday's id is still known
    assert RolledDay.objects.get().is_dirty


def test_labels_of_the_owner_leave_no_trace_in_the_admins_log(admin_client: Client, mine: Client) -> None:
    from django.contrib.admin.models import LogEntry

    mine.get("/")
    visit = VisitorSession.objects.get()
    chosen = {"action": "label_recruiter", "_selected_action": [visit.pk]}
    admin_client.post("/admin/visitors/visitorsession/", chosen)
    assert LogEntry.objects.count() == 1
    mine.delete(ME)
    assert not LogEntry.objects.exists()


def test_erasing_fails_whole_or_not_at_all(mine: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    mine.get("/")

    def away(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(erasing, "erase_elsewhere", away)
    answer = mine.delete(ME)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
    assert (PageView.objects.count(), Erasure.objects.count()) == (1, 0)


def test_a_profile_is_told_and_erased_with_its_cookie(
    settings: Any, mine: Client, time_machine: TimeMachineFixture
) -> None:
    settings.VISITORS = settings.VISITORS | PROFILED
    mine.cookies["consent"] = "yes"
    for days in range(3):
        time_machine.move_to(FRIDAY + timedelta(days=days), tick=False)
        mine.get("/")
    held = mine.get(ME).json()
    assert (len(held["visits"]), held["known_until"]) == (3, "2027-11-20T12:00:00Z")
    answer = mine.delete(ME)
    assert answer.json()["erased"]["visits"] == 3
    assert answer.cookies["va_visitor"].value == ""


def test_opting_out_and_back_in(mine: Client) -> None:
    answer = mine.post(OPT_OUT)
    assert answer.json() == {"opted_out": True, "by": "cookie"}
    cookie = answer.cookies["va_optout"]
    assert (cookie.value, bool(cookie["httponly"]), cookie["samesite"], cookie["path"]) == ("1", True, "Lax", "/")
    mine.get("/")
    assert not VisitorSession.objects.exists()
    assert mine.delete(OPT_OUT).json() == {"opted_out": False, "by": ""}
    mine.get("/")
    assert VisitorSession.objects.count() == 1


@pytest.mark.parametrize("signal", [{"dnt": "1"}, {"sec-gpc": "1"}])
def test_a_signal_of_the_browser_stays_when_the_cookie_goes(mine: Client, signal: dict[str, str]) -> None:
    assert mine.delete(OPT_OUT, headers=signal).json() == {"opted_out": True, "by": "signal"}
    mine.get("/", headers=signal)
    assert not VisitorSession.objects.exists()


def test_the_opt_out_cookie_counts_whatever_the_site_thinks_of_signals(settings: Any, mine: Client) -> None:
    settings.VISITORS = settings.VISITORS | {"HONOR_OPT_OUT_SIGNALS": False}
    mine.get("/", headers={"dnt": "1"})
    assert VisitorSession.objects.count() == 1
    mine.post(OPT_OUT)
    mine.get("/about/")
    assert PageView.objects.count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.test"},
        {"origin": "http://testserver.evil.test"},
        {"origin": "null"},
        {"origin": "http://["},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("delete", ME), ("post", OPT_OUT), ("delete", OPT_OUT)])
def test_another_sites_page_can_ask_for_nothing(mine: Client, headers: dict[str, str], method: str, path: str) -> None:
    mine.get("/")
    answer = getattr(mine, method)(path, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")
    assert not answer.cookies
    assert VisitorSession.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "same-origin", "origin": "http://testserver"}])
def test_pages_of_this_site_and_programs_may(mine: Client, headers: dict[str, str]) -> None:
    assert mine.delete(ME, headers=headers).status_code == 200


def test_asking_too_often_is_refused(mine: Client) -> None:
    answers = [mine.get(ME) for _ in range(61)]
    assert [answers[0].status_code, answers[-1].status_code] == [200, 429]
    assert answers[-1]["Retry-After"]


@pytest.mark.parametrize("path", [ME, OPT_OUT])
def test_no_answer_is_kept_by_a_cache_and_no_unknown_parameter_is_taken(mine: Client, path: str) -> None:
    assert "no-store" in mine.delete(path)["Cache-Control"]
    answer = mine.delete(f"{path}?visitor_id=5")
    assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, "visitor_id")


def test_reading_costs_the_same_queries_at_any_length(mine: Client, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        mine.get("/")
    with django_assert_num_queries(5):
        mine.get(ME)
    for _ in range(20):
        mine.get("/about/")
    with CaptureQueriesContext(__import__("django.db").db.connection) as many:
        mine.get(ME)
    assert len(many) == 5


# The page


def test_the_page_shows_what_is_kept_and_erases_it_without_a_script(mine: Client) -> None:
    mine.get("/resume/")
    shown = mine.get("/privacy/").content.decode()
    assert "/resume/" in shown
    assert "17 Feb 2027, in 90 days" in shown
    assert "destroyed" in shown
    answer = mine.post("/privacy/", {"choice": "erase"}, follow=True)
    assert answer.redirect_chain == [("/privacy/?done=erase", 302)]
    assert "is erased" in answer.content.decode()
    assert "Nothing that could be told to be yours" in answer.content.decode()
    assert not VisitorSession.objects.exists()


def test_the_page_erases_and_opts_out_at_once_and_back_in(mine: Client) -> None:
    mine.get("/resume/")
    shown = mine.post("/privacy/", {"choice": "erase-and-opt-out"}, follow=True).content.decode()
    assert "You have opted out" in shown
    assert 'value="opt-in"' in shown
    assert not VisitorSession.objects.exists()
    assert 'value="opt-out"' in mine.post("/privacy/", {"choice": "opt-in"}, follow=True).content.decode()


def test_the_page_is_never_recorded_and_carries_no_tracker(mine: Client) -> None:
    shown = mine.get("/privacy/").content.decode()
    assert "visitors.js" not in shown
    mine.get("/privacy/?done=erase")
    assert not VisitorSession.objects.exists()
    assert not DroppedCount.objects.exists()


@pytest.mark.parametrize("choice", ["", "nothing", "<script>"])
def test_an_unknown_choice_changes_nothing(mine: Client, choice: str) -> None:
    mine.get("/")
    answer = mine.post("/privacy/", {"choice": choice})
    assert answer.status_code == 400
    assert "must be one of erase" in answer.content.decode()
    assert VisitorSession.objects.count() == 1


def test_a_forged_form_is_refused(settings: Any, mine: Client) -> None:
    mine.get("/")
    strict = Client(enforce_csrf_checks=True, headers={"user-agent": FIREFOX}, REMOTE_ADDR=IP)
    assert strict.post("/privacy/", {"choice": "erase"}).status_code == 403
    assert VisitorSession.objects.count() == 1


def test_the_page_keeps_nothing_in_caches_and_is_linked_from_each_page(mine: Client) -> None:
    assert "no-store" in mine.get("/privacy/")["Cache-Control"]
    assert 'href="/privacy/"' in mine.get("/about/").content.decode()


def test_what_a_visitor_brought_is_escaped(mine: Client) -> None:
    mine.get("/?utm_source=<script>alert(1)</script>")
    shown = mine.get("/privacy/").content.decode()
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_the_page_is_complete_in_profiling_mode(settings: Any, mine: Client) -> None:
    settings.VISITORS = settings.VISITORS | PROFILED
    mine.cookies["consent"] = "yes"
    mine.get("/")
    shown = mine.get("/privacy/").content.decode()
    assert "20 Nov 2027" in shown
    assert "only if he agreed" in shown


@pytest.mark.parametrize(
    ("is_honoured", "promise"), [(True, "is not recorded"), (False, "too, unless you opt out above")]
)
def test_the_page_promises_what_the_site_keeps(settings: Any, mine: Client, is_honoured: bool, promise: str) -> None:
    settings.VISITORS = settings.VISITORS | {"HONOR_OPT_OUT_SIGNALS": is_honoured}
    assert f"Global Privacy Control {promise}" in mine.get("/privacy/").content.decode()


# The commands


def test_a_command_erases_by_visit_and_by_visitor(
    mine: Client, other: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    mine.get("/")
    other.get("/")
    first, second = VisitorSession.objects.order_by("id")
    call_command("erase_visitor", str(first.session_id))
    assert VisitorSession.objects.get() == second
    call_command("erase_visitor", str(second.visitor_id), vacuum=False)
    assert not VisitorSession.objects.exists()
    call_command("erase_visitor", str(second.visitor_id))
    assert capsys.readouterr().out.endswith("There was nothing of this visitor.\n")


def test_a_command_hands_out_everything(mine: Client, capsys: pytest.CaptureFixture[str]) -> None:
    application = an_application()
    mine.get(f"/r/{application.slug}/")
    mine.get("/resume/")
    mine.get("/resume/download/")
    mine.post("/chat/", {"question": "Do you know Python?"})
    visit = VisitorSession.objects.get()
    call_command("export_visitor", str(visit.session_id))
    exported = json.loads(capsys.readouterr().out)
    assert exported["visits"][0]["visitor_id"] == str(visit.visitor_id)
    assert exported["visits"][0]["recruiter_score"] == visit.recruiter_score
    assert len(exported["page_views"]) == PageView.objects.count() == 1
    assert len(exported["openings"]) == 1
    assert exported["elsewhere"]["chat messages"][0]["question"] == "Do you know Python?"


@pytest.mark.parametrize("command", ["erase_visitor", "export_visitor", "exclude_visits"])
@pytest.mark.parametrize("name", ["x", "0", "-5", "9" * 30, "01934567-89ab-7000-a000-000000000003"])
def test_a_command_refuses_whom_it_does_not_know(command: str, name: str) -> None:
    from django.core.management import CommandError

    with pytest.raises(CommandError, match=r"visitor|No visit"):
        call_command(command, "--", name)


def test_a_time_of_day_is_the_sites_own(settings: Any, mine: Client) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    mine.get("/")
    assert mine.get(ME).json()["known_until"] == "2026-11-21T00:30:00+05:30"
    assert datetime.fromisoformat("2026-11-20T12:00:00+00:00").astimezone(UTC) == FRIDAY
