"""The site's JSON: documented shapes, the same services as the pages, counted queries, no trace of refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portfolio.models import ContactMessage, Conversation, JobAnalysis, Message, Project
from tests.portfolio.pdfs import a_locked_pdf, a_pdf

Acts = Callable[[], list[tuple[str, str]]]
MESSAGE = {"name": "Rita", "email": "rita@agency.example", "message": "Hello"}


def post(client: Client, path: str, body: object) -> Any:
    return client.post(path, body, content_type="application/json")


def test_projects_are_listed_in_pages(browser: Client, journal_only: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        body = browser.get("/api/projects/").json()
    assert (body["count"], body["next"], body["previous"], len(body["results"])) == (8, None, None, 8)
    assert body["results"][0] == {
        "title": "Raft KV",
        "slug": "raft-kv",
        "url": "/projects/raft-kv/",
        "summary": "A replicated key-value store in Go that survives the loss of any minority of its machines.",
        "tech_stack": ["Go", "gRPC", "Protocol Buffers", "Raft", "Prometheus", "Docker"],
        "year": 2025,
        "featured": True,
    }


@pytest.mark.parametrize("page", ["abc", "0", "-1", "999", "9" * 5000, "\x00", "%ff"])
def test_a_page_that_is_none_is_a_404(browser: Client, page: str) -> None:
    response = browser.get("/api/projects/", {"page": page})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_a_long_list_has_a_next_page(browser: Client) -> None:
    Project.objects.bulk_create(
        Project(title=f"P{number}", slug=f"p{number}", summary="s", description="d", year=2026) for number in range(20)
    )
    body = browser.get("/api/projects/").json()
    assert (body["count"], len(body["results"])) == (28, 20)
    assert len(browser.get(body["next"]).json()["results"]) == 8


def test_one_project(browser: Client, journal_only: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        body = browser.get("/api/projects/tiny-trace/").json()
    assert list(body) == [
        "title", "slug", "url", "summary", "tech_stack", "year", "featured", "description", "highlights", "role",
        "source_url", "demo_url",
    ]  # fmt: skip
    assert body["highlights"][0] == "30,000 spans a second on a laptop."


def test_an_answer_names_its_source(browser: Client, acts: Acts) -> None:
    response = post(browser, "/api/chat/", {"question": "How many years with psql?"})
    body = response.json()
    assert body.pop("asked_at")
    assert body == {
        "question": "How many years with psql?",
        "answer": "PostgreSQL: 8 years, expert, used in Ledgerline, pgwatchman and Queue Garden.",
        "topic": "years",
        "is_answered": True,
        "source": {"title": "Skills", "url": "/about/#skills"},
    }
    assert response["Cache-Control"] == "no-store"
    assert acts() == [("chat_start", ""), ("chat_message", "")]


def test_the_conversation_goes_on_between_api_and_page(browser: Client, other_browser: Client, acts: Acts) -> None:
    post(browser, "/api/chat/", {"question": "Where are you based?", "project": None})
    post(browser, "/api/chat/", {"question": "Which stack?", "project": "raft-kv"})
    assert Conversation.objects.count() == 1
    assert acts() == [("chat_start", ""), ("chat_message", ""), ("chat_message", "raft-kv")]
    assert b"Raft KV is built with Go" in browser.get("/chat/").content
    assert b"Raft KV is built with Go" not in other_browser.get("/chat/").content


@pytest.mark.parametrize(
    ("body", "parameter", "message"),
    [
        ({}, "question", "`question` is required."),
        ({"question": " "}, "question", "`question` must not be empty."),
        ({"question": None}, "question", "`question` must not be empty."),
        ({"question": ["a"]}, "question", "`question`: Not a valid string."),
        ({"question": "x" * 1001}, "question", "`question`: Ensure this field has no more than 1000 characters."),
        ({"question": "a", "project": "nope"}, "project", "`project`: Object with slug=nope does not exist."),
        ({"question": "a", "project": {"x": 1}}, "project", "`project`: Object with slug={'x': 1} does not exist."),
    ],
)
def test_a_wrong_question_is_refused_by_name(
    browser: Client, acts: Acts, body: dict[str, Any], parameter: str, message: str
) -> None:
    response = post(browser, "/api/chat/", body)
    assert response.status_code == 400
    assert (response.json()["error"]["parameter"], response.json()["error"]["message"]) == (parameter, message)
    assert (Message.objects.count(), acts()) == (0, [])


def test_a_chat_is_not_read_by_get(browser: Client, acts: Acts) -> None:
    assert browser.get("/api/chat/").status_code == 405
    assert acts() == []


def test_a_job_is_analysed_in_the_documented_shape(browser: Client, acts: Acts) -> None:
    job = "Backend Engineer\n5+ years of Python and Django\nBachelor's degree\nNice to have: Haskell"
    body = post(browser, "/api/job-analysis/", {"job_requirements": job}).json()
    projects = body["matched_skills"][1].pop("projects")
    assert body["job"] == {
        "title": "Backend Engineer",
        "skills_found": 3,
        "years_required": 5,
        "education_required": "Bachelor",
    }
    assert body["match_scores"] == {"overall": 90, "skills": 80, "experience": 100, "education": 100}
    assert body["match_level"] == "excellent"
    assert body["matched_skills"][1] == {
        "skill": "Django",
        "importance": "must",
        "years_required": 5,
        "evidence": "5+ years of Python and Django",
        "years": 8.0,
        "level": "Expert",
    }
    assert projects[0] == {"title": "Ledgerline", "url": "/projects/ledgerline/"}
    assert body["missing_skills"] == [
        {"skill": "Haskell", "importance": "nice", "years_required": None, "evidence": "Nice to have: Haskell"}
    ]
    assert body["recommendations"][0].startswith("See “Ledgerline”")
    assert acts() == [("job_analysis", "")]  # its title was typed


def test_too_little_to_judge_has_no_scores(browser: Client) -> None:
    body = post(browser, "/api/job-analysis/", {"job_requirements": "Python only"}).json()
    assert (body["match_scores"], body["match_level"]) == (None, "insufficient")


def test_two_visitors_get_their_own_analysis(browser: Client, other_browser: Client) -> None:
    first = post(browser, "/api/job-analysis/", {"job_requirements": "Python, Django, Redis"}).json()
    second = post(other_browser, "/api/job-analysis/", {"job_requirements": "Kafka, Docker, Haskell"}).json()
    assert [skill["skill"] for skill in first["matched_skills"]] == ["Python", "Django", "Redis"]
    assert [skill["skill"] for skill in second["matched_skills"]] == ["Kafka", "Docker"]


def test_a_file_is_analysed(browser: Client) -> None:
    file = SimpleUploadedFile("job.pdf", a_pdf("Python, Django, Redis"))
    body = browser.post("/api/job-analysis/", {"file": file}).json()
    assert body["job"]["skills_found"] == 3


def test_a_text_of_exactly_the_limit_is_read_however_it_is_escaped(browser: Client) -> None:
    text = "é" * (128 * 1024 - 10) + " Python, Django, Redis"[:20]
    assert len(text.encode()) == 256 * 1024
    assert post(browser, "/api/job-analysis/", {"job_requirements": text}).status_code == 200
    assert post(browser, "/api/job-analysis/", {"job_requirements": text + "!"}).status_code == 413


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 400, "required"),
        ({"job_requirements": " "}, 422, "empty"),
        ({"job_requirements": ["Python", "Go"]}, 400, "repeated"),
        ({"file": b""}, 422, "empty"),
        ({"file": b"\x89PNG\x00"}, 415, "unsupported_file"),
        ({"file": a_locked_pdf()}, 422, "encrypted"),
        ({"file": b"%PDF-1.4 broken"}, 422, "unreadable"),
        ({"file": b"a" * (5 * 1024 * 1024 + 1)}, 413, "too_large"),
        ({"file": b"a" * (6 * 1024 * 1024)}, 413, "too_large"),
    ],
    ids=["nothing", "blank", "twice", "empty", "picture", "locked", "broken", "large", "larger"],
)
def test_a_job_that_cannot_be_read_is_refused_and_not_recorded(
    browser: Client, acts: Acts, fields: dict[str, Any], status: int, code: str
) -> None:
    sent = {
        name: SimpleUploadedFile("job.pdf", value) if isinstance(value, bytes) else value
        for name, value in fields.items()
    }
    response = browser.post("/api/job-analysis/", sent)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert (JobAnalysis.objects.count(), acts()) == (0, [])


def test_a_contact_message_is_received(browser: Client, acts: Acts) -> None:
    response = post(browser, "/api/contact/", MESSAGE)
    assert (response.status_code, list(response.json())) == (201, ["received_at"])
    assert ContactMessage.objects.get().email == "rita@agency.example"
    assert acts() == [("contact", "")]


@pytest.mark.parametrize("wrong", [{"email": "x"}, {"name": ""}, {"message": "x" * 5001}, {"company": "c" * 121}])
def test_a_wrong_contact_message_is_refused(browser: Client, acts: Acts, wrong: dict[str, str]) -> None:
    response = post(browser, "/api/contact/", MESSAGE | wrong)
    assert (response.status_code, response.json()["error"]["parameter"]) == (400, next(iter(wrong)))
    assert (ContactMessage.objects.count(), acts()) == (0, [])


@pytest.mark.parametrize(
    ("path", "body", "allowed"),
    [
        ("/api/chat/", {"question": "Hi"}, 5),
        ("/api/contact/", MESSAGE, 5),
        ("/api/job-analysis/", {"job_requirements": "Go"}, 10),
    ],
)
def test_more_than_allowed_waits_and_is_not_recorded(
    browser: Client, acts: Acts, path: str, body: dict[str, str], allowed: int
) -> None:
    for _ in range(allowed):
        assert post(browser, path, body).status_code < 300
    before = acts()
    # Another address in a header that nobody vouches for does not help.
    response = browser.post(path, body, content_type="application/json", headers={"x-forwarded-for": "203.0.113.9"})
    assert (response.status_code, response.json()["error"]["code"]) == (429, "throttled")
    assert int(response["Retry-After"]) > 0
    assert acts() == before


def test_the_queries_of_each_post(browser: Client, journal_only: None, django_assert_num_queries: Any) -> None:
    # Profile with its three lists, projects, search, savepoint pair, conversation, message.
    with django_assert_num_queries(10):
        post(browser, "/api/chat/", {"question": "What happens when the leader fails?"})
    with django_assert_num_queries(1):
        post(browser, "/api/contact/", MESSAGE)
    with django_assert_num_queries(6):
        post(browser, "/api/job-analysis/", {"job_requirements": "Python, Django and Redis"})
