"""The admin reads everything, edits nothing, and labels only with the permission to."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.visitors.builders import NOON, a_page_view, a_session, an_interaction
from visitors.admin.sessions import MAX_LABELLED
from visitors.admin.texts import duration_text
from visitors.models import DroppedCount, JournalPosition, Salt, Share, VisitorSession
from visitors.spreadsheets import safe_cell

pytestmark = pytest.mark.django_db

MODELS = ("visitorsession", "pageview", "visitorinteraction", "share", "droppedcount")
LABELS = ("label_recruiter", "label_bot", "label_human", "label_me")


@pytest.fixture(autouse=True)
def _quiet(settings):
    """Nothing is observed, so that only the admin's own queries are counted."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "VisitorMiddleware" not in each]


@pytest.fixture
def owner(client):
    client.force_login(User.objects.create(username="owner", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def reader(client):
    """Staff with every view permission and no other."""
    user = User.objects.create(username="reader", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="visitors", codename__startswith="view_")
    )
    client.force_login(user)
    return client


def changelist(model="visitorsession"):
    return reverse(f"admin:visitors_{model}_changelist")


def timeline(session):
    return reverse("admin:visitors_visitorsession_timeline", args=(session.pk,))


def act(client, action, sessions, **more):
    return client.post(changelist(), {"action": action, "_selected_action": [each.pk for each in sessions], **more})


def one_of_each():
    session = a_session(pages=["/", "/about/"], acts=["download"])
    Share.objects.create(id=1, shared_at=NOON, day=NOON.date(), path="/", channel="Slack")
    DroppedCount.objects.create(day=date(2026, 11, 20), reason="prefetch", count=2)
    return session


def test_secrets_and_positions_are_not_registered():
    assert not admin.site.is_registered(Salt)
    assert not admin.site.is_registered(JournalPosition)


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_and_searches(owner, model):
    one_of_each()
    assert owner.get(changelist(model)).status_code == 200
    assert owner.get(changelist(model), {"q": "about"} if model != "droppedcount" else {}).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_added_edited_or_deleted_not_even_by_a_superuser(owner, model):
    one_of_each()
    model_class = next(each for each in admin.site._registry if each._meta.model_name == model)
    row = model_class.objects.first()
    assert owner.get(reverse(f"admin:visitors_{model}_add")).status_code == 403
    change = reverse(f"admin:visitors_{model}_change", args=(row.pk,))
    assert owner.get(change).status_code == 200
    assert owner.post(change, {"path": "/forged/"}).status_code == 403
    assert owner.post(reverse(f"admin:visitors_{model}_delete", args=(row.pk,)), {"post": "yes"}).status_code == 403
    owner.post(changelist(model), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model_class.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    "filters",
    [
        {"is_bot__exact": "1"},
        {"bot_kind": "search"},
        {"bot_certainty__exact": "declared"},
        {"device_type": "tablet"},
        {"channel": "Recruiting"},
        {"recruiter_band": "likely"},
        {"label__exact": "peer"},
        {"day__year": "2026", "day__month": "10"},
        {"q": "special"},
    ],
)
def test_sessions_are_found_by_what_they_are(owner, filters):
    special = a_session(
        NOON - timedelta(days=30),
        pages=["/special/"],
        is_bot=True,
        bot_kind="search",
        bot_certainty="declared",
        device_type="tablet",
        channel="Recruiting",
        recruiter_band="likely",
        label="peer",
    )
    a_session()
    found = owner.get(changelist(), filters).context["cl"].queryset
    assert list(found) == [special]


def test_a_session_is_found_by_its_public_id(owner):
    wanted = a_session()
    a_session()
    assert list(owner.get(changelist(), {"q": str(wanted.session_id)}).context["cl"].queryset) == [wanted]


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_the_same_queries_at_any_length(owner, model):
    one_of_each()
    owner.get(changelist(model))
    with CaptureQueriesContext(connection) as short:
        owner.get(changelist(model))
    for number in range(20):
        a_session(pages=["/", "/about/"], acts=["download"])
        Share.objects.create(id=10 + number, shared_at=NOON, day=NOON.date(), path="/", channel="Slack")
    with CaptureQueriesContext(connection) as long:
        owner.get(changelist(model))
    assert len(long) == len(short) <= 14


def test_the_badge_shows_the_score_with_its_reasons_and_escapes_what_was_seen(owner):
    evil = [{"signal": "ats", "weight": 2.4, "seen": '"><script>alert(1)</script>'}]
    a_session(recruiter_score=86, recruiter_band="likely", recruiter_signals=evil)
    page = owner.get(changelist()).content.decode()
    assert '<span class="visitors-badge visitors-likely" title="+2.4 ats: &quot;&gt;&lt;script&gt;' in page
    assert "<script>alert" not in page


def test_a_visit_has_its_timeline_and_nothing_on_it_runs(owner):
    session = a_session(pages=["/", "/<script>x</script>/"], recruiter_score=60, recruiter_band="possible")
    an_interaction(session, "download", target="resume.pdf", after=timedelta(seconds=90))
    answer = owner.get(timeline(session))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "download resume.pdf" in page
    assert "1 min 30 s" in page
    assert "/&lt;script&gt;x&lt;/script&gt;/" in page
    assert "<script>x" not in page
    assert timeline(session) in owner.get(changelist()).content.decode()


def test_an_unknown_visit_has_no_timeline(owner):
    assert owner.get(reverse("admin:visitors_visitorsession_timeline", args=(12345,))).status_code == 404
    assert owner.get("/admin/visitors/visitorsession/no-number/timeline/").status_code == 404


def test_a_timeline_needs_the_view_permission(client):
    session = a_session()
    client.force_login(User.objects.create(username="writer", is_staff=True))
    assert client.get(timeline(session)).status_code == 403
    assert client.get(changelist()).status_code == 403


@pytest.mark.parametrize(
    ("action", "label", "is_human", "is_bot"),
    [
        ("label_recruiter", "recruiter", True, False),
        ("label_bot", "bot", False, True),
        ("label_human", "human", True, False),
        ("label_me", "me", False, False),
    ],
)
def test_the_owners_word_counts(owner, action, label, is_human, is_bot):
    session, other = a_session(), a_session()
    assert act(owner, action, [session]).status_code == 302
    session.refresh_from_db()
    other.refresh_from_db()
    assert (session.label, session.is_human, session.is_bot, other.label) == (label, is_human, is_bot, "")
    assert [entry.change_message for entry in LogEntry.objects.all()] == [f"Labelled {label}."]


@pytest.mark.parametrize("action", LABELS)
def test_somebody_who_may_only_look_cannot_label(reader, action):
    session = a_session()
    act(reader, action, [session])
    session.refresh_from_db()
    assert (session.label, session.is_human) == ("", True)


def test_somebody_who_may_only_look_sees_the_export_alone(reader):
    a_session()
    choices = reader.get(changelist()).context["action_form"].fields["action"].choices
    assert [value for value, _ in choices if value] == ["export_csv"]


def test_too_many_visits_at_once_are_refused(owner, monkeypatch):
    monkeypatch.setattr("visitors.admin.sessions.MAX_LABELLED", 2)
    sessions = [a_session() for _ in range(3)]
    answer = owner.post(
        changelist(), {"action": "label_bot", "_selected_action": [each.pk for each in sessions]}, follow=True
    )
    assert "Choose at most 2 visits at once." in answer.content.decode()
    assert not VisitorSession.objects.exclude(label="").exists()
    assert MAX_LABELLED == 500


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("/path", "/path"),
        ("", ""),
        (-5, -5),
        (None, None),
        (True, True),
    ],
)
def test_a_cell_is_never_a_formula(value, cell):
    assert safe_cell(value) == cell


def test_an_export_holds_the_chosen_visits(reader):
    wanted = a_session(pages=["/", "=1+1"], referrer_host='a,"b"')
    a_session()
    answer = act(reader, "export_csv", [wanted])
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert [(row["session_id"], row["exit_path"], row["referrer_host"]) for row in rows] == [
        (str(wanted.session_id), "'=1+1", 'a,"b"')
    ]


@pytest.mark.parametrize("model", MODELS)
def test_every_list_exports(owner, model):
    session = one_of_each()
    a_page_view(session, "/gone/", status=404)
    model_class = next(each for each in admin.site._registry if each._meta.model_name == model)
    chosen = [row.pk for row in model_class.objects.all()]
    answer = owner.post(changelist(model), {"action": "export_csv", "_selected_action": chosen})
    assert len(list(csv.reader(io.StringIO(answer.getvalue().decode())))) == 1 + len(chosen)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(None, "-"), (0, "0 s"), (999, "0 s"), (61_000, "1 min 1 s"), (3_600_000, "1 h"), (3_723_000, "1 h 2 min 3 s")],
)
def test_durations_are_written_for_people(milliseconds, text):
    assert duration_text(milliseconds) == text
