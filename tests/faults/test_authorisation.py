"""The whole table of who may do what: every route by every method as everybody."""

from __future__ import annotations

import os

import pytest

from tests.visitors.security.matrix import PAGE, everybody, make_site, page_of, route_of, rows_of

pytestmark = [pytest.mark.faults, pytest.mark.django_db]


def test_the_table_of_authorisation_is_what_the_site_answers() -> None:
    names, clients = make_site(), everybody()
    page = page_of(lambda pattern: rows_of(route_of(pattern, names), clients))
    if "UPDATE_AUTHORISATION" in os.environ:
        PAGE.write_text(page)
    assert page.splitlines() == PAGE.read_text().splitlines()
