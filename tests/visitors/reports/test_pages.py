"""Popular pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.visitors.builders import NOON, a_page_view, a_session
from visitors import analytics_service as service
from visitors.exceptions import InvalidParameter
from visitors.reports.answers import Counted
from visitors.reports.filters import Paging
from visitors.reports.metrics import wilson
from visitors.reports.pages import PageRow

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(hours=3)


def pages(**arguments):
    return service.popular_pages(days=7, now=LATER, **arguments)


def test_a_page_shows_views_visitors_entries_exits_and_time():
    a_session(pages=["/", "/about/", "/"], visitor_id=1)
    a_session(pages=["/"], visitor_id=1)
    a_session(NOON - timedelta(days=1), pages=["/", "/about/"], visitor_id=1)
    a_session(pages=["/"] * 9, is_bot=True)
    answer = pages()
    assert (answer.count, answer.pages, answer.page_views) == (2, 1, 6)
    assert answer.results == (
        PageRow("/", "Title of /", 4, 66.7, 2, 3, 2, 50.0, 60_000, {"exit_rate": wilson(2, 4)}),
        PageRow("/about/", "Title of /about/", 2, 33.3, 2, 0, 1, 50.0, 60_000, {"exit_rate": wilson(1, 2)}),
    )


def test_a_page_that_nobody_left_in_time_has_no_time_on_page():
    a_session(pages=["/"])
    assert pages().results[0].time_on_page is None


def test_not_found_is_kept_apart_from_the_figures():
    session = a_session(pages=["/"])
    a_page_view(session, "/old/", status=404)
    a_page_view(session, "/old/", status=404)
    answer = pages()
    assert answer.not_found == (Counted("/old/", 2),)
    assert (answer.page_views, [row.path for row in answer.results]) == (1, ["/"])


def test_pages_are_cut_in_order_and_one_past_the_last_is_empty():
    a_session(pages=["/b/", "/a/", "/c/", "/c/"])
    answer = pages(paging=Paging(page=2, page_size=2))
    assert ([row.path for row in answer.results], answer.count, answer.pages) == (["/b/"], 3, 2)
    assert pages(paging=Paging(page=3, page_size=2)).results == ()


@pytest.mark.parametrize(("page", "page_size"), [(0, 20), (10_001, 20), (1, 0), (1, 101)])
def test_a_page_out_of_bounds_is_refused(page, page_size):
    with pytest.raises(InvalidParameter):
        Paging(page=page, page_size=page_size)
