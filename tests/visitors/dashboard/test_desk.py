"""What the owner changes from the dashboard, and who may: labels of visits, notes on days."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.visitors.builders import NOON, a_session
from visitors import OwnerPanel
from visitors.models import Annotation, VisitorSession

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/"
NO_SUCH_VISIT = "0190d6a8-0000-7000-8000-000000000000"


def staff_with(*permissions):
    user = User.objects.create_user("reader", is_staff=True)
    wanted = ("view_visitorsession", *permissions)
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted, content_type__app_label="visitors"))
    client = Client()
    client.force_login(user)
    return client


def body(answer):
    return answer.getvalue().decode()


def test_staff_without_the_permission_to_read_reports_see_nothing(client):
    client.force_login(User.objects.create_user("writer", is_staff=True))
    assert client.get(PAGE).status_code == 403


def test_a_label_is_kept_at_once_and_leads_back_to_the_visit():
    session = a_session(pages=("/", "/resume/"))
    desk = staff_with("change_visitorsession")
    address = f"{PAGE}visit/{session.session_id}/label/?period=7d&visit={session.session_id}"
    answer = desk.post(address, {"label": "recruiter"})
    assert (answer.status_code, answer.url) == (302, f"{PAGE}?period=7d&visit={session.session_id}#session")
    stored = VisitorSession.objects.get()
    assert (stored.label, stored.is_recruiter) == ("recruiter", True)
    assert LogEntry.objects.get().change_message == "Labelled recruiter."
    assert 'aria-pressed="true">a recruiter' in body(desk.get(f"{PAGE}panel/session/?visit={session.session_id}"))


def test_pressing_a_label_again_takes_it_back():
    session = a_session(pages=("/", "/resume/"), label="recruiter")
    panel = body(staff_with("change_visitorsession").get(f"{PAGE}panel/session/?visit={session.session_id}"))
    assert re.findall(r'name="label" value="(\w*)"', panel) == ["", "client", "peer", "me", "bot", "human"]


def test_a_label_that_nobody_knows_is_refused_by_name():
    session = a_session()
    answer = staff_with("change_visitorsession").post(f"{PAGE}visit/{session.session_id}/label/", {"label": "spy"})
    assert (answer.status_code, body(answer)[:21]) == (400, "`label` must be one o")


def test_a_visit_that_is_not_there_cannot_be_labelled():
    desk = staff_with("change_visitorsession")
    assert desk.post(f"{PAGE}visit/{NO_SUCH_VISIT}/label/", {"label": "me"}).status_code == 404


def test_a_reader_of_reports_may_change_nothing():
    session = a_session()
    reader = staff_with()
    note = Annotation.objects.create(day=NOON.date(), text="Talk")
    answers = [
        reader.post(f"{PAGE}visit/{session.session_id}/label/", {"label": "me"}),
        reader.post(f"{PAGE}notes/", {"day": "2026-11-20", "text": "x"}),
        reader.post(f"{PAGE}notes/{note.pk}/remove/"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    page = body(reader.get(PAGE))
    assert "Talk" in page
    assert "formaction" not in page


@pytest.mark.parametrize("path", [f"visit/{NO_SUCH_VISIT}/label/", "notes/", "notes/1/remove/"])
def test_a_foreign_page_cannot_press_the_owners_buttons(path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))
    assert client.post(PAGE + path, {"label": "bot"}).status_code == 403
    assert client.get(PAGE + path).status_code in {403, 405}


def test_the_buttons_carry_a_token_though_the_page_is_streamed():
    a_session()
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', body(client.get(PAGE)))[1]
    answer = client.post(f"{PAGE}notes/", {"day": "2026-11-20", "text": "Talk", "csrfmiddlewaretoken": token})
    assert answer.status_code == 302
    assert Annotation.objects.count() == 1


def test_a_note_is_drawn_told_in_the_table_and_removed(owner_of_all):
    a_session()
    day = NOON.date() - timedelta(days=3)
    answer = owner_of_all.post(
        f"{PAGE}notes/?period=30d", {"day": day.isoformat(), "text": " Post on\n the front page "}
    )
    assert (answer.status_code, answer.url) == (302, f"{PAGE}?period=30d#notes")
    note = Annotation.objects.get()
    assert (note.day, note.text) == (day, "Post on the front page")
    page = body(owner_of_all.get(PAGE))
    assert '<line class="note" x1="89.66%" x2="89.66%"' in page
    assert json.loads(re.search(r'id="marks" type="application/json">(.*?)</script>', page)[1]) == [
        {"place": 26, "text": "Post on the front page"}
    ]
    assert re.search(r'<th scope="row">Tue 17 Nov</th>.*?<td>Post on the front page</td></tr>', page)
    assert owner_of_all.post(f"{PAGE}notes/{note.pk}/remove/").status_code == 302
    assert owner_of_all.post(f"{PAGE}notes/{note.pk}/remove/").status_code == 404
    assert "front page" not in body(owner_of_all.get(PAGE))


@pytest.mark.parametrize(
    ("period", "day", "place"),
    [
        ("period=today", NOON.date(), 0),
        ("period=30d", NOON.date(), 29),
        ("period=12mo", NOON.date(), 11),
        ("from=2026-06-01&to=2026-10-31", date(2026, 6, 10), 1),  # by week: the second one begins on the 8th
    ],
)
def test_a_note_lies_at_the_interval_of_its_day(owner_of_all, period, day, place):
    Annotation.objects.create(day=day, text="Talk")
    panel = body(owner_of_all.get(f"{PAGE}panel/traffic/?{period}"))
    marks = json.loads(re.search(r'id="marks" type="application/json">(.*?)</script>', panel)[1])
    assert [mark["place"] for mark in marks] == [place]


def test_a_note_is_text_and_nothing_else(owner_of_all):
    Annotation.objects.create(day=NOON.date(), text="</script><b onclick=x>")
    panel = body(owner_of_all.get(f"{PAGE}panel/traffic/"))
    assert "<b onclick" not in panel


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"day": "soon", "text": "x"}, "`day` must be a day such as"),
        ({"text": "x"}, "`day` must be a day such as"),
        ({"day": "2026-11-20", "text": "  "}, "`text` must be 1 to 200 characters"),
        ({"day": "2026-11-20", "text": "x" * 201}, "`text` must be 1 to 200 characters"),
    ],
)
def test_a_note_that_cannot_be_says_why(owner_of_all, given, fault):
    answer = owner_of_all.post(f"{PAGE}notes/", given)
    assert answer.status_code == 400
    assert body(answer).startswith(fault)


def a_panel(*, start, end, limit):
    rows = (("Do you <b>juggle</b>?", f"{start} {end}"),)[:limit]
    return OwnerPanel(title="Asked", heads=("Question", "Days"), rows=rows, total=3, empty="Nothing.", more="/more/")


def an_empty_panel(*, start, end, limit):
    return OwnerPanel(title="Missed", heads=("Question",), rows=(), total=0, empty="Nothing to do.")


def test_the_site_adds_panels_of_its_own(owner_of_all, settings):
    panels = [f"{__name__}.a_panel", f"{__name__}.an_empty_panel"]
    settings.VISITORS = settings.VISITORS | {"OWNER_PANELS": panels}
    page = body(owner_of_all.get(f"{PAGE}?period=7d"))
    assert "Do you &lt;b&gt;juggle&lt;/b&gt;?" in page
    assert "<td>2026-11-14 2026-11-21</td>" in page
    assert "3 in this period" in page
    assert "Nothing to do." in page


def test_without_panels_of_the_site_the_page_has_no_place_for_them(owner_of_all, settings):
    settings.VISITORS = settings.VISITORS | {"OWNER_PANELS": []}
    assert 'data-panel="owner"' not in body(owner_of_all.get(PAGE))


def test_chips_tell_how_and_take_away_one_filter_each(owner_of_all):
    page = body(owner_of_all.get(f"{PAGE}?country=DE&country=FR&source.not=Google"))
    chips = re.findall(r'aria-label="Remove filter: ([^"]*)"', page)
    assert chips == ["Country Germany or France", "Source is not Google"]
    assert 'href="?country=DE&amp;country=FR" aria-label="Remove filter: Source' in page


def test_the_form_widens_a_filter_by_another_value(owner_of_all):
    answer = owner_of_all.get(f"{PAGE}?country=DE&add=country&how=&value=FR")
    assert (answer.status_code, answer.url) == (302, f"{PAGE}?country=DE&country=FR")


@pytest.mark.parametrize(
    ("asked", "found"), [("country=DE&country=FR", "3"), ("country.not=DE", "3"), ("country=DE", "1")]
)
def test_figures_follow_the_filter(owner_of_all, asked, found):
    a_session(country="DE")
    for _ in range(2):
        a_session(country="FR")
    a_session(country="US")
    panel = body(owner_of_all.get(f"{PAGE}panel/traffic/?{asked}"))
    assert re.search(r'<span class="v">(\d+)</span>', panel)[1] == found


def test_the_admins_list_leads_to_the_story_of_a_visit(owner_of_all):
    session = a_session(NOON - timedelta(days=90), recruiter_score=94, recruiter_band="high", is_recruiter=True)
    page = body(owner_of_all.get("/admin/visitors/visitorsession/"))
    assert 'class="visitors-badge visitors-high"' in page
    address = re.search(r'href="(/dashboard/[^"#]*)#session">Story', page)[1].replace("&amp;", "&")
    story = body(owner_of_all.get(address))
    assert f"Visit {session.session_id.hex[-4:]}" in story
    assert "Why 94" in story


def test_the_funnels_of_the_settings_are_shown_one_at_a_time(owner_of_all, settings):
    settings.VISITORS = settings.VISITORS | {
        "FUNNELS": {
            "To the résumé": {"steps": [{"name": "Came"}, {"name": "Read it", "page": "/resume*"}]},
            "To a talk": {"steps": [{"name": "Came"}, {"name": "Asked", "interaction": "chat_start"}]},
        }
    }
    a_session(pages=("/", "/resume/"))
    a_session(pages=("/",), acts=("chat_start",))
    a_session(pages=("/",))
    first = body(owner_of_all.get(f"{PAGE}panel/funnel/"))
    assert "<h2>To the résumé</h2>" in first
    assert "33.3% of visits take every step" in first
    assert 'href="?funnel=To+a+talk" data-only="funnel">To a talk' in first
    other = body(owner_of_all.get(f"{PAGE}panel/funnel/?funnel=To+a+talk"))
    assert "<h2>To a talk</h2>" in other
    assert "Asked" in other
    answer = owner_of_all.get(f"{PAGE}?funnel=nothing")
    assert (answer.status_code, "`funnel` must be one of To the résumé, To a talk" in body(answer)) == (400, True)


def test_without_a_funnel_the_panel_says_how_to_set_one(owner_of_all, settings):
    settings.VISITORS = settings.VISITORS | {"FUNNELS": {}}
    assert "VISITORS[&quot;FUNNELS&quot;]" in body(owner_of_all.get(f"{PAGE}panel/funnel/")).replace('"', "&quot;")


@pytest.fixture
def owner_of_all(db):
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client
