"""The dashboard as an owner uses it: pointer, keyboard, phone, dark, paper, and without a script."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from tests.e2e.conftest import ARTEFACTS
from tests.e2e.waiting import Soon
from tests.visitors.builders import a_session
from visitors.models import PageView, VisitorSession

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@pytest.fixture(autouse=True)
def _visits(db):
    now = timezone.now()
    for age in range(1, 20):
        at = now - timedelta(days=age)
        a_session(at, pages=("/", f"/projects/{age % 3}/"), country="DE", source="LinkedIn", channel="Organic Social")
        a_session(at, pages=("/",), country="US", source="Google", browser="Chrome", device_type="mobile")
    a_session(
        now - timedelta(days=2),
        pages=("/", "/resume/", "/contact/"),
        acts=("download", "contact"),
        country="GB",
        is_recruiter=True,
        recruiter_score=94,
        recruiter_band="high",
        recruiter_signals=[{"signal": "ats_recruiter_app", "weight": 3.4, "seen": "app.lever.co"}],
        converted_goals=["Résumé downloaded"],
    )
    a_session(now - timedelta(days=3), is_bot=True, bot_kind="search", bot_name="Googlebot")
    a_session(now - timedelta(minutes=2), pages=("/resume/",), country="NL", source="Direct")
    PageView.objects.update(scroll_depth=64)


def path_of(page):
    return page.url.split("/dashboard/", 1)[1]


def settled(page):
    """Where the dashboard is, as soon as all of it is shown; the address changes before the figures do."""
    address = "document.querySelector('#main').hasAttribute('aria-busy') ? 'busy' : location.href"
    return Soon(page, lambda: page.evaluate(address).partition("/dashboard/")[2])


def until(page, expression):
    """The page's policy forbids the evaluation that the driver's own waiting needs."""
    for _ in range(160):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never became true: {expression}")


def headline(page):
    return page.locator(".kpi").first.locator(".v").inner_text()


def test_a_tile_switches_the_chart_and_back_returns(visit):
    page = visit.page()
    page.get_by_role("link", name=re.compile("^Sessions")).click()
    assert settled(page) == "?metric=sessions"
    until(page, "document.querySelector('.legend').innerText.includes('Sessions')")
    assert page.locator(".kpi[aria-current] .l").inner_text() == "Sessions"
    page.go_back()
    until(page, "document.querySelector('.kpi[aria-current] .l').innerText === 'Visitors'")


def test_a_row_filters_everything_and_its_chip_takes_it_back(visit):
    page = visit.page()
    before = headline(page)
    page.locator("[data-panel=countries]").get_by_role("link", name="Germany", exact=True).click()
    assert settled(page) == "?country=DE"
    assert page.locator(".chip").filter(has_text="Country").inner_text().split() == ["Country", "Germany"]
    assert headline(page) == "19"
    assert page.locator("[data-panel=sources] tbody tr").count() == 1
    page.get_by_role("link", name="Remove filter: Country Germany").click()
    assert settled(page) == "?"
    assert headline(page) == before


def test_a_country_on_the_map_filters_too(visit):
    page = visit.page()
    page.locator(".map a", has=page.locator(".on")).first.dispatch_event("click")
    assert "country=" in settled(page)
    assert page.locator(".chip", has_text="Country").count() == 1


def test_a_tab_swaps_its_list_alone(visit):
    page = visit.page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("[data-panel=sources]").get_by_role("link", name="Channels").click()
    until(page, "document.querySelector('[data-panel=sources]').innerText.includes('Organic Social')")
    assert settled(page) == "?sources=channel"
    assert [one for one in asked if "/dashboard/" in one and "/static/" not in one and "/live/" not in one] == [
        f"{visit.base}/dashboard/panel/sources/?sources=channel"
    ]
    assert page.locator(".kpi").nth(1).get_attribute("href") == "?metric=sessions&sources=channel"


def test_a_visit_is_opened_beside_the_list(visit):
    page = visit.page("/dashboard/?visits=everyone")
    session = VisitorSession.objects.get(country="GB")
    page.locator("[data-panel=visits]").get_by_role("link", name=f"Visit {session.session_id.hex[-4:]}").click()
    until(page, "document.querySelector('[data-panel=session]').innerText.includes('Why 94')")
    story = page.locator("[data-panel=session]").inner_text()
    assert "/contact/" in story
    assert "From the recruiter's side of an ATS" in story


def test_a_visit_is_opened_after_a_tab_of_another_list(visit):
    page = visit.page("/dashboard/?visits=everyone")
    page.locator("[data-panel=sources]").get_by_role("link", name="Channels").click()
    assert settled(page) == "?visits=everyone&sources=channel"
    link = page.locator("[data-panel=visits] tbody a").nth(1)
    name = link.inner_text()
    link.click()
    assert "&visit=" in settled(page)
    assert path_of(page).endswith("&sources=channel#session")
    assert page.locator("[data-panel=session] h2").first.inner_text() == name
    assert "Organic Social" in page.locator("[data-panel=sources]").inner_text()


def test_the_form_filters_without_a_new_page(visit):
    page = visit.page()
    page.evaluate("window.stays = true")
    page.keyboard.press("/")
    page.get_by_label("Show visits whose").select_option("source")
    page.locator("#filter input[name=value]").fill("Google")
    page.keyboard.press("Enter")
    assert settled(page) == "?source=Google"
    assert page.evaluate("window.stays") is True
    assert headline(page) == "19"


def test_the_form_offers_what_is_on_the_page(visit):
    page = visit.page()
    page.keyboard.press("/")
    page.get_by_label("Show visits whose").select_option("country")
    page.locator("#filter input[name=value]").focus()
    offered = page.evaluate("[...document.querySelectorAll('#values option')].map(one => `${one.value} ${one.label}`)")
    assert {"DE Germany", "US United States"} <= set(offered)
    page.locator("#filter input[name=value]").fill("germany")
    page.keyboard.press("Enter")
    assert settled(page) == "?country=germany"
    assert page.locator(".chip b").last.inner_text() == "Germany"
    assert headline(page) == "19"


@pytest.mark.parametrize(
    ("key", "period", "first_of", "days_ago"),
    [
        ("d", "today", lambda today: today, 0),
        ("e", "yesterday", lambda today: today - timedelta(days=1), 1),
        ("w", "7d", lambda today: today - timedelta(days=6), 0),
        ("f", "28d", lambda today: today - timedelta(days=27), 0),
        ("m", "month", lambda today: today.replace(day=1), 0),
        ("y", "year", lambda today: today.replace(month=1, day=1), 0),
    ],
    ids=list("dewfmy"),
)
def test_a_key_asks_for_a_period(visit, key, period, first_of, days_ago):
    page = visit.page()
    page.keyboard.press(key)
    assert settled(page) == f"?period={period}"
    today = timezone.localdate()
    assert days_of(page) == [first_of(today).isoformat(), (today - timedelta(days=days_ago)).isoformat()]


def test_r_leads_to_the_live_panel_and_t_back_to_thirty_days(visit):
    page = visit.page("/dashboard/?period=7d")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "live"
    until(page, "document.querySelector('#live').getBoundingClientRect().bottom <= innerHeight")
    page.keyboard.press("t")
    assert settled(page) == "?"


def test_x_takes_the_comparison_away(visit):
    page = visit.page()
    assert page.locator("#compare b").inner_text() == "on"
    page.keyboard.press("x")
    assert settled(page) == "?compare=off"
    assert page.locator("#compare b").inner_text() == "off"


def days_of(page):
    """The first and the last day that are shown, as the form for another period has them."""
    return [page.locator(f"input[type=date][name={name}]").input_value() for name in ("from", "to")]


def test_arrows_step_back_and_forth_and_escape_removes_the_filters(visit):
    page = visit.page("/dashboard/?period=7d&country=DE")
    today = timezone.localdate()
    weeks = [[(today - timedelta(days=ago)).isoformat() for ago in days] for days in ((13, 7), (6, 0))]
    for key, (first, last) in zip(("ArrowLeft", "ArrowRight"), weeks, strict=True):
        page.keyboard.press(key)
        assert settled(page) == f"?country=DE&from={first}&to={last}"
        assert days_of(page) == [first, last]
    page.keyboard.press("Escape")
    assert settled(page) == "?from={}&to={}".format(*weeks[1])
    assert page.locator(".chip .x").count() == 0


def test_the_keys_are_listed_and_can_be_switched_off(visit):
    page = visit.page()
    page.keyboard.press("?")
    assert page.get_by_role("dialog").get_by_role("heading", name="Keyboard").is_visible()
    page.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.wait_for_timeout(300)
    assert path_of(page) == ""


def test_everything_is_reached_by_the_keyboard_alone(visit):
    page = visit.page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[data-panel=sources] tbody') !== null"):
            break
    ring = page.evaluate("getComputedStyle(document.activeElement).boxShadow")
    assert ring != "none"
    page.keyboard.press("Enter")
    assert "source=" in settled(page)


def test_the_theme_is_kept(visit):
    page = visit.page(color_scheme="light")
    page.get_by_role("button", name="Toggle dark mode").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_live_panel_looks_again_and_rests_while_hidden(visit):
    page = visit.page()
    assert page.locator("#current").inner_text() == "1"
    a_session(timezone.now() - timedelta(seconds=5), pages=("/about/",), country="FR")
    until(page, "document.querySelector('#online').innerText === '2'")
    assert "/about/" in page.locator("#live").inner_text()
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(5500)
    assert asked == []


def test_what_did_not_change_is_not_sent_again(visit):
    page = visit.page()
    statuses = []
    # A minute may turn between two looks, which changes the panel: not between each of four.
    for _look in range(4):
        with page.expect_response(re.compile("/panel/live/")) as answer:
            pass
        statuses.append(answer.value.status)
        if statuses[-1] == 304:
            break
    assert 304 in statuses[1:], statuses


@pytest.mark.parametrize(("button", "ending"), [("CSV", ".csv"), ("PNG", ".png"), ("SVG", ".svg")])
def test_the_chart_is_saved(visit, button, ending):
    page = visit.page()
    page.wait_for_selector(".uplot")
    with page.expect_download() as download:
        page.locator(".legend .tools").get_by_text(button).click()
    assert download.value.suggested_filename.endswith(ending)
    content = download.value.path().read_bytes()
    starts = {".csv": b"day,visitors", ".png": b"\x89PNG", ".svg": b"<svg"}
    assert content.startswith(starts[ending])
    assert len(content) > 500


def test_the_map_is_saved_with_its_countries_and_what_they_count(visit):
    page = visit.page()
    with page.expect_download() as download:
        page.locator("[data-panel=countries] [data-save=map]").click()
    drawn = ElementTree.parse(download.value.path()).getroot()
    land, *countries = drawn[-1]
    assert download.value.suggested_filename.startswith("countries-")
    assert len(land) > 150
    assert {each.tag.rpartition("}")[2] for each in countries} == {"path"}
    told = [each.findtext("{http://www.w3.org/2000/svg}title") or each.findtext("title") for each in countries]
    shown = page.locator(".map a").evaluate_all("links => links.map(each => each.getAttribute('aria-label'))")
    assert told == shown
    assert all(each.get("fill", "").startswith("rgb") for each in countries)


def test_dragging_over_the_chart_asks_for_those_days(visit):
    page = visit.page()
    box = page.wait_for_selector(".u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 10 / 29, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 20 / 29, box["y"] + 60, steps=4)
    page.mouse.up()
    first, last = ((timezone.localdate() - timedelta(days=ago)).isoformat() for ago in (19, 9))
    assert settled(page) == f"?from={first}&to={last}"
    assert days_of(page) == [first, last]


def test_the_chart_tells_a_day_under_the_pointer(visit):
    page = visit.page()
    box = page.wait_for_selector(".u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 50)
    told = page.locator(".tip").inner_text()
    assert "not over yet" in told
    assert "Change" in told


def test_it_is_complete_without_a_script(visit):
    page = visit.page(java_script_enabled=False)
    assert page.locator(".plot .now").first.is_visible()
    assert not page.locator("#theme").is_visible()
    assert page.locator(".top .live").inner_text() == "Live"
    page.locator("[data-panel=traffic]").get_by_text("View as table").click()
    assert page.locator("[data-panel=traffic] .plain tbody tr").count() == 30
    page.locator("[data-panel=countries]").get_by_role("link", name="Germany", exact=True).click()
    assert path_of(page) == "?country=DE"
    page.locator("#filter summary").click()
    page.locator("#filter input[name=value]").fill("/resume/")
    page.get_by_role("button", name="Filter", exact=True).click()
    assert path_of(page) == "?country=DE&page=%2Fresume%2F"
    page.screenshot(path=ARTEFACTS / "without-script.png", full_page=True)


def test_on_paper_the_controls_are_gone(visit):
    page = visit.page()
    page.emulate_media(media="print")
    assert not page.locator("header.bar").is_visible()
    assert page.locator(".kpi").first.is_visible()
    page.screenshot(path=ARTEFACTS / "paper.png", full_page=True)


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ["", "?country=DE&visits=everyone&pages=entry", "?country=ZZ", "?period=nope"])
def test_it_fits_and_bars_nobody(visit, axe, options, theme, address):
    page = visit.page(f"/dashboard/{address}", color_scheme=theme, bypass_csp=True, **options)
    visit.complaints[:] = [one for one in visit.complaints if "400" not in one]
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []
    if not address:
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{'phone' if options else 'desk'}-{theme}.png", full_page=True)
