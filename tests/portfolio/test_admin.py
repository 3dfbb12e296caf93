"""The owner edits content and reads what visitors left; nobody writes in a visitor's name."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from portfolio.models import ContactMessage, Conversation, JobAnalysis, Message, Profile, Project

LISTS = ("profile", "project", "contactmessage", "conversation", "message", "unansweredquestion", "jobanalysis")


@pytest.fixture
def owner(site: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("owner"))
    conversation = Conversation.objects.create(key_digest="0" * 64)
    for question, is_answered in (("Where?", True), ("Which colour?", False)):
        Message.objects.create(
            conversation=conversation, question=question, answer="Here.", topic="x", is_answered=is_answered
        )
    ContactMessage.objects.create(name="Rita", email="rita@agency.example", message="Hello")
    JobAnalysis.objects.create(title="Engineer", job_requirements="Python", match_level="good", overall=80, result={})
    return client


@pytest.mark.parametrize("name", LISTS)
def test_each_list_and_its_first_row_open(owner: Client, name: str) -> None:
    page = owner.get(f"/admin/portfolio/{name}/")
    assert page.status_code == 200
    first = page.context["cl"].result_list[0]
    assert owner.get(f"/admin/portfolio/{name}/{first.pk}/change/").status_code == 200
    assert owner.get(f"/admin/portfolio/{name}/?q=a").status_code == 200


def test_unanswered_questions_have_their_own_list(owner: Client) -> None:
    rows = owner.get("/admin/portfolio/unansweredquestion/").context["cl"].result_list
    assert [row.question for row in rows] == ["Which colour?"]


@pytest.mark.parametrize("name", ["contactmessage", "conversation", "message", "unansweredquestion", "jobanalysis"])
def test_nobody_adds_what_only_visitors_leave(owner: Client, name: str) -> None:
    assert owner.get(f"/admin/portfolio/{name}/add/").status_code == 403


def test_lists_of_words_are_edited_as_one_line(owner: Client) -> None:
    project = Project.objects.get(slug="raft-kv")
    url = f"/admin/portfolio/project/{project.pk}/change/"
    form = owner.get(url).context["adminform"].form
    assert 'value="Go, gRPC, Protocol Buffers, Raft, Prometheus, Docker"' in str(form["tech_stack"])
    fields = {name: form[name].value() for name in form.fields} | {"tech_stack": " Go,  Zig ,, "}
    assert owner.post(url, fields).status_code == 302
    project.refresh_from_db()
    assert project.tech_stack == ["Go", "Zig"]


def test_an_empty_site_gets_its_first_profile(owner: Client) -> None:
    Profile.objects.all().delete()
    assert owner.get("/admin/portfolio/profile/add/").status_code == 200
