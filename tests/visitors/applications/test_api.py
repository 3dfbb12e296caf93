"""The owner's JSON doors: who may, what is refused by name, what the answers hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from rest_framework.test import APIClient

from tests.visitors.builders import a_token
from visitors.applications.models import Application

from .people import MONDAY, PHONE, SAFARI, Somebody, an_application, status

pytestmark = pytest.mark.django_db


def url(name: str, *arguments: Any) -> str:
    return reverse(f"visitors:{name}", args=arguments)


def client_of(**user: Any) -> APIClient:
    client = APIClient()
    key = a_token(User.objects.create(is_staff=True, **user))
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


@pytest.fixture
def owner() -> APIClient:
    return client_of(username="owner", is_superuser=True)


def add(client: APIClient, **given: Any) -> Any:
    return client.post(url("applications"), {"company": "Acme Corp"} | given, format="json")


def test_an_application_is_added_with_a_link(owner: APIClient) -> None:
    answer = add(owner, role="Developer", channel="ats", target="/resume/", status="sent")
    made = answer.json()
    assert (answer.status_code, answer["Cache-Control"], made["status"], made["is_live"]) == (
        201,
        "no-store",
        "sent",
        True,
    )
    assert made["link"] == f"http://testserver/r/{made['slug']}/"
    assert made["short_link"] == f"testserver/r/{made['slug']}"
    assert made["sent_at"] is not None
    assert owner.get(url("application", made["id"])).json() == made


def test_a_draft_has_no_time_and_a_time_makes_it_sent(owner: APIClient) -> None:
    draft = add(owner).json()
    assert (draft["status"], draft["sent_at"]) == ("draft", None)
    changed = owner.patch(
        url("application", draft["id"]), {"sent_at": "2026-11-15T10:00:00+01:00"}, format="json"
    ).json()
    assert (changed["status"], changed["sent_at"]) == ("sent", "2026-11-15T09:00:00Z")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company", ""),
        ("company", 7),
        ("company", "x" * 121),
        ("company", None),
        ("channel", "fax"),
        ("channel", ["email"]),
        ("status", "hired"),
        ("target", "https://evil.example/"),
        ("target", "//evil.example/"),
        ("target", "/\\evil.example"),
        ("target", "/resume/?token=1"),
        ("target", "/a b"),
        ("target", "/r/other/"),
        ("target", "resume/"),
        ("sent_at", "yesterday"),
        ("sent_at", "2026-13-40"),
        ("sent_at", "0001-01-01T00:00:00+14:00"),
        ("sent_at", 5),
        ("notify", "yes"),
        ("slug", "mine"),
        ("id", 1),
        ("revoked_at", None),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(owner: APIClient, field: str, value: Any) -> None:
    answers = (
        add(owner, **{field: value}),
        owner.patch(url("application", an_application().pk), {field: value}, format="json"),
    )
    for answer in answers:
        assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, field)
    assert Application.objects.count() == 1


def test_an_application_needs_a_company(owner: APIClient) -> None:
    answer = owner.post(url("applications"), {"role": "Developer"}, format="json")
    assert answer.json()["error"]["message"] == "`company` must be given, not 'missing'."


def test_a_status_moved_back_is_held_and_moved_on_is_free_again(owner: APIClient) -> None:
    acme = an_application()
    address = url("application", acme.pk)
    held = [
        owner.patch(address, {"status": each}, format="json").json()["is_status_held"]
        for each in ("interview", "sent", "opened", "rejected")
    ]
    assert held == [False, True, False, True]


def test_visits_change_nothing_that_the_owner_holds(owner: APIClient) -> None:
    acme, reader = an_application(), Somebody()
    owner.patch(url("application", acme.pk), {"status": "rejected"}, format="json")
    reader.opens(acme, MONDAY)
    reader.reads("/", MONDAY + timedelta(seconds=30))
    assert status(acme) == "rejected"


def test_the_list_is_filtered_and_paged(owner: APIClient) -> None:
    for number in range(3):
        an_application(f"Company {number}", channel="ats" if number else "email")
    page = owner.get(url("applications"), {"channel": "ats", "page_size": 1}).json()
    assert (page["count"], page["pages"], [each["company"] for each in page["results"]]) == (2, 2, ["Company 2"])
    assert owner.get(url("applications"), {"status": "draft"}).json()["results"] == []
    for name in ("status", "channel", "page", "company"):
        answer = owner.get(url("applications"), {name: "nonsense"})
        assert (answer.status_code, answer.json()["error"]["parameter"]) == (400, name)


def test_two_applications_of_one_visitor_are_shown_together(owner: APIClient) -> None:
    acme, globex, other = an_application("Acme"), an_application("Globex"), an_application("Other")
    agency = Somebody()
    for minute, each in enumerate((acme, globex)):
        agency.opens(each, MONDAY + timedelta(minutes=2 * minute))
        agency.reads("/", MONDAY + timedelta(minutes=2 * minute + 1))
    Somebody(ip=PHONE, user_agent=SAFARI).opens(other, MONDAY)
    found = {each["company"]: each["also_opened"] for each in owner.get(url("applications")).json()["results"]}
    assert found == {"Acme": [globex.pk], "Globex": [acme.pk], "Other": []}


def test_the_timeline_tells_openings_pages_and_acts(owner: APIClient) -> None:
    acme, reader = an_application(), Somebody()
    Somebody(ip=PHONE).get(f"/r/{acme.slug}/", MONDAY - timedelta(hours=1), method="head")
    reader.opens(acme, MONDAY)
    reader.reads("/", MONDAY + timedelta(seconds=30), seconds=25)
    reader.asks("What is your notice period?", MONDAY + timedelta(seconds=60))
    reader.get("/resume/download/", MONDAY + timedelta(seconds=90))
    timeline = owner.get(url("application-timeline", acme.pk)).json()
    told = [(event["kind"], event["opened_by"], event["path"], event["engaged_ms"]) for event in timeline["events"]]
    assert told == [
        ("opening", "auto", "", 0),
        ("opening", "human", "", 0),
        ("page", "", "/", 25_000),
        ("chat_message", "", "/ask/", 0),
        ("download", "", "/resume/download/", 0),
    ]
    assert (timeline["events_total"], len(timeline["visits"]), timeline["application"]["human"]) == (5, 1, 1)


def test_the_funnel_counts_each_application_once(owner: APIClient) -> None:
    acme = an_application("Acme", channel="ats", resume_version="b")
    an_application("Globex", channel="ats", resume_version="a")
    an_application("Draft", sent_at=None)
    for ip, agent in (("203.0.113.7", SAFARI), (PHONE, SAFARI)):
        reader = Somebody(ip=ip, user_agent=agent)
        reader.opens(acme, MONDAY + timedelta(days=1))
        reader.reads("/", MONDAY + timedelta(days=1, seconds=30))
        reader.get("/resume/download/", MONDAY + timedelta(days=1, seconds=90))
    funnel = owner.get(url("applications-funnel")).json()
    total = {"name": "", "sent": 2, "opened": 1, "read": 1, "resume": 1, "contacted": 0, "opened_rate": 50.0}
    assert (funnel["total"], funnel["median_days_to_open"]) == (total, 2.0)
    assert funnel["by_channel"] == [total | {"name": "ats"}]
    assert [(row["name"], row["opened"]) for row in funnel["by_resume_version"]] == [("a", 0), ("b", 1)]


def test_a_funnel_of_nothing_is_empty(owner: APIClient) -> None:
    funnel = owner.get(url("applications-funnel")).json()
    assert (funnel["total"]["sent"], funnel["total"]["opened_rate"], funnel["median_days_to_open"]) == (0, None, None)


def test_revoking_twice_keeps_the_first_time(owner: APIClient) -> None:
    acme = an_application()
    first, second = (owner.post(url("application-revoke", acme.pk)).json() for _ in range(2))
    assert (first["is_live"], first["revoked_at"]) == (False, second["revoked_at"])


@pytest.mark.parametrize("pk", [999, 1 << 80])
def test_what_is_not_there_is_404(owner: APIClient, pk: int) -> None:
    for name in ("application", "application-timeline"):
        assert owner.get(url(name, pk)).status_code == 404
    assert owner.post(url("application-revoke", pk)).status_code == 404
    assert owner.patch(url("application", pk), {}, format="json").status_code == 404


def test_strangers_are_401_guests_403_and_staff_without_the_permission_only_reads() -> None:
    acme = an_application()
    reads = [url("applications"), url("applications-funnel"), url("application", acme.pk)]
    reads.append(url("application-timeline", acme.pk))
    staff, other, guest = client_of(username="staff"), client_of(username="other"), client_of(username="guest")
    User.objects.filter(username="guest").update(is_staff=False)
    User.objects.get(username="staff").user_permissions.add(Permission.objects.get(codename="view_visitorsession"))
    for client, expected in ((APIClient(), 401), (guest, 403), (other, 403), (staff, 200)):
        assert {client.get(address).status_code for address in reads} == {expected}
    for client, expected in ((APIClient(), 401), (guest, 403), (staff, 403)):
        assert add(client).status_code == expected
        assert client.patch(url("application", acme.pk), {"role": "x"}, format="json").status_code == expected
        assert client.post(url("application-revoke", acme.pk)).status_code == expected
    assert Application.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "queries"), [("applications", 7), ("applications-funnel", 4), ("application-timeline", 10)]
)
def test_an_answer_costs_as_many_queries_for_many_as_for_one(
    owner: APIClient, name: str, queries: int, django_assert_max_num_queries: Any
) -> None:
    acme = an_application()
    for number in range(8):
        an_application(f"Company {number}")
        reader = Somebody(ip=f"203.0.113.{number}")
        reader.opens(acme, MONDAY + timedelta(hours=number))
        reader.reads("/", MONDAY + timedelta(hours=number, minutes=1))
    address = url(name, acme.pk) if name.endswith("timeline") else url(name)
    owner.get(address)  # stores what the requests before left out
    with django_assert_max_num_queries(queries):
        owner.get(address)
