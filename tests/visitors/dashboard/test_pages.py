"""The pages: who sees them, what they may load, what they cost, what they say."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.visitors.builders import NOON, a_page_view, a_session
from visitors import sharing
from visitors.dashboard import panels
from visitors.dashboard.charts import heat_of
from visitors.dashboard.exports import EXPORTS
from visitors.dashboard.panels import PANELS
from visitors.models import DroppedCount

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/"
KIB = 1024
ASSETS = (
    "dashboard.css",
    "dashboard.js",
    "uPlot.min.css",
    "uPlot.iife.min.js",
    "inter.woff2",
    "world.svg",
    "icons.svg",
)


def some_visits():
    a_session(pages=("/", "/projects/raft/", "/resume/"), acts=("download",), country="DE", source="LinkedIn")
    a_session(NOON - timedelta(days=1), pages=("/",), country="US", utm_campaign="spring")
    a_session(NOON - timedelta(days=31), pages=("/", "/about/"))
    a_session(pages=("/",), is_bot=True, bot_kind="search", bot_name="Googlebot")
    recruiter = a_session(
        NOON + timedelta(hours=1, minutes=58),
        pages=("/resume/",),
        is_recruiter=True,
        recruiter_score=94,
        recruiter_signals=[{"signal": "ats_recruiter_app", "weight": 3.4, "seen": "app.lever.co"}],
        converted_goals=["Résumé downloaded"],
    )
    a_page_view(recruiter, "/lost/", status=404)
    DroppedCount.objects.create(day=NOON.date(), reason="prefetch", count=7)
    return recruiter


@pytest.mark.parametrize("path", ["", "panel/live/", "export/pages.csv"])
def test_a_stranger_is_led_to_the_login(client, path):
    answer = client.get(PAGE + path)
    assert (answer.status_code, answer.url) == (302, f"/admin/login/?next={PAGE}{path}")


@pytest.mark.parametrize("path", ["", "panel/live/", "export/pages.csv"])
def test_a_user_who_is_no_staff_sees_nothing(client, path):
    client.force_login(User.objects.create_user("reader"))
    assert client.get(PAGE + path).status_code == 302


GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("path", ["", "panel/pages/", "export/traffic.csv", "?period=nope"])
def test_answers_are_compressed_for_who_takes_it(owner, path):
    some_visits()
    plain, packed = owner.get(PAGE + path), owner.get(PAGE + path, headers=GZIP)
    assert ("Content-Encoding" in plain, packed["Content-Encoding"]) == (False, "gzip")
    assert {"Accept-Encoding"} <= set(packed["Vary"].split(", "))
    told = [
        re.sub(r'csrfmiddlewaretoken" value="\w+"', "", body.decode())
        for body in (plain.getvalue(), gzip.decompress(packed.getvalue()))
    ]
    assert told[0] == told[1]


def test_a_compressed_page_can_be_shown_piece_by_piece(owner):
    some_visits()
    unpacked = zlib.decompressobj(wbits=31)
    pieces = [unpacked.decompress(piece).decode() for piece in owner.get(PAGE, headers=GZIP)]
    assert '<nav class="seg"' in pieces[0]
    assert "kpi" not in pieces[0]
    assert "kpi" in pieces[1]
    assert pieces[-2].endswith("</html>\n")


def test_a_compressed_panel_is_not_sent_again(owner):
    some_visits()
    first = owner.get(f"{PAGE}panel/pages/", headers=GZIP)
    again = owner.get(f"{PAGE}panel/pages/", headers=GZIP | {"If-None-Match": first["ETag"]})
    assert (first["ETag"][:2], again.status_code, again.getvalue()) == ("W/", 304, b"")


def test_nothing_foreign_runs_and_nothing_is_kept(owner):
    answer = owner.get(PAGE)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")


class Inline(HTMLParser):
    """Collects what a strict policy would refuse."""

    def __init__(self):
        super().__init__()
        self.refused = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.refused += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.refused.append(tag)
        self.refused += [given[name] for name in ("src", "href") if re.match("(https?:)?//", given.get(name) or "")]


def test_the_page_carries_no_inline_script_or_style_and_no_other_host(owner):
    some_visits()
    page = Inline()
    page.feed(owner.get(PAGE).getvalue().decode())
    assert page.refused == []


def test_everything_is_transferred_in_120_kib(owner):
    some_visits()
    html = len(owner.get(PAGE, headers={"Accept-Encoding": "gzip"}).getvalue())
    files = {name: Path(finders.find(f"visitors/dashboard/{name}")).read_bytes() for name in ASSETS}
    sizes = {
        name: len(content if name.endswith("woff2") else gzip.compress(content)) for name, content in files.items()
    }
    assert html + sum(sizes.values()) <= 120 * KIB, sizes | {"html": html}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "?period=today",
        "?from=2026-11-25&to=2026-11-27",
        "?period=12mo&compare=year",
        "?from=2026-08-01&to=2026-10-31",
        "?page=/resume/",
        "?visits=everyone",
    ],
)
def test_the_page_costs_the_same_queries_and_writes_nothing(owner, address):
    some_visits()
    owner.get("/admin/")  # the first request of the day tells whose browser it is
    with CaptureQueriesContext(connection) as captured:
        assert owner.get(PAGE + address).getvalue().endswith(b"</html>\n")
    statements = [query["sql"].lstrip("( ").split(" ")[0] for query in captured]
    assert "SELECT" in statements
    assert set(statements) <= {"SELECT", "DECLARE"}  # of a cursor, on PostgreSQL
    assert len(statements) <= 63


@pytest.mark.parametrize("visits", [0, 1])
def test_every_panel_says_something_with_and_without_visits(owner, visits):
    if visits:
        some_visits()
    for name in PANELS:
        answer = owner.get(f"{PAGE}panel/{name}/")
        assert answer.status_code == 200, name
        assert len(re.sub(r"<[^>]*>", "", answer.getvalue().decode()).strip()) > 20, name


def test_the_frame_is_sent_before_anything_is_counted(owner):
    some_visits()
    answer = owner.get(PAGE)
    with CaptureQueriesContext(connection) as captured:
        frame = next(iter(answer.streaming_content))
    assert b'<nav class="seg"' in frame
    assert len(captured) == 0
    answer.close()


@pytest.mark.parametrize(("slow", "told"), [(0, "1"), (99, "2")])
def test_only_what_takes_long_is_kept_for_a_while(owner, monkeypatch, slow, told):
    monkeypatch.setattr(panels, "SLOW_SECONDS", slow)
    a_session(source="LinkedIn")
    owner.get(f"{PAGE}panel/sources/")
    a_session(source="LinkedIn")
    assert f'<td class="n s">{told}</td>' in owner.get(f"{PAGE}panel/sources/").getvalue().decode()


def test_an_empty_site_says_what_to_do(owner):
    page = owner.get(PAGE).getvalue().decode()
    assert "manage.py visitors_status" in page
    assert "Nobody is here at the moment" in page
    assert "looks like a recruiter" in page


def test_the_figures_of_the_tiles_are_those_of_the_period(owner):
    some_visits()
    page = owner.get(PAGE).getvalue().decode()
    tiles = dict(re.findall(r'class="l">([^<]+)</span><span class="v">([^<]+)<', page))
    assert tiles == {
        "Visitors": "3",
        "Sessions": "3",
        "Page views": "5",
        "Engaged time": "–",
        "Bounce rate": "66.7%",
        "Recruiters": "1",
    }


def test_a_change_from_one_to_three_is_told_in_visitors_not_in_percent(owner):
    some_visits()
    page = owner.get(PAGE).getvalue().decode()
    assert 'title="from 1 to 3">▲ +2<' in page


def test_a_filter_is_a_chip_and_narrows_every_list(owner):
    some_visits()
    page = owner.get(f"{PAGE}?country=DE").getvalue().decode()
    assert "Remove filter: Country Germany" in page
    assert '<span class="v">1</span>' in page
    assert "United States" not in page


def test_a_page_filter_means_visits_that_saw_the_page(owner):
    some_visits()
    page = owner.get(f"{PAGE}panel/sources/?page=/projects/raft/").getvalue().decode()
    assert re.findall(r'class="t"[^>]*>([^<]+)<', page) == ["LinkedIn"]


def test_the_filter_form_answers_with_the_ordinary_address(owner):
    answer = owner.get(PAGE, {"period": "7d", "add": "source", "value": " LinkedIn "})
    assert (answer.status_code, answer.url) == (302, f"{PAGE}?period=7d&source=LinkedIn")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("?period=abc", "`period` must be one of"),
        ("?metric=secrets", "`metric` must be one of"),
        ("?from=2026-11-01", "`to` must be a day"),
        ("?from=2026-11-10&to=2026-11-01", "`to` must be a day on or after"),
        ("?from=2020-01-01&to=2026-11-01", "`from` must be at most 366 days"),
        ("?visit=7", "`visit` must be the id"),
        ("?colour=red", "`colour` must be left out"),
        ("?metric=visitors&metric=sessions", "`metric` must be given once"),
        ("?page=%00", "`page` must be at most 2000 characters"),
    ],
)
@pytest.mark.parametrize("path", ["", "panel/pages/", "export/pages.csv"])
def test_an_address_that_cannot_be_answered_says_why(owner, path, address, reason):
    answer = owner.get(PAGE + path + address)
    assert answer.status_code == 400
    assert reason in answer.getvalue().decode()


def test_a_hostile_path_is_text_everywhere(owner):
    a_session(pages=("/<script>alert(1)</script>",), source='"><img src=x onerror=alert(1)>')
    page = Inline()
    page.feed(owner.get(PAGE, {"page": "/<script>alert(1)</script>"}).getvalue().decode())
    assert page.refused == []


def test_the_live_panel_is_sent_again_only_when_it_changed(owner):
    some_visits()
    first = owner.get(f"{PAGE}panel/live/")
    again = owner.get(f"{PAGE}panel/live/", headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.getvalue()) == (200, 304, b"")
    assert again["Cache-Control"] == "no-store"
    a_session(NOON + timedelta(hours=1, minutes=59))
    assert owner.get(f"{PAGE}panel/live/", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_visit_tells_its_story_and_why_it_scored(owner):
    recruiter = some_visits()
    panel = owner.get(f"{PAGE}panel/session/?visit={recruiter.session_id}").getvalue().decode()
    assert "Why 94" in panel
    assert "From the recruiter&#x27;s side of an ATS" in panel
    assert "Not found" in panel


def test_an_unknown_panel_and_export_are_not_found(owner):
    assert owner.get(f"{PAGE}panel/nothing/").status_code == 404
    assert owner.get(f"{PAGE}export/nothing.csv").status_code == 404


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_has_as_many_cells_in_each_row_as_in_its_head(owner, name):
    some_visits()
    rows = list(csv.reader(io.StringIO(owner.get(f"{PAGE}export/{name}.csv").getvalue().decode())))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


def test_an_export_has_the_rows_that_the_page_leaves_out_too(owner):
    for number in range(12):
        a_session(source=f"Source {number}", country="DE")
    assert owner.get(f"{PAGE}panel/sources/").getvalue().decode().count('scope="row"') == 8
    assert "All 12 sources" in owner.get(f"{PAGE}panel/sources/").getvalue().decode()
    assert len(owner.get(f"{PAGE}export/sources.csv").getvalue().splitlines()) == 13
    assert owner.get(f"{PAGE}export/countries.csv").getvalue().splitlines()[1] == b"DE,12,100.0"


def test_an_export_runs_no_formula(owner):
    a_session(source="=1+1")
    rows = list(csv.reader(io.StringIO(owner.get(f"{PAGE}export/sources.csv").getvalue().decode())))
    assert rows[1][0] == "'=1+1"


def test_the_theme_chosen_before_is_there_from_the_first_byte(owner):
    owner.cookies["visitors_theme"] = "dark"
    assert '<html lang="en" data-theme="dark">' in owner.get(PAGE).getvalue().decode()
    owner.cookies["visitors_theme"] = '"><script>'
    assert '<html lang="en">' in owner.get(PAGE).getvalue().decode()


def test_the_script_gets_the_slowest_panel_last(owner):
    some_visits()
    page = owner.get(PAGE, headers={"X-Requested-With": "fetch"}).getvalue().decode()
    assert page.index('aria-label="Funnel"></section>') < page.index("</html>") < page.index("From landing to contact")
    plain = owner.get(PAGE).getvalue().decode()
    assert plain.index('aria-label="Funnel">') < plain.index("From landing to contact") < plain.index("</html>")


def test_a_goal_filters_to_the_visits_that_reached_it_whatever_reaches_it(owner, settings):
    goals = {"Read far": {"page": "/projects/*", "scroll": 80}, "Résumé downloaded": {"interaction": "download"}}
    settings.VISITORS = settings.VISITORS | {"GOALS": goals}
    a_session(pages=("/projects/raft/",), converted_goals=["Read far"], source="LinkedIn")
    a_session(pages=("/",), source="Google")
    panel = owner.get(f"{PAGE}panel/goals/").getvalue().decode()
    assert re.findall(r'class="t" href="([^"]*)"', panel) == ["?goal=Read+far", "?goal=R%C3%A9sum%C3%A9+downloaded"]
    sources = owner.get(f"{PAGE}panel/sources/?goal=Read+far").getvalue().decode()
    assert re.findall(r'class="t"[^>]*>([^<]+)<', sources) == ["LinkedIn"]


def test_a_row_without_a_country_stands_in_line_with_the_others(owner):
    a_session(country="DE")
    a_session(country="")
    panel = owner.get(f"{PAGE}panel/countries/").getvalue().decode()
    assert re.findall(r'<span class="cc" aria-hidden="true">([^<]*)<', panel) == ["··", "DE"]
    exported = owner.get(f"{PAGE}export/countries.csv").getvalue().decode()
    assert [line.split(",")[0] for line in exported.splitlines()] == ["Country", "(unknown)", "DE"]


def test_every_hour_and_weekday_filters_but_not_for_guests(owner):
    a_session(NOON, country="DE")
    panel = owner.get(f"{PAGE}panel/hours/?country=DE&more=pages").getvalue().decode()
    assert re.findall(r'<td class="h5"[^>]*><a href="([^"]*)"', panel) == ["?country=DE&amp;weekday=5&amp;hour=12"]
    assert '<th scope="row"><a href="?country=DE&amp;weekday=5">Fri</a>' in panel
    assert panel.count('<th scope="col"><a href="?country=DE&amp;hour=') == 24
    page = owner.get(f"{PAGE}?weekday=5&hour=9&hour=12").getvalue().decode()
    assert re.findall(r'aria-label="Remove filter: ([^"]*)"', page) == ["Weekday Friday", "Hour 09:00 or 12:00"]
    _, secret = sharing.share("Ada")
    assert "<a href=" not in owner.get(f"{PAGE}shared/{secret}/panel/hours/").getvalue().decode().partition("more")[0]


def test_one_busy_hour_does_not_make_all_others_look_alike():
    assert [heat_of(visits, 100) for visits in (0, 1, 5, 20, 60, 100)] == [0, 1, 2, 3, 4, 5]


def test_kinds_of_bots_lead_to_their_visits_in_the_admin(owner):
    some_visits()
    panel = owner.get(f"{PAGE}panel/quality/").getvalue().decode()
    link = re.search(r'<a href="(/admin/[^"]*)">Search</a>', panel)[1].replace("&amp;", "&")
    listed = owner.get(link)
    assert (listed.status_code, listed.context["cl"].result_count) == (200, 1)


def test_who_is_here_is_told_with_how_long_and_whether_a_recruiter(owner):
    a_session(NOON + timedelta(hours=1, minutes=57), country="NL", source="CV", recruiter_band="likely")
    panel = owner.get(f"{PAGE}panel/live/").getvalue().decode()
    assert "Netherlands · CV" in panel
    assert re.search(r'<time class="e" datetime="2026-11-20T13:57:00[^"]*"[^>]*>3 min</time>', panel)
    assert "Likely a recruiter" in panel
    assert re.findall(r'<th scope="row">([^<]*)</th><td class="n">1</td><td class="n">1</td>', panel) == ["13:57"]


def test_all_visits_of_the_days_are_had_as_a_file(owner, settings):
    assert "all-visits" not in owner.get(f"{PAGE}?period=7d").getvalue().decode()  # where the API is not mounted
    settings.ROOT_URLCONF = "config.urls"
    page = owner.get(f"{PAGE}?period=7d").getvalue().decode()
    link = re.search(r'<a href="(/api/[^"]*)" download data-swap="all-visits">', page)[1].replace("&amp;", "&")
    assert link == "/api/visitors/export/sessions/?from=2026-11-14&to=2026-11-20"
