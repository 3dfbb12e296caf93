"""Nothing is open by omission: every route, every method, everybody, against the table in docs/AUTHORISATION.md."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from typing import Any, Final

import django
import pytest
from drf_spectacular.generators import SchemaGenerator

from .matrix import HEAD, PAGE, WHO, all_patterns, everybody, make_site, quick_look, route_of

pytestmark = pytest.mark.django_db

ROW = re.compile(r"^\| `(.*?)` \| ([A-Z ]+) \| (.*) \|$", re.MULTILINE)
SAFE_FOR_ALL = frozenset({"login", "401", "403", "404", "405"})
# Open to everybody on purpose: the site's pages, what visitors send, what balancers ask, and the API's description.
OPEN = frozenset(
    {
        "/", "/about/", "/projects/", "/projects/<slug:slug>/", "/resume/", "/resume/download/", "/chat/",
        "/job-analysis/", "/contact/", "/privacy/", "/favicon.ico", "/robots.txt", "/sitemap.xml", "/js/script.js",
        "/healthz", "/readyz", "/api/health",
        "/api/projects/", "/api/projects/<slug:slug>/", "/api/chat/", "/api/job-analysis/", "/api/contact/",
        "/api/schema/", "/api/docs/", "/api/docs/query/schema.json",
        "/api/event", "/api/visitors/events/",
        "/api/visitors/session/current/", "/api/visitors/me/", "/api/visitors/opt-out/",
        "/admin/login/", "/admin/logout/",
    }
)  # fmt: skip
# Questions too long for an address.
ASKED_BY_POST = frozenset({"/api/visitors/query/", "/api/visitors/funnels/"})

# The table is that of the Django that the site runs on; from 6.0 on its admin shows the form again where 5.2 refuses.
IS_ANOTHER_ADMIN: Final = django.VERSION >= (6, 0)


@pytest.fixture
def _one_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API's description is made once: making it for each caller takes a second, and it is the same for all."""
    made: dict[str, Any] = {}
    make = SchemaGenerator.get_schema

    def remembered(generator: SchemaGenerator, *arguments: Any, **options: Any) -> Any:
        if "" not in made:
            made[""] = make(generator, *arguments, **options)
        return made[""]

    monkeypatch.setattr(SchemaGenerator, "get_schema", remembered)


def written() -> dict[str, list[str]]:
    """The rows of the page by route."""
    rows: defaultdict[str, list[str]] = defaultdict(list)
    if PAGE.exists():
        for found in ROW.finditer(PAGE.read_text()):
            rows[found[1].replace("\\|", "|")].append(found[0])
    return rows


def test_every_route_has_its_rows_and_no_row_is_left_over() -> None:
    assert set(written()) == set(all_patterns())
    assert PAGE.read_text().startswith(HEAD)


@pytest.mark.usefixtures("_one_schema")
def test_every_route_answers_everybody_as_the_table_says() -> None:
    """One method of each line; tests/faults asks everybody by all of them, which takes minutes."""
    names, clients = make_site(), everybody()
    differing = {
        pattern: faults
        for pattern, lines in written().items()
        if not (pattern.startswith("/admin/") and IS_ANOTHER_ADMIN)
        if (faults := quick_look(route_of(pattern, names), lines, clients))
    }
    assert differing == {}


def cells() -> list[tuple[str, str, dict[str, str]]]:
    return [
        (pattern, found[2], dict(zip(WHO, found[3].split(" | "), strict=True)))
        for pattern, lines in written().items()
        for found in map(ROW.match, lines)
        if found
    ]


def test_what_is_open_to_strangers_is_open_on_purpose() -> None:
    opened = {pattern for pattern, _, answers in cells() if answers["anonymous"] not in SAFE_FOR_ALL}
    assert opened == OPEN


def test_no_answer_is_a_fault() -> None:
    assert not [
        (pattern, answers) for pattern, _, answers in cells() if any(a.startswith("5") for a in answers.values())
    ]


def test_a_dead_token_opens_no_more_than_none() -> None:
    wider = [
        (pattern, methods, who)
        for pattern, methods, answers in cells()
        for who in ("revoked", "expired")
        if answers[who] == "yes" and answers["anonymous"] != "yes"
    ]
    assert wider == []


def test_rights_only_grow_from_the_stranger_to_the_owner() -> None:
    order = ("anonymous", "user", "staff", "view-only", "owner")
    fallen = [
        (pattern, methods, less, more)
        for pattern, methods, answers in cells()
        for less, more in pairwise(order)
        if pattern != "/admin/logout/"  # which asks staff for the token against forged requests first
        if answers[less] == "yes" and answers[more] not in {"yes", "404"}
    ]
    assert fallen == []


def test_staff_without_permission_reads_no_report() -> None:
    reading = [p for p, _, a in cells() if p.startswith(("/api/visitors/", "/dashboard/")) and a["view-only"] == "yes"]
    refused = {p: a["staff"] for p, _, a in cells() if p in reading and p not in OPEN}
    assert refused
    assert set(refused.values()) <= {"403", "404", "405"}


def test_known_defect_07_staff_that_may_look_changes_nothing_by_api() -> None:
    changed = [
        (pattern, methods)
        for pattern, methods, answers in cells()
        if pattern.startswith("/api/visitors/") and pattern not in OPEN | ASKED_BY_POST
        if set(methods.split()) & {"POST", "PUT", "PATCH", "DELETE"}
        if answers["view-only"] == "yes" or answers["read"] == "yes" or answers["events"] == "yes"
    ]
    assert changed == []
