"""Forms work without scripts: what is right is kept and told once, what is wrong is said and not recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portfolio.models import ContactMessage, JobAnalysis
from tests.portfolio.conftest import FIREFOX
from tests.portfolio.pdfs import a_locked_pdf, a_pdf
from visitors.models import VisitorInteraction, VisitorSession

Acts = Callable[[], list[tuple[str, str]]]
MESSAGE = {"name": "Rita", "email": "rita@Agency.example", "company": "", "message": "We would like to interview you."}
JOB = "Backend Engineer\n5 years of Python, Django, PostgreSQL and Haskell"


def test_a_contact_message_is_kept_and_told_without_the_address(browser: Client, acts: Acts) -> None:
    response = browser.post("/contact/", MESSAGE)
    assert (response.status_code, response["Location"]) == (302, "/contact/?sent")
    kept = ContactMessage.objects.get()
    assert (kept.name, kept.email, kept.message) == ("Rita", "rita@Agency.example", MESSAGE["message"])
    assert acts() == [("contact", "")]
    assert VisitorInteraction.objects.get().details["from_organisation"] is True
    assert "agency.example" not in str([*VisitorInteraction.objects.values(), *VisitorSession.objects.values()]).lower()
    assert "rita@" not in str(list(VisitorInteraction.objects.values()))
    assert b"Your message has arrived" in browser.get("/contact/?sent").content


@pytest.mark.parametrize(
    "wrong", [{"email": "rita"}, {"name": ""}, {"message": ""}, {"message": "a\x00b"}, {"message": "x" * 5001}]
)
def test_a_wrong_contact_message_is_neither_kept_nor_recorded(
    browser: Client, acts: Acts, wrong: dict[str, str]
) -> None:
    response = browser.post("/contact/", MESSAGE | wrong)
    assert response.status_code == 400
    assert b"errorlist" in response.content
    assert (ContactMessage.objects.count(), acts()) == (0, [])


def test_the_sixth_message_of_an_hour_waits(browser: Client, acts: Acts) -> None:
    statuses = [browser.post("/contact/", MESSAGE).status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
    assert (ContactMessage.objects.count(), len(acts())) == (5, 5)


@pytest.mark.parametrize("path", ["/chat/", "/contact/", "/job-analysis/"])
def test_a_form_without_its_token_is_refused(site: None, path: str) -> None:
    assert Client(enforce_csrf_checks=True, headers={"user-agent": FIREFOX}).post(path, {}).status_code == 403


def test_a_job_analysis_is_shown_kept_and_recorded_once(browser: Client, acts: Acts) -> None:
    response = browser.post("/job-analysis/", {"job_requirements": JOB})
    html = response.content.decode()
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "Haskell" in html and "5 years of Python, Django" in html
    assert acts() == [("job_analysis", "")]  # its title was typed
    details = VisitorInteraction.objects.get().details
    assert details["match_level"] == JobAnalysis.objects.get().match_level
    assert "Haskell" not in str(details)


def test_another_visitor_is_never_shown_the_analysis(browser: Client, other_browser: Client) -> None:
    browser.post("/job-analysis/", {"job_requirements": JOB})
    assert b"Haskell" not in other_browser.get("/job-analysis/").content
    assert b"Haskell" not in browser.get("/job-analysis/").content
    theirs = other_browser.post("/job-analysis/", {"job_requirements": "Kafka, Redis, Docker"}).content
    assert b"Haskell" not in theirs


def test_a_pdf_is_analysed_and_wins_over_the_text(browser: Client) -> None:
    file = SimpleUploadedFile("job.pdf", a_pdf("Go, Rust and Zig"), "application/pdf")
    browser.post("/job-analysis/", {"job_requirements": "Python", "file": file})
    assert JobAnalysis.objects.get().job_requirements.strip() == "Go, Rust and Zig"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"job_requirements": "  "}, 400),
        ({"job_requirements": "a\x00b"}, 400),
        ({"job_requirements": "a" * (256 * 1024 + 1)}, 413),
        ({"file": SimpleUploadedFile("job.png", b"\x89PNG\x00")}, 415),
        ({"file": SimpleUploadedFile("job.pdf", a_locked_pdf())}, 422),
        ({"file": SimpleUploadedFile("job.txt", b"a" * (5 * 1024 * 1024 + 1))}, 413),
        ({"file": SimpleUploadedFile("job.txt", b"a" * (6 * 1024 * 1024))}, 413),
    ],
    ids=["nothing", "blank", "nul", "long text", "picture", "locked", "large file", "larger than read"],
)
def test_a_job_that_cannot_be_read_is_refused_and_not_recorded(
    browser: Client, acts: Acts, fields: dict[str, Any], status: int
) -> None:
    for value in fields.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    assert browser.post("/job-analysis/", fields).status_code == status
    assert (JobAnalysis.objects.count(), acts()) == (0, [])


def test_too_little_to_judge_shows_no_percentage(browser: Client) -> None:
    html = browser.post("/job-analysis/", {"job_requirements": "Python and cake"}).content.decode()
    assert "Not enough to judge" in html
    assert "%" not in html.partition('class="card result"')[2].partition("</section>")[0]


def test_the_eleventh_analysis_of_an_hour_waits(browser: Client) -> None:
    statuses = [browser.post("/job-analysis/", {"job_requirements": "Python"}).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def test_the_queries_of_each_post(browser: Client, journal_only: None, django_assert_num_queries: Any) -> None:
    # Profile with its three lists, projects, search, savepoint pair, conversation, message.
    with django_assert_num_queries(10):
        browser.post("/chat/", {"question": "What happens when the leader fails?"})
    with django_assert_num_queries(1):
        browser.post("/contact/", MESSAGE)
    # Profile with its three lists, projects, the analysis, the profile around the page.
    with django_assert_num_queries(7):
        browser.post("/job-analysis/", {"job_requirements": JOB})


@pytest.mark.parametrize("charset", ["utf-16", "hex", "punycode", "no-such", "idna"])
def test_an_odd_charset_is_never_a_server_error(browser: Client, charset: str) -> None:
    body = b"name=%ff&question=%ff&job_requirements=%ff%fe"
    for path in ("/contact/", "/chat/", "/job-analysis/", "/api/chat/", "/api/job-analysis/"):
        for media_type in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"):
            response = browser.generic("POST", path, body, content_type=f"{media_type}; charset={charset}")
            assert response.status_code < 500
