"""Every page shows its content with a title of its own, a known number of queries, and no cookie without a form."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client

from portfolio.content import load_profile
from portfolio.models import Profile, Project

Acts = Callable[[], list[tuple[str, str]]]

PLAIN = {
    "/": ("Ada Lindqvist: Backend engineer for data that must not get lost", 5),
    "/about/": ("About · Ada Lindqvist", 4),
    "/projects/": ("Projects · Ada Lindqvist", 2),
    "/projects/raft-kv/": ("Raft KV · Ada Lindqvist", 3),
    "/resume/": ("Résumé · Ada Lindqvist", 4),
}
FORMS = {
    "/privacy/": ("Privacy · Ada Lindqvist", 4),
    "/chat/": ("Chat · Ada Lindqvist", 1),
    "/chat/?project=raft-kv": ("Chat · Ada Lindqvist", 2),
    "/job-analysis/": ("Job match · Ada Lindqvist", 1),
    "/contact/": ("Contact · Ada Lindqvist", 1),
}
PAGES = [*PLAIN, *FORMS]


def title(client: Client, path: str) -> str:
    found = re.search(r"<title>(.*?)</title>", client.get(path).content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_its_title_and_its_queries(
    browser: Client, journal_only: None, django_assert_num_queries: Any, path: str
) -> None:
    expected, queries = (PLAIN | FORMS)[path]
    with django_assert_num_queries(queries):
        assert title(browser, path) == expected


@pytest.mark.parametrize(
    ("path", "queries"), [("/robots.txt", 0), ("/sitemap.xml", 2), ("/resume/download/", 5), ("/no/such/", 0)]
)
def test_what_is_no_page_has_its_queries_too(
    browser: Client, journal_only: None, django_assert_num_queries: Any, path: str, queries: int
) -> None:
    with django_assert_num_queries(queries):
        browser.get(path)


@pytest.mark.parametrize(
    "path", [*PLAIN, "/robots.txt", "/sitemap.xml", "/resume/download/", "/no/such/", "/api/projects/"]
)
def test_pages_without_a_form_set_no_cookie(browser: Client, path: str) -> None:
    assert not browser.get(path).cookies


@pytest.mark.parametrize("path", FORMS)
def test_pages_with_a_form_set_the_token_against_forged_requests_alone(browser: Client, path: str) -> None:
    assert list(browser.get(path).cookies) == ["csrftoken"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_works_on_an_empty_site(db: None, path: str) -> None:
    assert Client().get(path).status_code == (404 if path == "/projects/raft-kv/" else 200)


@pytest.mark.parametrize("path", [*PAGES, "/resume/download/", "/robots.txt"])
def test_a_page_answers_head_and_refuses_what_it_does_not_take(browser: Client, path: str) -> None:
    assert browser.head(path).status_code == 200
    assert browser.delete(path).status_code == 405


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_inline_script_or_style_or_asks_another_host(browser: Client, path: str) -> None:
    html = browser.get(path).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?:https?:)?//", html)


def test_the_static_files_of_the_pages_exist_and_name_no_other_host() -> None:
    folder = Path(django_settings.BASE_DIR) / "portfolio" / "static" / "portfolio"
    assert sorted(path.name for path in folder.iterdir()) == ["mark.svg", "site.css", "site.js"]
    assert not re.search(
        r"url\(|@import|https?://", (folder / "site.css").read_text() + (folder / "site.js").read_text()
    )


def test_a_missing_page_is_a_404_with_a_way_back(browser: Client) -> None:
    response = browser.get("/projects/no-such/")
    assert response.status_code == 404
    assert b"There is nothing here" in response.content
    assert b'href="/projects/"' in response.content


def test_an_unknown_address_below_the_api_is_refused_in_json(browser: Client) -> None:
    response = browser.get("/api/no-such/")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_robots_and_sitemap_agree(browser: Client) -> None:
    robots = browser.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in robots
    assert "Sitemap: http://testserver/sitemap.xml" in robots
    addresses = re.findall(r"<loc>http://testserver(.*?)</loc>", browser.get("/sitemap.xml").content.decode())
    assert len(addresses) == 8 + Project.objects.count()
    assert {browser.get(address).status_code for address in addresses} == {200}


def test_a_shown_project_is_recorded_once_with_its_slug(browser: Client, acts: Acts) -> None:
    browser.get("/projects/raft-kv/")
    browser.head("/projects/raft-kv/")
    browser.get("/projects/no-such/")
    assert acts() == [("project_view", "raft-kv")]


def test_content_is_escaped(browser: Client) -> None:
    Project.objects.update(title="<script>alert(1)</script>")
    Profile.objects.update(headline="<b>bold</b>")
    for path in ("/", "/projects/", "/projects/raft-kv/"):
        html = browser.get(path).content
        assert b"<script>alert" not in html
        assert b"<b>bold</b>" not in html


def test_all_migrations_are_in_the_repository(db: None) -> None:
    out = StringIO()
    call_command("makemigrations", "portfolio", dry_run=True, stdout=out)
    assert out.getvalue() == "No changes detected in app 'portfolio'\n"


def test_experience_counts_overlapping_positions_once(site: None) -> None:
    profile = Profile.objects.get()
    profile.positions.create(title="Mentor", company="School", started_on=date(2020, 1, 1), ended_on=date(2021, 1, 1))
    assert load_profile().experience_years(date(2026, 11, 22)) == 9.2


def test_a_browser_that_asks_for_an_icon_finds_one() -> None:
    response = Client().get("/favicon.ico")
    assert (response.status_code, response["Location"]) == (302, "/static/portfolio/mark.svg")
