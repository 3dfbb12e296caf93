"""What the dashboard promises beyond its figures: notes, labels, shared links, tables, progress, empty places."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.e2e.conftest import ARTEFACTS
from tests.e2e.test_dashboard import PHONE, path_of, settled, until
from tests.e2e.waiting import Soon, stored
from tests.visitors.builders import a_session
from visitors import sharing
from visitors.models import Annotation, PageView, VisitorSession

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _visits(db):
    now = timezone.now()
    for age in range(1, 12):
        a_session(now - timedelta(days=age), pages=("/", "/projects/raft/"), country="DE", source="LinkedIn")
        a_session(now - timedelta(days=age), pages=("/",), country="FR", source="Google")
        a_session(now - timedelta(days=age), pages=("/",), country="US", source="Google")
    a_session(
        now - timedelta(days=2),
        pages=("/", "/resume/"),
        country="GB",
        is_recruiter=True,
        recruiter_score=94,
        recruiter_band="high",
        recruiter_signals=[{"signal": "ats_recruiter_app", "weight": 3.4, "seen": "app.lever.co"}],
    )


def test_a_note_is_written_drawn_and_removed_without_a_new_page(visit):
    page = visit.page()
    page.evaluate("window.stays = true")
    page.locator("#notes summary").click()
    day = timezone.localdate() - timedelta(days=4)
    page.locator("#notes input[name=day]").fill(day.isoformat())
    page.get_by_label("What happened").fill("Talk in Lisbon")
    page.get_by_role("button", name="Add note").click()
    until(page, "document.querySelector('#notes').innerText.includes('Talk in Lisbon')")
    assert Annotation.objects.get().day == day
    box = page.wait_for_selector(".u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 25 / 29, box["y"] + 60)
    assert "Talk in Lisbon" in page.locator(".tip").inner_text()
    page.get_by_text("View as table").click()
    assert page.locator(".plain tr", has_text="Talk in Lisbon").count() == 1
    page.screenshot(path=ARTEFACTS / "note.png")
    page.get_by_role("button", name=re.compile("^Remove the note")).click()
    until(page, "!document.querySelector('#notes').innerText.includes('Lisbon')")
    assert Annotation.objects.count() == 0
    assert page.evaluate("window.stays") is True


def test_a_note_is_on_paper(visit):
    Annotation.objects.create(day=timezone.localdate() - timedelta(days=4), text="Talk in Lisbon")
    page = visit.page()
    page.emulate_media(media="print")
    assert page.locator(".onpaper", has_text="Talk in Lisbon").is_visible()
    assert not page.get_by_role("button", name="Add note").is_visible()
    # A canvas keeps the width of the screen; the server's drawing fits the sheet.
    assert (page.locator(".chart").is_visible(), page.locator(".plot .lines").is_visible()) == (False, True)
    assert page.locator(".plot .names", has_text="Talk in Lisbon").count() == 1
    page.screenshot(path=ARTEFACTS / "paper-note.png", full_page=True)


def label_in_store(page):
    return stored(page, lambda: VisitorSession.objects.get(country="GB").label)


def test_a_visit_is_labelled_beside_its_story(visit):
    page = visit.page()
    page.get_by_role("button", name="a client", exact=True).click()
    until(page, "document.querySelector('.labels [aria-pressed=true]')?.innerText === 'a client'")
    assert label_in_store(page) == "client"
    assert settled(page) == f"?visit={VisitorSession.objects.get(country='GB').session_id}"
    page.get_by_role("button", name="a client", exact=True).click()
    until(page, "!document.querySelector('.labels [aria-pressed=true]')")
    assert label_in_store(page) == ""


def test_without_a_script_the_buttons_work_too(visit):
    page = visit.page(java_script_enabled=False)
    page.get_by_role("button", name="a peer", exact=True).click()
    assert path_of(page).endswith("#session")
    assert VisitorSession.objects.get(country="GB").label == "peer"


def test_is_not_and_several_values_are_chips_and_an_address(visit):
    page = visit.page()
    page.locator("[data-panel=countries]").get_by_role("link", name="Germany", exact=True).click()
    assert settled(page) == "?country=DE"
    add_filter(page, "country", "", "FR")
    assert settled(page) == "?country=DE&country=FR"
    assert page.locator(".kpi .v").first.inner_text() == "22"
    add_filter(page, "source", "not", "Google")
    assert settled(page) == "?country=DE&country=FR&source.not=Google"
    assert page.locator(".kpi .v").first.inner_text() == "11"
    told = [chip.inner_text() for chip in page.locator(".chip:has(.x)").all()]
    assert [" ".join(one.split()) for one in told] == ["Country Germany or France", "Source is not Google"]
    page.reload()
    assert page.locator(".kpi .v").first.inner_text() == "11"
    page.keyboard.press("Escape")
    assert settled(page) == "?"


def add_filter(page, name, how, value):
    page.keyboard.press("/")
    page.get_by_label("Show visits whose").select_option(name)
    page.locator("#filter select[name=how]").select_option(how)
    page.locator("#filter input[name=value]").fill(value)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_a_shared_link_is_used_like_the_dashboard_and_bars_nobody(visit, axe, options):
    visit.session_key = "nobody"
    _, secret = sharing.share("Ada")
    base = f"/dashboard/shared/{secret}/"
    page = visit.page(base, **options)
    page.evaluate("window.stays = true")
    page.locator("[data-panel=countries]").get_by_role("link", name="Germany", exact=True).click()
    assert settled(page) == f"shared/{secret}/?country=DE"
    assert page.locator(".kpi .v").first.inner_text() == "11"
    page.locator("[data-panel=sources]").get_by_role("link", name="Channels").click()
    until(page, "document.querySelector('[data-panel=sources]').innerText.includes('Direct')")
    with page.expect_download() as download:
        page.locator(".tools").get_by_text("CSV").click()
    assert download.value.path().read_bytes().startswith(b"day,visitors")
    with page.expect_response(re.compile(f"{re.escape(base)}panel/live/")) as live:
        pass
    assert live.value.status in {200, 304}
    assert page.evaluate("window.stays") is True
    assert page.locator("[data-panel=visits],[data-panel=session],#notes").count() == 0
    page = visit.page(base, bypass_csp=True, **options)
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    page.screenshot(path=ARTEFACTS / f"shared-{'phone' if options else 'desk'}.png", full_page=True)


def test_a_shared_link_asks_for_its_password(visit, axe):
    visit.session_key = "nobody"
    _, secret = sharing.share("Ada", password="correct horse")
    page = visit.page(f"/dashboard/shared/{secret}/", bypass_csp=True)
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    page.evaluate(axe)
    assert page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"] == []
    page.get_by_label("Password").fill("correct horse")
    page.keyboard.press("Enter")
    page.locator(".kpi").first.wait_for()
    visit.complaints[:] = [one for one in visit.complaints if "401" not in one and "403" not in one]


def test_every_chart_has_its_table(visit):
    for kind in ("search", "search", "ai"):
        a_session(timezone.now() - timedelta(days=2), is_bot=True, bot_kind=kind)
    page = visit.page()
    for summary in page.get_by_text("View as table").all():
        summary.click()
    assert page.locator("[data-panel=traffic] .plain tbody tr").count() == 30
    for panel, rows in (("countries", 4), ("hours", 7), ("pages", 3), ("sources", 3), ("visits", 1)):
        assert page.locator(f"[data-panel={panel}] tbody tr").count() == rows, panel
    assert page.locator("[data-panel=funnel] ol li").count() == 5
    assert page.locator("[data-panel=funnel] .n2").first.inner_text() == "34"
    hours = page.locator("[data-panel=hours] tbody td").all_inner_texts()
    assert sum(map(int, hours)) == 34
    bots = page.locator("[data-panel=quality] .plain tbody tr").all_inner_texts()
    assert [row.split() for row in bots] == [["Search", "2", "66.7%"], ["AI", "1", "33.3%"]]


def test_what_was_opened_stays_open_while_figures_change(visit):
    page = visit.page()
    page.locator("#live summary").click()
    page.get_by_text("View as table").first.click()
    page.keyboard.press("w")
    assert settled(page) == "?period=7d"
    assert page.locator("[data-panel=traffic] .plain tbody tr").count() == 7
    assert page.locator("[data-panel=traffic] .plain").is_visible()
    a_session(timezone.now() - timedelta(seconds=70), pages=("/", "/about/"), country="FR")
    until(page, "document.querySelector('#online').innerText === '1'")
    assert page.locator("#live .plain tbody tr").first.is_visible()
    until(page, "/^1:[0-5][0-9]$/.test(document.querySelector('.lv time').innerText)")


def test_a_live_panel_that_hears_nothing_says_so(visit):
    page = visit.page()
    state = Soon(page, page.locator("#state").inner_text)
    page.route("**/panel/live/*", lambda route: route.abort())
    assert state == "Offline"
    page.unroute("**/panel/live/*")
    assert state == "Live"
    visit.complaints[:] = [one for one in visit.complaints if "ERR_FAILED" not in one]


def test_an_hour_of_the_week_filters_by_pointer_and_by_key(visit):
    page = visit.page()
    page.locator("[data-panel=hours] td a").first.click()
    assert "weekday=" in settled(page)
    assert page.locator(".chip:has(.x)").count() == 2
    page.keyboard.press("Escape")
    assert settled(page) == "?"
    page.locator("[data-panel=hours] tbody th a").first.press("Enter")
    assert settled(page) == "?weekday=1"
    assert page.locator(".chip:has(.x) b").inner_text() == "Monday"


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_names_and_numbers_of_any_length_stay_in_their_places(visit, options):
    name = "Averyverylongnamewithoutasinglespace" * 3
    columns = {"source": name[:100], "network": name[:100], "browser": name[:40], "utm_campaign": name[:100]}
    reasons = [{"signal": "ats_recruiter_app", "weight": 3.4, "seen": name}]
    session = a_session(
        timezone.now() - timedelta(minutes=1), pages=(f"/{name}/",), is_recruiter=True, recruiter_score=99,
        recruiter_signals=reasons, converted_goals=[name], page_views_count=1_999_999_999, **columns,
    )  # fmt: skip
    Annotation.objects.create(day=timezone.localdate(), text=name)
    page = visit.page(f"/dashboard/?visit={session.session_id}&page.contains={name}&compare=off", **options)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    wide = """[...document.querySelectorAll('.card')].filter((card) => {
        const end = (one) => one.getBoundingClientRect().right;
        return [...card.querySelectorAll('.rec td,.tb td,dd,.who')].some((one) => end(one) > end(card) + 1);
    }).length"""
    assert page.evaluate(wide) == 0
    assert page.locator(".rec td").first.bounding_box()["width"] < 80  # the score
    tiles = page.locator(".kpi .v").all()
    assert tiles[2].inner_text() == "2B"
    assert all(tile.evaluate("one => one.scrollWidth <= one.clientWidth") for tile in tiles)
    page.screenshot(path=ARTEFACTS / f"long-{'phone' if options else 'desk'}.png", full_page=True)


def test_the_interval_that_still_runs_is_marked(visit):
    page = visit.page()
    assert page.locator(".legend").get_by_text("not over yet").is_visible()
    page.get_by_text("View as table").click()
    assert "(partial)" in page.locator(".plain tbody tr").last.inner_text()
    page.goto(f"{visit.base}/dashboard/?period=yesterday")
    assert page.locator(".legend").get_by_text("not over yet").count() == 0


def test_long_work_shows_progress(visit):
    page = visit.page()
    page.route("**/dashboard/?*", lambda route: (page.wait_for_timeout(600), route.continue_()))
    assert not page.locator("#progress").is_visible()
    page.keyboard.press("w")
    page.locator("#progress").wait_for(state="visible")
    assert settled(page) == "?period=7d"
    assert not page.locator("#progress").is_visible()


def test_empty_places_say_what_to_do(visit):
    for model in (VisitorSession, PageView):
        model.objects.all().delete()
    page = visit.page("/dashboard/?sources=campaign")
    for panel, advice in (
        ("traffic", "manage.py visitors_status"),
        ("live", "looks again every five seconds"),
        ("visits", "Links made for one application"),
        ("session", "Choose a visit"),
        ("sources", "Add ?utm_source="),
        ("pages", "Choose a longer one"),
        ("countries", "Choose a longer one"),
        ("acts", "They appear as soon as"),
    ):
        assert advice in page.locator(f"[data-panel={panel}] .empty").first.inner_text(), panel
    page.screenshot(path=ARTEFACTS / "empty.png", full_page=True)
